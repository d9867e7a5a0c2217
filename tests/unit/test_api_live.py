"""The streams behind the event sockets."""

import asyncio
import json
from typing import Any

from cti_bridge.api.feed import Feed
from cti_bridge.api.live import AT_A_TIME, Live, concerned
from cti_bridge.api.streams import KEPT, Panel
from cti_bridge.domain.border.commands import PanelChanged
from cti_bridge.domain.border.notices import (
    AgentChanged,
    CallConnected,
    CallEnded,
    OfferEnded,
    OfferMade,
    RecordingReady,
    SessionEnded,
)
from cti_bridge.domain.model.call import Role
from cti_bridge.domain.model.directory import AgentEntry, Directory
from cti_bridge.domain.model.words import EndedBy, OfferResult, Outcome, SessionOver
from tests.support.fake_desk import FakeDesk
from tests.support.fake_engine import AT, FakeEngine, agent_view, call_view
from tickets import rules

HOUSE = Directory(agents={"a2": AgentEntry("a2", "1002", "Juno Lee", ("acme",))})


class Given:
    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.live = Live(self.engine, lambda: AT, lambda: HOUSE, Feed({}, lambda: AT))
        self.engine.listeners.append(self.live.on_notices)
        self.engine.views["a1"] |= {"status": "ready"}

    def panel(self, resume: tuple[str, int] | None = None) -> Panel:
        panel = self.live.attach("a1", "session", resume)
        assert panel is not None
        return panel

    def told(self) -> list[PanelChanged]:
        return [self.engine.told.get_nowait() for _ in range(self.engine.told.qsize())]


def frames(panel: Panel) -> list[dict[str, Any]]:
    found = []
    while (frame := panel.next_frame()) is not None:
        found.append(json.loads(frame))
    return found


async def test_given_a_new_panel_then_a_snapshot_and_then_every_change_numbered_without_gap() -> None:
    given = Given()
    panel = given.panel()
    for status in ("ready", "rest"):
        given.engine.change("a1", status=status)
    first, *changes = frames(panel)
    assert (first["type"], first["seq"], first["agent"]["cti_id"]) == ("snapshot", 0, "a1")
    assert [(one["type"], one["seq"], one["agent"]["status"]) for one in changes] == [
        ("agent.changed", 1, "ready"),
        ("agent.changed", 2, "rest"),
    ]
    assert changes[0]["at"] == "2026-11-21T03:00:00.250Z"


async def test_given_each_kind_of_notice_then_its_frame() -> None:
    given = Given()
    panel = given.panel()
    offer = {"offer_id": "o", "call_id": "c", "expires_at": "…"}
    call = call_view("c")
    given.engine.offers["a1"], given.engine.calls["c"] = offer, call
    given.engine.happen(
        OfferMade("a1", "o"),
        OfferEnded("a1", "o", OfferResult.ANSWERED),
        CallConnected("a1", "c"),
        CallEnded("a1", "c", Role.AGENT, Outcome.COMPLETED, EndedBy.AGENT),
        RecordingReady("a1", "r", "c", "t", "acme", 4.0, None),
    )
    given.live.notice("a1", "code", "text")
    shown = [{k: v for k, v in one.items() if k not in ("seq", "at")} for one in frames(panel)[1:]]
    assert shown == [
        {"type": "offer.made", "offer": offer, "call": call},
        {"type": "offer.ended", "offer_id": "o", "result": "answered"},
        {"type": "call.connected", "call": call},
        {"type": "call.ended", "call_id": "c", "role": "agent", "outcome": "completed", "ended_by": "agent"},
        {"type": "recording.ready", "recording_id": "r", "call_id": "c", "ticket_id": "t", "service": "acme"}
        | {"length_s": 4.0, "missing_s": None},
        {"type": "notice", "code": "code", "text": "text"},
    ]


async def test_given_an_offer_that_is_over_within_the_same_fact_then_no_offer_made_frame() -> None:
    given = Given()
    panel = given.panel()
    given.engine.happen(OfferMade("a1", "gone"), OfferEnded("a1", "gone", OfferResult.WITHDRAWN))
    assert [one["type"] for one in frames(panel)] == ["snapshot", "offer.ended"]


