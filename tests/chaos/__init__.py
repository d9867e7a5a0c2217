"""``make chaos``: calls of all kinds while everything fails that can fail, and a checker of all that was promised.

:mod:`house` starts the parts with a proxy on each connection of the bridge; :mod:`people` are callers and phones,
:mod:`agents` the agents at their panels; :mod:`faults` break things; :mod:`ear` and :mod:`trace` note what the PBX,
the agents and the faults did; :mod:`promises` compares it with the rows that the bridge has left.
"""
