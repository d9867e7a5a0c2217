"""Telephone numbers: those that may be dialled and shown (dialing), and customers who are marked (marks)."""
