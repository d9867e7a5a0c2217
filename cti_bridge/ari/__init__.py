"""The PBX's side of the bridge: facts out of Asterisk's events, requests out of the core's actions.

The public name is :class:`cti_bridge.ari.node.Node`, one for each Asterisk. `translate`, `requests`, `refusals`,
`reconcile` and `text` are pure; `http` and `socket` carry requests; `executor` gives the core's actions to them;
`lists` reads what the PBX holds.

What goes wrong in Asterisk has a module each: `event_proof` (a connection brings no events), `stuck` and `lanes` (an
order hangs), `messages` (a sound does not open), `unreadable` (a channel cannot be shown), `retrieves`
(a retrieve is told that is none).
"""
