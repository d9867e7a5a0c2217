"""What is taken up at a start, and what is brought into line later.

checkpoint      the states of before                      unreadable   what those leave behind that cannot be read
reconcile       what a PBX shows when it is back          times        a clock that was set, a stall
configuration   another one, at a start or while calls go on
"""
