"""A call comes in (inbound), enters its queue (queueing), and waits for the agent who is next (waiting). no_calls says
why an agent is given none.
"""
