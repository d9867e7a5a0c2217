"""Monitoring of calls by supervisors. The files: rules has the beginning and the end, places the orders, told the facts
about legs, and recover a start or a PBX that is back."""
