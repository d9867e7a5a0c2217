"""Tickets: what is left of a conversation. Events, rules and versions are pure; the store reads them from
Postgres.

This package knows nothing of telephony and imports nothing of the bridge.
"""
