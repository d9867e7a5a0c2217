"""The kinds of calls of the mix, their shares, and which call is of which kind.

A call's kind stands in its number, for SIPp, the driver and the rows of Postgres know a call by nothing else.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

SEED = 20
_FIRST = 1_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """``share`` of all calls. ``agents`` is how many agents' phones answer, one after another."""

    name: str
    share: float
    prefix: str
    """Of the customer's number. scenarios/agent.xml knows by it whether the agent's phone is to end the call."""
    agents: int = 1
    outbound: bool = False

    @property
    def offers(self) -> int:
        """Rows that the call leaves in cti.offer: whoever dials is offered nothing."""
        return 0 if self.outbound else self.agents


INBOUND = Kind("inbound", 0.70, "+82102")
OUTBOUND = Kind("outbound", 0.15, "+82104", outbound=True)
HOLD = Kind("hold", 0.10, "+821031")
TRANSFER = Kind("transfer", 0.025, "+821032", agents=2)
CONSULT = Kind("consult", 0.025, "+821033", agents=2)

KINDS = (INBOUND, OUTBOUND, HOLD, TRANSFER, CONSULT)


@dataclass(frozen=True, slots=True)
class PlannedCall:
    number: str
    """The customer's, in E.164: one a call."""
    kind: Kind
    at_s: float
    """Seconds from the beginning."""


def plan(calls: int, rate: float, seed: int = SEED) -> list[PlannedCall]:
    """``calls`` calls at ``rate`` a second, each kind with its share to the call, in an order that ``seed`` decides."""
    kinds = [kind for kind, count in _counts(calls).items() for _ in range(count)]
    random.Random(seed).shuffle(kinds)
    return [PlannedCall(_number(kind, index), kind, index / rate) for index, kind in enumerate(kinds)]


def kind_of(number: str) -> Kind | None:
    """None when it is no number of the mix."""
    return next((kind for kind in KINDS if number.startswith(kind.prefix)), None)


def _number(kind: Kind, index: int) -> str:
    """A mobile number of Korea has eight digits behind +8210."""
    return kind.prefix + str(_FIRST + index)[-(len("+821012345678") - len(kind.prefix)) :]


def _counts(calls: int) -> dict[Kind, int]:
    """By largest remainder, so that the parts sum up to the whole."""
    counts = {kind: int(kind.share * calls) for kind in KINDS}
    by_remainder: Sequence[Kind] = sorted(KINDS, key=lambda kind: counts[kind] - kind.share * calls)
    for kind in by_remainder[: calls - sum(counts.values())]:
        counts[kind] += 1
    return counts
