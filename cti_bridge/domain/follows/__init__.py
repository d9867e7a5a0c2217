"""Tables of consequences: of a deadline that is due (due), of a message that is over (after_prompt), of a step to
which a call comes (beginnings)."""
