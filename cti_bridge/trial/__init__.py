"""Tries a scenario without a phone (requirement H4): which way a call would take, what its caller would hear, how it
would end. The core is the real one; caller, PBX and agents are a model, and no real system is called.

asked    what is tried: the number, the time, the keys, the agents, the answers of systems beside the bridge
words    what the model knows of each kind of step: the one table to extend for a new kind
pbx      what a PBX answers to the actions of the core
trial    the course of the call
taken    its result
shown    the result as text and as JSON
zone     the time zone in which a time is meant
"""
