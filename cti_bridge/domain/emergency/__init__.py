"""Calls to emergency services (emergency), and emergency calls on a PBX that the bridge does not know
(unknown_emergency)."""
