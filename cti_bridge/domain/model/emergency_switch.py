"""The emergency switch of a service: all its callers hear one message, and go on where it leads. What happens then is
prepared in the configuration; that it does is said there, too, or by hand. By hand it is state of the core."""

from dataclasses import dataclass

GO_ON = "go_on"
"""As `Prepared.next`: the scenario that was called begins behind the message, as on other days."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The message and the exit for all scenarios of a service."""

    message: str = ""
    next: str = ""
    """``scenario/step``, or :data:`GO_ON`. Empty: the call ends."""
    on: bool = False
    """The configuration itself has switched it on."""
    until: float | None = None
    """The end of that, POSIX seconds. None: none."""

    @property
    def is_there(self) -> bool:
        return bool(self.message or self.next)


NOTHING_PREPARED = Prepared()


@dataclass(slots=True)
class EmergencySwitch:
    """A service whose switch somebody has set by hand. ``until`` and ``at`` are POSIX seconds."""

    service: str
    message: str
    """In place of the prepared one; empty: that one."""
    until: float | None
    """None: until somebody ends it."""
    by: str
    at: float

    @property
    def id(self) -> str:
        return self.service
