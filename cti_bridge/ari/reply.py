"""An answer to a request, whichever way it went."""

from dataclasses import dataclass

from cti_bridge.ari.refusals import DROPPED, TIMED_OUT


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` is HTTP's, or one of :mod:`cti_bridge.ari.refusals`; ``body`` is JSON or empty."""

    status: int
    body: bytes | str = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


NO_ANSWER = Reply(TIMED_OUT)
WAS_DROPPED = Reply(DROPPED)
"""The reply to a request that was never sent, or whose socket closed before the answer: it may have been carried
out."""
