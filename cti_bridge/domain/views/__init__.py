"""Views of an agent and a call (snapshot), and of customers who are to be called (callbacks)."""
