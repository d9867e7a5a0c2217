"""Telephone numbers: those that may be dialled and shown (dialing), customers who are marked (marks), and numbers that
stand in lists (lists)."""
