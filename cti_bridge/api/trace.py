"""The trace of logins in the log: who has come from where, who was refused, and why a session has ended.

A CTI ID that does not exist is not written down, for people type their password into the wrong field.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from cti_bridge.api.ports import Measurement, Present
from cti_bridge.domain.border.notices import Notice, SessionEnded
from cti_bridge.domain.model.words import SessionOver

MOST_REFUSALS = 60
"""The most refusals that are written within a minute. Who guesses passwords must not fill the disk."""
_WINDOW_S = 60.0

_log = structlog.get_logger("cti_bridge.api")


class LoginTrace:
    """``clock`` gives seconds."""

    def __init__(self, directory: Present, clock: Callable[[], float]) -> None:
        self._directory, self._clock = directory, clock
        self._window_at, self._told, self._untold = 0.0, 0, 0
        self._logins = 0
        self._ended: Counter[SessionOver] = Counter()

    def came(self, cti_id: str, address: str, *, takes_over: bool, beside: bool = False) -> None:
        self._logins += 1
        _log.info("logged_in", cti_id=cti_id, address=address, beside=beside, takes_over=takes_over)

    def refused(self, cti_id: str, address: str, code: str) -> None:
        now = self._clock()
        if now - self._window_at >= _WINDOW_S:
            if self._untold:
                _log.warning("login_refusals_not_written", count=self._untold)
            self._window_at, self._told, self._untold = now, 0, 0
        if self._told >= MOST_REFUSALS:
            self._untold += 1
            return
        self._told += 1
        known = cti_id if cti_id in self._directory().agents else None
        _log.warning("login_refused", cti_id=known, address=address, code=code)

    def on_notices(self, at: float, notices: Sequence[Notice]) -> None:
        """The engine's listener."""
        for notice in notices:
            if isinstance(notice, SessionEnded):
                self._ended[notice.why] += 1
                _log.info("session_ended", cti_id=notice.cti_id, why=notice.why)

    def measure(self) -> list[Measurement]:
        logins = Measurement("cti_logins", "Logins of agents", self._logins, counter=True)
        return [
            logins,
            *(
                Measurement("cti_sessions_ended", "Ended sessions", self._ended[why], {"why": why}, counter=True)
                for why in SessionOver
            ),
        ]
