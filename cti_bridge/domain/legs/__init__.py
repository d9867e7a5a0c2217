"""Legs: what the PBX tells of them.

legs         ready, ringing, answered, in the bridge, ended
keys         pressed by a party
matrix       consequences of a party's leaving
inspection   consequences of a look at a leg
confirming   orders that were refused, lost or not seen: looked at, repeated, failed
foreign      calls that are not ours
vanished     phones that cannot be reached in the middle of a conversation
"""
