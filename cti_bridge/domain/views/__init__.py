"""What is shown of an agent and a call (snapshot)."""
