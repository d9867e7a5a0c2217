"""The end of a leg (causes) and of a call: its outcome, its last_message, the agent's state after it (aftermath), its
ticket (ticketing), the row of a session that ends (login)."""
