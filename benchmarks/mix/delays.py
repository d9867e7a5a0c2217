"""How long callers, agents and called customers waited for the machine."""

from collections.abc import Mapping, Sequence

from benchmarks.latency import Quantiles, quantiles
from benchmarks.mix.kinds import PlannedCall
from benchmarks.sipp import Logged

Times = Mapping[str, float]
"""POSIX seconds by customer's number."""

CALLER_TO_AGENT = "INVITE to agent's INVITE"
ANSWER_TO_BRIDGE = "200 to both in bridge"
DIAL_TO_AGENT = "dial command to agent's INVITE"
AGENT_TO_CUSTOMER = "agent's 200 to customer's INVITE"
COMMAND = "request at the API until its answer"


def delays(
    calls: Sequence[PlannedCall],
    customers: Sequence[Logged],
    phones: Sequence[Logged],
    joined_at: Times,
    dialed_at: Times,
    commands_ms: Sequence[float],
) -> dict[str, Quantiles | None]:
    """In milliseconds. Of each call its first agent counts."""
    inbound = [call.number for call in calls if not call.kind.outbound]
    outbound = [call.number for call in calls if call.kind.outbound]
    invite, rung, answered = _first(customers, "invite"), _first(phones, "invite"), _first(phones, "answer")
    return {
        CALLER_TO_AGENT: _between(inbound, invite, rung),
        ANSWER_TO_BRIDGE: _between(inbound, answered, joined_at),
        DIAL_TO_AGENT: _between(outbound, dialed_at, rung),
        AGENT_TO_CUSTOMER: _between(outbound, answered, invite),
        COMMAND: quantiles(commands_ms),
    }


def _between(numbers: Sequence[str], begun: Times, ended: Times) -> Quantiles | None:
    return quantiles([(ended[one] - begun[one]) * 1e3 for one in numbers if one in begun and one in ended])


def _first(lines: Sequence[Logged], event: str) -> dict[str, float]:
    return {line.number: line.at for line in reversed(lines) if line.event == event}