async def test_given_a_resume_within_what_is_kept_then_exactly_what_was_missed() -> None:
    given = Given()
    panel = given.panel()
    stream = panel.places[0].stream.id
    given.engine.change("a1")
    given.live.detach(panel)
    for _ in range(KEPT):
        given.engine.change("a1")
    assert [one["seq"] for one in frames(given.panel((stream, 1)))] == list(range(2, KEPT + 2))


async def test_given_a_resume_that_is_too_old_or_of_another_stream_or_ahead_then_a_snapshot() -> None:
    given = Given()
    stream = given.panel().places[0].stream.id
    for _ in range(KEPT + 1):
        given.engine.change("a1")
    for resume in ((stream, 0), ("another", KEPT), (stream, KEPT + 2)):
        found = frames(given.panel(resume))
        assert [(one["type"], one["seq"]) for one in found] == [("snapshot", KEPT + 1)]


async def test_given_a_panel_that_reads_nothing_then_it_is_closed_and_the_others_go_on() -> None:
    given = Given()
    slow, quick = given.panel(), given.panel()
    for count in range(KEPT + 1):
        given.engine.change("a1")
        assert len(frames(quick)) == (2 if count == 0 else 1)
    assert slow.closed.result()[0] == 1013
    assert slow.next_frame() is not None, "its snapshot, which does not live in the ring"
    assert slow.next_frame() is None, "and no frame that is not the next"
    assert not quick.closed.done()
    assert given.live.slow_readers == 1


async def test_given_several_panels_then_the_engine_hears_of_the_first_and_of_the_last() -> None:
    given = Given()
    one, two = given.panel(), given.panel()
    given.live.detach(one)
    assert given.told() == [PanelChanged("a1", True)]
    given.live.detach(two)
    given.live.detach(two)
    assert given.told() == [PanelChanged("a1", False)]


async def test_given_the_session_is_moved_then_the_old_panel_is_told_why_and_closed() -> None:
    given = Given()
    panel = given.panel()
    given.engine.views["a1"] |= {"status": "business"}
    given.engine.happen(SessionEnded("a1", "session", SessionOver.TAKEOVER), AgentChanged("a1"))
    assert panel.closed.result()[0] == 4001
    assert [one.get("code", one["type"]) for one in frames(panel)] == ["snapshot", "agent.changed", "session_moved"]
    assert frames(given.panel((panel.places[0].stream.id, 0)))[0]["type"] == "snapshot", (
        "the new session has a stream of its own"
    )
    assert given.told() == [PanelChanged("a1", True), PanelChanged("a1", False), PanelChanged("a1", True)]


async def test_given_a_logout_then_the_panel_is_closed_without_talk_of_another_login() -> None:
    given = Given()
    panel = given.panel()
    given.engine.views["a1"]["status"] = "offline"
    given.engine.happen(SessionEnded("a1", "session"))
    assert panel.closed.result() == (4401, "logged out")
    assert [one["type"] for one in frames(panel)] == ["snapshot"]


async def test_given_a_ticket_changes_then_owner_and_former_owner_are_told_and_nobody_else() -> None:
    given = Given()
    panel = given.panel()
    ticket = FakeDesk().add(owner="a1")
    moved = ticket.apply(rules.note(ticket, "e", AT, by="system", event_type="owner_changed", detail={"owner": "a2"}))
    assert concerned(moved) == {"a1", "a2"}
    given.live.on_ticket(ticket, True)
    given.live.on_ticket(moved, False)
    given.live.on_ticket(FakeDesk().add(owner="a2"), True)
    opened, changed = frames(panel)[1:]
    assert (opened["type"], opened["ticket"]["ticket_id"]) == ("ticket.opened", ticket.id)
    assert (changed["type"], changed["ticket"]["owner"], changed["event"]) == ("ticket.changed", "a2", "owner_changed")
    assert changed["ticket"]["owner_name"] == "Juno Lee"


async def test_given_a_view_that_cannot_be_made_then_the_engine_does_not_notice() -> None:
    given = Given()
    panel = given.panel()
    given.engine.views["a1"]["name"] = object()
    given.engine.happen(AgentChanged("a1"))
    given.engine.views["a1"]["name"] = "Agent One"
    given.engine.happen(AgentChanged("a1"))
    assert [one["seq"] for one in frames(panel)] == [0, 1]


async def test_given_a_change_that_shows_nothing_new_then_no_frame() -> None:
    given = Given()
    panel = given.panel()
    given.engine.happen(AgentChanged("a1"))
    given.engine.change("a1", status="rest")
    given.engine.happen(AgentChanged("a1"))
    assert [(one["type"], one["seq"]) for one in frames(panel)] == [("snapshot", 0), ("agent.changed", 1)]


