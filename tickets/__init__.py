"""Tickets: the record of a conversation. Events, rules and versions are pure. The store reads tickets from Postgres.

This package knows nothing of telephony and imports nothing of the bridge.
"""
