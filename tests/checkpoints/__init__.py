"""Spools as releases have written them, one for a call in each of its states: whatever comes later reads them.

Each folder is a release, each file a whole spool as SQL text. Files of a release are never changed.

write    makes the files of the present release
read     makes a spool of a file again
"""
