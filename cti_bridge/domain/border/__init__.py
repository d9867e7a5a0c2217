"""The border of the core: its input and its output.

In: facts, commands. Out: actions (orders to a PBX), records, interval_rows, audit_row and monitor_row (rows), notices
(events for panels), views (the state that is shown), errors (refusals). output gathers all that one fact has led to.
"""
