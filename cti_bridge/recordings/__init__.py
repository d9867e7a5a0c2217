"""The store of recordings: files that a PBX has written, in a directory of the bridge's own.

store   fetches each file, deletes it there, and after the time of retention here
wav     the header of such a file
layout  the time line of a conversation: silence where something was left out
places  where files of conversations lie
objects S3-compatible storage
keeper  moves files there, and deletes what is left over
expiry  deletes conversations that were kept long enough
"""
