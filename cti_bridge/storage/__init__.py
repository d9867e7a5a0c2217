"""Where records and the checkpoint go: the local spool first, Postgres behind it.

The engine speaks to the journal only. The journal stages rows and state in the spool (SQLite, one transaction
for both); the writer carries rows from the spool to Postgres, whenever it is there; the ticket desk decides
and shows tickets from memory.
"""
