"""Rights (asker): what agents, supervisors and the machine's operator may do."""
