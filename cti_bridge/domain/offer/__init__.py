"""A call is offered to an agent: whom it rings and for how long (ringing), the end of the offer
(offer), and the conversation that follows, however the two came together (conversation)."""
