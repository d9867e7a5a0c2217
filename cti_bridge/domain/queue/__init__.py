"""A call enters its queue (queueing), and waits for the agent who is next (waiting). no_calls names the obstacles to a
call for an agent, out_of_reach the callers who wait at another PBX than their agents, figures how many wait, and how
long."""
