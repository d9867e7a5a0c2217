"""Recovery: what a start takes up, and what is brought into line later.

checkpoint      the states of before
unreadable      entries of the checkpoint that cannot be read, and their consequences
reconcile       the list of a PBX that is back
unseen          times in which nobody saw calls, and what has ended in them
times           a clock that was set, a stall
configuration   another configuration, at a start or while calls go on
"""
