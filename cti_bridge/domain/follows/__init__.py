"""Tables of what follows: a deadline that is due (due), a message that is over (after_prompt)."""
