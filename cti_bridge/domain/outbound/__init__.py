"""A call out: dialling (outbound), the limits of lines (outside), attempts that leave no more than a row (refused), and
the call's way through the dialplan without us (dialplan)."""
