"""A stretch of a call: who takes part in it while its state stays the same. And a transfer that goes on. Each is kept
with its call until it is over, and is a row then (tables ``call_interval`` and ``transfer``).
"""

from msgspec import Struct

from cti_bridge.domain.model.words import TransferKind


class Stretch(Struct, gc=False):
    """The parties beside the customer, since the call came into its state."""

    cti_id: str | None
    """The agent who leads the call."""
    held_by: str | None = None
    """The means by which the customer is on hold: panel, phone, consult. None: they are not."""
    target_cti_id: str | None = None
    """The agent who is consulted."""
    target_number: str | None = None
    """The outside number that somebody talks with."""


class TransferUnderWay(Struct, gc=False):
    """A consultation or a transfer, from the request on. Times are POSIX seconds of the engine's clock."""

    id: str
    seq: int
    """The number of the transfer in its call, from 1."""
    kind: TransferKind
    by_cti_id: str | None
    """The agent who asked for it; None: a step of the scenario."""
    begun_at: float
    target_cti_id: str | None = None
    target_number: str | None = None
    target_queue: str | None = None
    target_scenario: str | None = None
    answered_at: float | None = None
