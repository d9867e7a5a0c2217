"""Legs: what the PBX tells of them.

legs         ready, ringing, answered, in the bridge, ended   matrix    who leaves, and what happens
inspection   what is seen of a leg, and what follows          foreign   calls that are none of ours
confirming   orders that were refused, lost or not seen: looked at, repeated, failed
"""
