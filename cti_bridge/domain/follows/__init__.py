"""Tables of consequences: of a deadline that is due (due), of a message that is over (after_prompt)."""
