"""Every setting: its name, type, default and meaning. The types of values are in :mod:`cti_bridge.config.kinds`.

Files are read strictly (``"20"`` is no number). Relations between settings are in :mod:`cti_bridge.config.checks`.
Relative paths are relative to the directory of the main configuration file, never to the working directory. So the same
configuration means the same files wherever the bridge is started from.

section     the base of all tables
process     the bridge itself: what it serves, where it keeps state, the PBXs that it drives
policy      the rules of the house
services    services, the numbers that their customers see, the people who work for them
queues      who gets a call of a queue, when a call leaves it, what becomes of the call then
hours       opening hours
scenarios   steps, tests, lists of numbers
whole       all tables by name
"""
