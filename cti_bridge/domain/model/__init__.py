"""Data and tables. Nothing here changes anything.

words        the words of rows, views and events
ids          ids that we make, and what an id says of its object
agent, call  the two with their states
parts        parts of a call: the customer, the wait, the dialling
course       what a row tells of the way of a call: waits, talks, holds
prompt       a message that plays
announcement what callers hear while they wait, and when
handling     how long agents have a call
ranks        who is before whom in a queue
scenario     the steps that a call takes before an agent has it; way: where a call is among them
stretch      who takes part in a state of a call, and a transfer that goes on
visit        one stay of a call in a queue
today        figures of today, and days
working      how many agents work for each queue
typed        the keys that a caller has pressed
plan         the stages of a queue: whom a call asks for, by its wait; working: how many work there
wiring       the place of each party, by the state of the call
recorder     what is recorded of a conversation; recorded: when it is, by the state of the call
monitor      a supervisor who monitors a call, and what that follows from
callbacks    customers who are to be called, and recordings of what they have said
directory    the configuration
edge         the edge with which all phones register, as a PBX sees it
hours        opening hours, and those that somebody has set by hand
emergency_switch   what callers of a service hear in an emergency
differences  differences between two configurations
kept         state of the checkpoint beside agents and calls
soundness    whether a call hangs together
deadlines    kinds of deadlines, and the heap of those that are set
timestamps, numbering   how times and numbers are written
talks        who has talked with a number, and who of them was the last
reasons      why a call waits, and why an agent is given none
number_list  a list of numbers and prefixes
"""
