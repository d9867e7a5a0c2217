"""What the PBX tells of legs.

legs         ready, ringing, answered, in the bridge, ended   matrix    who leaves, and what happens
inspection   what was ordered and is not seen                 foreign   calls that are none of ours
"""
