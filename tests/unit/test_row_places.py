"""Rows are filled by position, so each field of a row is compared with the one that it is taken from."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from msgspec import Struct

from cti_bridge.domain.border.records import AgentStateChange, CallRow, OfferRow, QueueVisit
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState, Offer
from cti_bridge.domain.model.parts import Customer
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.words import Cause, Direction, OfferResult, VisitKind
from tests.support.changed import field_names
from tests.unit.floor import Driver, agent_entry, directory


def told_apart(thing: Any, numbers: Iterator[int]) -> None:
    """Put another value into each field of the object and of its parts."""
    for name in field_names(thing):
        part = getattr(thing, name)
        if isinstance(part, Struct):
            told_apart(part, numbers)
        elif not isinstance(part, dict | list):
            setattr(thing, name, next(numbers))


def a_call() -> Call:
    call = Call("c", "main", Direction.INBOUND, Customer(None), "1", 0.0, CallState.ENDED, 0.0)
    told_apart(call, count(1))
    call.direction = Direction.INBOUND
    call.variables["tier"] = "gold"
    return call


def compare(row: Any, by_place: Mapping[str, object], *of: object) -> None:
    """Each field of the row is that of its name in one of the objects, unless ``by_place`` says otherwise."""
    for name in field_names(row):
        named = (getattr(one, name) for one in of if hasattr(one, name))
        wanted = by_place[name] if name in by_place else next(named)
        assert getattr(row, name) == wanted, name


def test_a_call() -> None:
    call = a_call()
    otherwise = {
        "customer_number": call.customer.number,
        "ended_at": call.end.at,
        "ended_by": call.end.by,
        "ended_in": call.end.state,
        "data": {"tier": "gold"},
    }
    compare(CallRow.of(call), otherwise, call, call.end, call.course, call.dialling)


def test_a_visit() -> None:
    call, visit = a_call(), Visit("v", 1, "support", VisitKind.NEW, 0.0)
    told_apart(visit, count(1000))
    otherwise = {
        "call_id": call.id,
        "talk_s": call.course.talk_s - visit.talk_before_s,
        "hold_s": call.course.hold_s - visit.hold_before_s,
        "after_call_s": None,
    }
    compare(QueueVisit.of(call, visit), otherwise, visit, call)


def test_an_offer() -> None:
    offer = Offer("o", "a1", 0.0, 0.0)
    told_apart(offer, count(1))
    row = OfferRow.of("c1", offer, 5.0, OfferResult.MISSED, seen_late=True)
    compare(row, {"call_id": "c1", "ended_at": 5.0, "result": OfferResult.MISSED, "seen_late": True}, offer)


def test_a_change_of_an_agent() -> None:
    driver = Driver(directory(agent_entry(1)))
    floor, agent = driver.center.floor, driver.agent("a1")
    agent.seq, agent.since, agent.status, agent.reason, agent.session = 7, floor.now - 30.0, Status.REST, "break", "s"
    floor.set_agent(
        agent, Cause.DIAL, state=AgentState.DIALING, status=Status.BUSINESS, reason="meeting", call_id="c1", by="s1"
    )
    row = next(record for record in floor.gathered().records if isinstance(record, AgentStateChange))
    asked = {"id": row.id, "cause": Cause.DIAL, "call_id": "c1", "at": floor.now, "lasted_s": 30.0}
    before = {"from_status": Status.REST, "from_state": AgentState.IDLE, "from_reason": "break"}
    after = {"to_status": Status.BUSINESS, "to_state": AgentState.DIALING, "reason": "meeting"}
    compare(
        row,
        asked | before | after | {"after_call_of": None, "after_call_kind": None, "seen_late": False, "by": "s1"},
        agent,
    )
    assert row.id not in ("a1", "c1")
