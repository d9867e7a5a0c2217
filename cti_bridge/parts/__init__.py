"""Parts of the running bridge that take more than a line to make: each file makes those of one kind out of what is
there already. ``app.py`` has the order in which all parts begin and end."""
