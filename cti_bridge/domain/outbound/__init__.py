"""A call out: dialling (outbound), the limits of lines (outside), and the call's way through the dialplan without us
(dialplan)."""
