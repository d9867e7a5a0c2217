"""A call enters its queue (queueing), goes through its stages (stages), and waits: for the agent who is next (waiting),
for the one who talked last with the number (last_agent), or for an exit (exits).

Its limits (limits) are full, nobody works, closed. working counts who works for a queue. no_calls names the obstacles
to a call for an agent, out_of_reach the callers who wait at another PBX than their agents. phones_gone names queues
whose phones have gone together, figures how many wait, and how long. why_call and why_agent say in these terms why a
call waits, and why an agent is given none.

order says who is before whom, expected how long a call will probably wait, brackets what a caller is told of that, and
announcements when."""
