"""Telephone numbers: which may be dialled and what is shown (dialing), and customers who are marked (marks)."""
