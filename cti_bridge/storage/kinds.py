"""The kinds of state in the checkpoint, each once: its name, its type, the part that takes it up at a start, and the
upgrades of entries from earlier releases.

An entry is JSON. An entry of a version after 1 begins with a field for it, ``{"v":2,…``, so versions cost nothing
before there are any. A kind gets a new version when an older program must not read it as its own: a field that it would
drop, a word that it does not know. The upgrade from version n is a function from decoded JSON to decoded JSON, in place
n - 1.

A new kind takes three files: a line here; a file of its own with its type and the part that takes it up; a line where
all kinds are handed over (``CallCenter.take_up`` for the core's, ``app.py`` and ``parts/`` for the others).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cti_bridge.domain.border.records import TicketNoted
from cti_bridge.domain.model.agent import Agent
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.callbacks import Callback, Recording
from cti_bridge.domain.model.emergency_switch import EmergencySwitch
from cti_bridge.domain.model.handling import HandleTimes
from cti_bridge.domain.model.hours import HoursOverride
from cti_bridge.domain.model.kept import Mark, NodeState, Placed, TakenUp
from cti_bridge.domain.model.monitor import Monitor
from cti_bridge.domain.model.soundness import fault_of
from cti_bridge.domain.model.today import DayFigures
from cti_bridge.idempotency import KIND as IDEMPOTENCY_KIND
from cti_bridge.idempotency import Key
from cti_bridge.storage.frequent_number import FrequentNumber
from cti_bridge.storage.older_calls import in_parts, with_parties, with_prompt, with_way
from tickets.ticket import TicketEvent, TicketSummary

T = TypeVar("T")

CORE = "core"
"""Marks a kind that the core takes up by its type (:class:`cti_bridge.domain.model.kept.Kept`)."""


@dataclass(frozen=True)
class Kind(Generic[T]):
    """``taken_by`` is the part that takes it up at a start. ``identity`` gives the id that an entry must have; an entry
    under another id is wrong. ``fault`` gives the fault of an entry that fits the type and yet cannot be used."""

    name: str
    type: type[T]
    taken_by: str
    identity: Callable[[T], str] | None = None
    fault: Callable[[T], str | None] | None = None
    upgrades: tuple[Callable[[Any], Any], ...] = ()

    @property
    def version(self) -> int:
        """The version that is written today."""
        return len(self.upgrades) + 1


def _no_hex(text: str) -> str | None:
    try:
        bytes.fromhex(text)
    except ValueError:
        return "it is not hexadecimal"
    return None


AGENT = Kind("agent", Agent, CORE, lambda agent: agent.cti_id)
CALL = Kind("call", Call, CORE, lambda call: call.id, fault_of, (with_parties, with_prompt, in_parts, with_way))
NODE = Kind("node", NodeState, CORE, lambda node: node.name)
MARK = Kind("mark", Mark, CORE, lambda mark: mark.id)
PLACED = Kind("placed", Placed, CORE, lambda placed: placed.by)
HOURS_OVERRIDE = Kind("hours_override", HoursOverride, CORE, lambda one: one.hours, HoursOverride.fault)
EMERGENCY_SWITCH = Kind("emergency_switch", EmergencySwitch, CORE, lambda one: one.service)
CALLBACK = Kind("callback", Callback, CORE, lambda one: one.id)
RECORDING = Kind("recording", Recording, CORE, lambda one: one.id)
MONITOR = Kind("monitor", Monitor, CORE, lambda one: one.id)
TAKEN_UP = Kind("taken_up", TakenUp, CORE)
HANDLE_TIMES = Kind("handle_times", HandleTimes, CORE, lambda times: times.queue)
FIGURES = Kind("figures", DayFigures, CORE, lambda one: one.id)
TICKET = Kind("ticket", TicketSummary, "desk", lambda ticket: ticket.id)
TICKET_EVENT = Kind("ticket_event", TicketEvent, "desk", lambda event: f"{event.ticket_id}/{event.version}")
TICKET_NOTE = Kind("ticket_note", TicketNoted, "desk")
IDEMPOTENCY = Kind(IDEMPOTENCY_KIND, Key, "repeats", lambda key: key.key)
FREQUENT_NUMBER = Kind("frequent_number", FrequentNumber, "frequent numbers", lambda one: one.id)
FREQUENT_NUMBERS = Kind("frequent_numbers", bool, "frequent numbers")
"""The entry ``read_back`` says that Postgres has no older numbers."""
LOGIN_PLACES = Kind("login_places", list[str], "API")
SECRET = Kind("secret", str, "journal", fault=_no_hex)

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        AGENT, CALL, NODE, MARK, PLACED, HOURS_OVERRIDE, EMERGENCY_SWITCH, CALLBACK, RECORDING, MONITOR, TAKEN_UP,
        HANDLE_TIMES, FIGURES, TICKET, TICKET_EVENT,
        TICKET_NOTE, IDEMPOTENCY, FREQUENT_NUMBER, FREQUENT_NUMBERS, LOGIN_PLACES, SECRET,
    )
}  # fmt: skip
