"""Permission to use a PBX, where two bridges share it and one of them acts.

Asterisk gives an application's events to whoever asked last, and carries out anybody's requests. So each connection
asks before it opens the event socket, and each request asks before it is sent. The bridge that acts leaves its mark at
the PBX, a global variable with its term: one that was cut off from everything else sees there that a later one has
come."""

from typing import TYPE_CHECKING, Protocol

from cti_bridge.ari.errors import PbxProblem

if TYPE_CHECKING:
    from cti_bridge.ari.mark import PbxMark


class NotActing(PbxProblem):
    """Another bridge acts, or it is not known whether this one does."""


class Gatekeeper(Protocol):
    @property
    def closed(self) -> bool:
        """Nothing may be sent now."""

    async def passed(self) -> bool:
        """Wait until something may be sent. Return False when nothing may any more."""

    async def admit(self, mark: "PbxMark") -> None:
        """Return when the event socket of this PBX may be opened. Raises a PbxProblem."""


class Nobody:
    """The gatekeeper of a bridge without a spare: it lets everything through."""

    closed = False

    async def passed(self) -> bool:
        return True

    async def admit(self, mark: "PbxMark") -> None:
        """Return at once."""
