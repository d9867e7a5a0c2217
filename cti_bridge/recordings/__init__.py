"""The store of recordings: files that a PBX has written, in a directory of the bridge's own.

store   fetches each file, deletes it there, and after the time of retention here
wav     the header of such a file
"""
