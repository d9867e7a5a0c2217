"""Calls to emergency services (emergency), and those that a PBX shows and nobody knows (unknown_emergency)."""
