"""A call is offered to an agent: whom it rings and for how long (ringing), and the end of the offer (offer)."""
