"""The shape of an agent's own day."""

from cti_bridge.api.schemas import Answered


class DayState(Answered):
    """``name`` is that of a state in the report agent-states. ``times`` is how often it began, ``lasted_s`` the seconds
    in it, up to now."""

    name: str
    times: int
    lasted_s: float


class DayReason(Answered):
    """Rest or business by reason, as in the report agent-reasons."""

    status: str
    reason: str
    times: int
    lasted_s: float


class NotTaken(Answered):
    """An offer that was not taken. ``customer_number`` is masked, and null when it is withheld."""

    at: str
    result: str
    customer_number: str | None
    queue: str | None


class DayAnswer(Answered):
    """The agent's own day in the time zone of their first service, from ``since`` up to ``till``, now. ``calls`` are
    figures of the report agent-calls, by their names there; a call that goes on has its times when they are over.
    ``not_taken`` has the latest."""

    timezone: str
    since: str
    till: str
    calls: dict[str, float | None]
    states: list[DayState]
    reasons: list[DayReason]
    not_taken: list[NotTaken]
