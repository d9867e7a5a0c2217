"""Views of an agent and a call (snapshot) with its recording, of queues (queues), and of customers who are to be called
(callbacks)."""
