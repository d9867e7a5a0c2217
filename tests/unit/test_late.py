"""The places in the checkpoint's states by which late rows are told apart: they are where the states have them (P1)."""

from typing import Any

import msgspec
import pytest

from cti_bridge.domain.model.agent import Agent, Login
from cti_bridge.domain.model.call import Offer
from cti_bridge.domain.model.callbacks import Callback, CallbackKind, Recording
from cti_bridge.domain.model.hours import HoursOverride, OpenState
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import VisitKind
from cti_bridge.storage import kinds
from cti_bridge.storage.checkpoint import encode
from cti_bridge.storage.late import PRESENT
from tests.support.storage import live_call
from tickets.ticket import TicketSummary


def call() -> Any:
    made = live_call("c1")
    made.version = 7
    made.visit = Visit("v1", 1, "support", VisitKind.NEW, 1.0, version=3)
    made.offer = Offer("o1", "a1", 1.0, 2.0)
    return made


STATES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "call": (kinds.CALL.name, call(), {"id": "c1", "version": 7}),
    "queue_visit": (kinds.CALL.name, call(), {"id": "v1", "version": 3}),
    "offer": (kinds.CALL.name, call(), {"id": "o1"}),
    "login": (kinds.AGENT.name, Agent("a1", "1001", login=Login("l1", 1.0, None)), {"id": "l1"}),
    "hours_override": (
        kinds.HOURS_OVERRIDE.name,
        HoursOverride("office", OpenState.CLOSED, None, "operator", 1.0, "h1"),
        {"id": "h1"},
    ),
    "callback": (
        kinds.CALLBACK.name,
        Callback("b1", CallbackKind.VOICEMAIL, "acme", "support", None, "", 1.0, version=3),
        {"id": "b1", "version": 3},
    ),
    "recording": (
        kinds.RECORDING.name,
        Recording("r1", "a name", "main", "c1", "acme", "support", 1.0, version=3),
        {"id": "r1", "version": 3},
    ),
    "ticket": (
        kinds.TICKET.name,
        TicketSummary("t1", "acme", "c1", "open", "a1", "", 1.0, 3),
        {"id": "t1", "version": 3},
    ),
}


@pytest.mark.parametrize("table", PRESENT)
def test_the_object_of_a_row_is_found_in_its_state(table: str) -> None:
    kind, state, wanted = STATES[table]
    found = PRESENT[table].part(msgspec.json.decode(encode(kind, state)))
    assert PRESENT[table].kind == kind
    assert found is not None and {name: found[name] for name in wanted} == wanted
