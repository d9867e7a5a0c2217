"""How a call ends: its outcome, its last_message, what becomes of the agent (aftermath), its ticket (ticketing)."""
