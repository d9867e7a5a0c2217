"""Telephone numbers: those that may be dialled and shown (dialing), those under which callers are called back
(called_back), customers who are marked (marks), and numbers that stand in lists (lists)."""
