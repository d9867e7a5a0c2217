"""The things that supervisors watch: live page and wallboard (requirement L1), made of the present state of the core.

shapes  one row of each kind
rows    the rows, from the floor
board   the rows of a wallboard: queues, services, teams, help
"""
