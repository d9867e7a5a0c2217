"""Telephone numbers: the form in which they are kept (e164), the forms in which they come (forms, signs), their kinds
(kinds), and called numbers without a scenario (unknown)."""
