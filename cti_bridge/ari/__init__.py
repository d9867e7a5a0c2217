"""The PBX's side of the bridge: facts out of Asterisk's events, requests out of the core's actions.

The public name is :class:`cti_bridge.ari.node.Node`, one for each Asterisk. `translate`, `requests`, `refusals` and
`text` are pure; `http` and `socket` carry requests; `executor` gives the core's actions to them; `reconcile` reads
what the PBX holds.
"""
