"""The hot spare: two bridges on two machines, of which one acts and the other is loaded and warm.

- :mod:`~cti_bridge.spare.lease`: who may try to act, as a row in Postgres.
- :mod:`~cti_bridge.spare.holding`: renews the lease while this bridge acts, and notices when it should hand over.
- :mod:`~cti_bridge.spare.fence`: holds back whatever goes out until a bridge that stood still knows that it still acts.
- :mod:`~cti_bridge.spare.admission`: who may open a PBX's event socket. The PBX says who is.
- :mod:`~cti_bridge.spare.reach`: which PBXs a spare reaches, without their sockets.
- :mod:`~cti_bridge.spare.standby`: the spare itself.
- :mod:`~cti_bridge.spare.acting`: what the bridge that acts has more than one without a spare.
- :mod:`~cti_bridge.spare.pair`: the two roles of a process, in turn.

The states come by another way (:mod:`cti_bridge.storage.shipping`).
"""
