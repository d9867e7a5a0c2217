"""The store of recordings: files that a PBX has written, in a directory of the bridge's own.

store   fetches each file, deletes it there, and after the time of retention here
wav     the header of such a file
layout  the time line of a conversation: silence where something was left out
expiry  deletes conversations that were kept long enough
"""
