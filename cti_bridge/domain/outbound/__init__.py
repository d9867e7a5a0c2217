"""A call out: dialling (outbound), the limits of lines (outside), the call's way through the dialplan without us (dialplan),
and attempts that leave no more than a row (refused)."""
