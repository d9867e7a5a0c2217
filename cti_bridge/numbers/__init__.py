"""Telephone numbers: the form in which one is kept (e164), the forms in which it comes (forms, signs), and numbers that
are called and have no scenario (unknown)."""
