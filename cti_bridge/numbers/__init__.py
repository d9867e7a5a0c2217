"""Telephone numbers: the form in which they are kept (e164), the forms in which they come (forms, signs), and called
numbers without a scenario (unknown)."""
