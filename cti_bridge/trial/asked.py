"""The description of a call that is tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SILENCE = "-"
"""The element of ``press`` for a prompt at which the caller presses nothing."""


@dataclass(frozen=True, slots=True)
class Given:
    """The answer of a system that is not asked, as the exit of its step. ``values`` are the values of a lookup."""

    exit: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``number`` is the called number as the PBX sends it, ``at`` the time of the call in POSIX seconds."""

    number: str
    at: float
    caller: str | None = None
    """The caller's number. None: it is withheld."""
    press: tuple[str, ...] = ()
    """The keys for each prompt that takes some, in turn. After the last one the caller presses nothing."""
    agents: int = 1
    """The number of agents who work. Each serves all queues and has all skills."""
    busy: int = 0
    """The number of these agents who are not free when the call comes."""
    wait_s: float | None = None
    """The seconds in a queue after which they are. None: they stay busy."""
    emergency: bool = False
    """Whether the emergency switch of the service is on, whatever it is now."""
    mark: str = ""
    """The reason for which the caller was force disconnected before. Empty: the number has no mark."""
    answers: Mapping[str, Given] = field(default_factory=dict)
    """Answers by step: ``STEP`` of the number's scenario, or ``SCENARIO/STEP``."""
