"""Shared by all procedures: the present calls, agents and legs, and each change of them.

floor        every change of an agent or a call, with its row         access   whose call a command names
rewire       orders that bring the parties to where they are wanted   codecs   which bridge joins them
orders       each kind of order: what confirms it, how it is looked at, how often, what its failure means
"""
