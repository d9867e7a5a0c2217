"""The PBX's side of the bridge: facts out of Asterisk's events, requests out of the core's actions.

The public name is :class:`cti_bridge.ari.node.Node`, one for each Asterisk. `translate`, `requests`, `refusals`,
`reconcile` and `text` are pure. `http` and `socket` carry requests. `executor` carries out the core's actions through
them. `lists` reads the PBX's channels, bridges and phones. `probe`, `music` and `takeover` ask what the PBX lacks.

Each fault of Asterisk has a module:

event_proof    a connection brings no events
stuck, lanes   an order hangs
messages       a sound does not open
unreadable     a channel cannot be shown
retrieves      a retrieve is told though the phone still holds
"""
