"""Views of an agent and a call (snapshot)."""
