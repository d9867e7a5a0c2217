"""Place and wait as a caller is told them, once something was said before (requirement I4).

A position is never higher than one before. A bracket is said again only when it is lower. When its upper end has passed
since it was said, no time is said to this caller any more.
"""

from cti_bridge.domain.model.announcement import BRACKETS, WAIT, bracket_of, position_sound
from cti_bridge.domain.model.visit import Visit


def say_position(visit: Visit, position: int) -> str:
    """Return the sound for the position, and note what it says."""
    visit.said_position = min(position, visit.said_position or position)
    return position_sound(visit.said_position)


def say_wait(visit: Visit, expected_s: float | None, now: float) -> str | None:
    """Return the sound for the bracket of the expected wait, and note that it is said; None: nothing is said."""
    if expected_s is None:
        return None
    before, said_at = visit.said_wait, visit.said_wait_at
    bracket = bracket_of(expected_s)
    if before is not None and said_at is not None and (bracket >= before or now - said_at > BRACKETS[before][0]):
        return None
    visit.said_wait, visit.said_wait_at = bracket, now
    return WAIT + BRACKETS[bracket][1]
