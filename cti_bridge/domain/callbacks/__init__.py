"""Customers who are to be called, and what they have said (requirements J1, J6).

entries     messages and wishes to be called back: registered, done, forgotten
recordings  what is recorded of a call: begun, over, stored, deleted
"""
