"""Storage of records and the checkpoint: the local spool first, then Postgres.

The engine speaks to the journal only. The journal stages rows and state in the spool (SQLite, one transaction for
both). The writer carries rows from the spool to Postgres, whenever Postgres is there. The ticket desk decides changes
of tickets, and shows tickets from memory.
"""
