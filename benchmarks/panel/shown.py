"""How long a change took from the core's decision until it was on the screen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame with the agent's view. ``at_ms`` is the time of the fact that the core decided on, ``heard_ms`` when the
    page had it; POSIX milliseconds both, as all here."""

    label: str
    at_ms: float
    heard_ms: float


@dataclass(frozen=True, slots=True)
class Shown:
    """A label of the agent's state, and the animation frame that showed it first."""

    label: str
    drawn_ms: float


@dataclass(frozen=True, slots=True)
class Delay:
    """From the decision to the page, and on to the screen, in milliseconds."""

    label: str
    to_page: float
    in_page: float

    @property
    def whole(self) -> float:
        return self.to_page + self.in_page


@dataclass(frozen=True, slots=True)
class OnScreen:
    """``unseen`` are changes that were never drawn: another one came before the next animation frame."""

    delays: list[Delay]
    unseen: int


def on_screen(heard: Sequence[Heard], shown: Sequence[Shown]) -> OnScreen:
    """A drawn label is that of the newest change to it that the page had then."""
    changes = list(_changes(heard))
    drawn: dict[Heard, float] = {}
    for one in shown:
        known = [change for change in changes if change.label == one.label and change.heard_ms <= one.drawn_ms]
        if known:
            drawn.setdefault(known[-1], one.drawn_ms)
    delays = [Delay(one.label, one.heard_ms - one.at_ms, at - one.heard_ms) for one, at in drawn.items()]
    return OnScreen(delays, len(changes) - len(drawn))


def _changes(heard: Sequence[Heard]) -> Iterator[Heard]:
    """Frames whose label is another one than before."""
    before = None
    for one in heard:
        if one.label != before:
            yield one
        before = one.label
