"""Telephone numbers: those that may be dialled and shown (dialing), and those under which callers are called back
(called_back). Customers who are marked (marks), numbers that stand in lists (lists), talks with numbers (talked)."""
