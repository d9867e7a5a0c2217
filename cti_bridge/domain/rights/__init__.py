"""Rights (asker): what agents, supervisors and the machine's operator may do; and which of their acts are written down
(audit)."""