async def test_given_a_panel_that_began_with_another_view_then_it_is_told_of_the_one_that_the_others_know() -> None:
    given = Given()
    first = given.panel()
    given.engine.change("a1", status="rest")
    given.engine.views["a1"] |= {"status": "ready"}
    second = given.panel()
    given.engine.views["a1"] |= {"status": "rest"}
    given.engine.happen(AgentChanged("a1"))
    assert [one["agent"]["status"] for one in frames(second)] == ["ready", "rest"]
    assert frames(first)[-1]["agent"]["status"] == "rest"


async def test_given_a_panel_that_began_with_another_view_then_the_others_are_told_of_that() -> None:
    given = Given()
    first = given.panel()
    given.engine.change("a1", status="rest")
    given.engine.views["a1"] |= {"status": "ready"}
    given.panel()
    given.engine.happen(AgentChanged("a1"))
    assert [one["agent"]["status"] for one in frames(first)] == ["ready", "rest", "ready"]


class Crowd(Given):
    """So many agents with a panel that their changes take several turns."""

    def __init__(self) -> None:
        super().__init__()
        self.cti_ids = [f"c{number}" for number in range(3 * AT_A_TIME + 1)]
        self.engine.views |= {cti_id: agent_view(cti_id) for cti_id in self.cti_ids}
        self.panels = {cti_id: self.attached(cti_id) for cti_id in self.cti_ids}
        for panel in self.panels.values():
            frames(panel)
        for cti_id in self.cti_ids:
            self.engine.views[cti_id] |= {"phone": "unreachable"}
        self.engine.happen(*map(AgentChanged, self.cti_ids))

    def attached(self, cti_id: str) -> Panel:
        panel = self.live.attach(cti_id, "session", None)
        assert panel is not None
        return panel

    def told_now(self) -> int:
        """How many have a frame that they have not read."""
        return sum(panel.places[0].position < panel.places[0].stream.seq for panel in self.panels.values())


async def test_given_very_many_changes_at_once_then_they_are_told_in_turns_and_all_of_them() -> None:
    crowd = Crowd()
    told = [crowd.told_now()]
    while told[-1] < len(crowd.cti_ids):
        await asyncio.sleep(0)
        told.append(crowd.told_now())
    assert told == [AT_A_TIME, 2 * AT_A_TIME, 3 * AT_A_TIME, 3 * AT_A_TIME + 1]
    assert all(frames(panel)[0]["agent"]["phone"] == "unreachable" for panel in crowd.panels.values())


async def test_given_an_agent_whose_change_is_due_when_a_call_is_offered_then_both_come_at_once_in_their_order() -> (
    None
):
    crowd = Crowd()
    last = crowd.cti_ids[-1]
    crowd.engine.offers[last] = {"offer_id": "o", "call_id": "c", "expires_at": "2026-11-21T03:00:20.000Z"}
    crowd.engine.happen(OfferMade(last, "o"))
    assert [one["type"] for one in frames(crowd.panels[last])] == ["agent.changed", "offer.made"]


async def test_given_a_change_that_is_due_when_a_panel_comes_or_the_session_ends_then_it_is_not_told_twice() -> None:
    crowd = Crowd()
    comes, goes = crowd.cti_ids[-2:]
    assert [one["type"] for one in frames(crowd.attached(comes))] == ["snapshot"]
    assert [one["type"] for one in frames(crowd.panels[comes])] == ["agent.changed"]
    crowd.engine.happen(SessionEnded(goes, "session"))
    assert [one["type"] for one in frames(crowd.panels[goes])] == ["agent.changed"]
    for _ in range(4):
        await asyncio.sleep(0)
    assert crowd.told_now() == len(crowd.cti_ids) - 2


async def test_given_the_server_stops_while_changes_are_due_then_nothing_more_is_told() -> None:
    crowd = Crowd()
    crowd.live.close_all()
    await asyncio.sleep(0)
    assert crowd.told_now() == AT_A_TIME


async def test_given_nobody_listens_then_no_view_is_made() -> None:
    given = Given()
    given.engine.views.clear()
    given.engine.happen(AgentChanged("a1"), OfferMade("a1", "o"), SessionEnded("a1", "s"))
    given.live.on_ticket(FakeDesk().add(), True)
