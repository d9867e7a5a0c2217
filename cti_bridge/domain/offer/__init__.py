"""A call is offered to an agent: who is rung, and for how long (ringing), and what comes of it (offer)."""
