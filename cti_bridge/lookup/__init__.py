"""Lookups: what a system of the house knows of a caller. ``client`` asks over HTTP, ``answer`` reads what comes back,
``target`` says whom to ask."""
