"""Views of an agent and a call (snapshot) with its recording and its monitors, of queues (queues), and of customers who
are to be called (callbacks)."""
