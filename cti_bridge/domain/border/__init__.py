"""What goes into the core and what comes out of it.

In: facts, commands. Out: actions (orders to a PBX), records (rows), notices (what panels are told), views (what is
shown), errors (refusals). output is all that one fact has led to.
"""
