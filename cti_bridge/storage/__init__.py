"""Storage of records and the checkpoint: the local spool first, then Postgres.

The engine speaks to the journal only. The journal stages rows and state in the spool (SQLite, one transaction for
both). The writer carries rows from the spool to Postgres, whenever Postgres is there. The ticket desk decides changes
of tickets, and shows tickets from memory.

spool, spool_file, lock, disk_pace the local disk
kinds, checkpoint, older_calls     present states: what there is, how it is read, what earlier releases wrote
journal                            what the engine speaks to
writer, rows, bridge.sql, outages  the way to Postgres
unshipped, shipping, shipped, shipping.sql       states for a hot spare, before the rows
late                               rows of a bridge that was replaced
database, session, migrate, migrations           Postgres itself
closing, rescue, salvage           what an earlier run has left, and what cannot be read
last_talks                         who has talked with a number
retention                          old rows are deleted
ticket_desk, cached_tickets, ticket_checkpoint   tickets
repeats, frequent_numbers, login_places          what else is kept
"""
