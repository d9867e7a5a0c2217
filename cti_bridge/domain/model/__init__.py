"""Data and tables: what is so. Nothing here changes anything.

words        the words of rows, views and events        ids          made here, and what one says of its object
agent, call  with their states                          prompt       a message that plays
wiring       where the table wants each party           directory    the configuration; differences between two
kept         what the checkpoint holds beside agents and calls; soundness: whether a call hangs together
deadlines    kinds of deadlines, and the heap of those that are set
timestamps, numbering   how times and numbers are written
"""
