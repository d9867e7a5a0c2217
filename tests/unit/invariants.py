"""What must hold after every fact, whatever happened. Each check raises AssertionError with what is wrong."""

from collections.abc import Iterable
from typing import Any

import msgspec

from cti_bridge.domain.agent import Agent, AgentState, Status
from cti_bridge.domain.call import OFFERED, Call, CallState, Place, Role, Stage
from cti_bridge.domain.call_center import CallCenter
from cti_bridge.domain.ids import bridge_id
from cti_bridge.domain.records import (
    CAUSES,
    ENDED_BY,
    OFFER_RESULTS,
    OUTCOMES,
    AgentStateChange,
    CallEvent,
    CallRow,
    OfferRow,
    Record,
    TicketOpened,
)
from cti_bridge.domain.wiring import AGENT_STATES, WIRING
from tests.unit.model_asterisk import Channel, ModelAsterisk

Key = tuple[str, str]
Saved = dict[Key, bytes]


def encoded(kind: str, state: object) -> bytes:
    """The state as it is saved, without what a restart does not take over: when a leg was seen last, and whether a
    node was there."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(state))
    if kind == "call":
        for leg in plain["legs"].values():
            leg["confirmed_at"] = None
    if kind == "node":
        plain["up"], plain["lost_at"] = False, None
    return msgspec.json.encode(plain)


def full_state(center: CallCenter) -> Saved:
    floor = center.floor
    state = {("agent", a.cti_id): encoded("agent", a) for a in floor.agents.values() if a.seq or a.session}
    state |= {("call", c.id): encoded("call", c) for c in floor.calls.values()}
    return state


def check_saved(center: CallCenter, saved: Saved) -> None:
    """Dirty tracking has missed nothing."""
    present = full_state(center)
    for key, state in present.items():
        assert saved.get(key) == state, f"not saved: {key}\n{saved.get(key)!r}\n{state!r}"
    left = {key for key in saved if key[0] == "call"} - set(present)
    assert not left, f"still saved: {left}"


def check_floor(center: CallCenter) -> None:
    floor = center.floor
    taken = [call.cti_id for call in floor.calls.values() if call.cti_id and call.state is not CallState.ENDED]
    assert len(taken) == len(set(taken)), "two calls with one agent"
    for call in floor.calls.values():
        _check_call(center, call)
    for agent in floor.agents.values():
        _check_agent(center, agent)
    held = {leg_id: call.id for call in floor.calls.values() for leg_id in call.legs}
    assert held == floor.call_of_leg, "legs and their index differ"


def _check_call(center: CallCenter, call: Call) -> None:
    floor = center.floor
    assert (call.offer is not None) is (call.state in OFFERED), f"offer in {call.state}"
    assert call.legs or call.state is not CallState.ENDED, "ended, without legs, and not forgotten"
    assert (call.outcome is not None) is (call.state is CallState.ENDED)
    if call.state in OFFERED or call.state is CallState.TALKING:
        agent = floor.agents[call.cti_id or ""]
        assert agent.call_id == call.id
        assert agent.offer_id == (call.offer.id if call.offer else None)
        wanted = AGENT_STATES[call.state, Role.AGENT]
        both = (AgentState.RINGING, AgentState.ACCEPTED)
        assert agent.state is wanted if wanted else agent.state in both, f"{agent.state} in {call.state}"
    for role in (Role.CUSTOMER, Role.AGENT):
        leg = call.leg_of(role)
        assert leg is None or role in WIRING[call.state] or leg.stage is Stage.ENDING, f"{role} in {call.state}"
    assert call.leg_of(Role.CUSTOMER) or call.state is CallState.ENDED, "a call without its customer"


def _check_agent(center: CallCenter, agent: Agent) -> None:
    floor = center.floor
    call = floor.calls.get(agent.call_id) if agent.call_id else None
    assert (agent.state is AgentState.IDLE) is (call is None), f"{agent.cti_id} {agent.state} with {agent.call_id}"
    assert call is None or call.cti_id == agent.cti_id
    assert call is None or agent.logged_in, "an agent in a call who is not logged in"
    assert call is None or call.offer is None or agent.status is Status.READY, "an offer to one who is not ready"
    ringable = [leg_id for leg_id in agent.legs if (found := floor.leg(leg_id)) and found[1].stage is not Stage.ENDING]
    assert len(ringable) <= 1, f"two legs to one phone: {ringable}"
    legs = {leg.id for c in floor.calls.values() for leg in c.legs.values() if leg.cti_id == agent.cti_id}
    legs |= {stray.id for stray in floor.strays.values() if stray.cti_id == agent.cti_id}
    assert sorted(legs) == sorted(agent.legs), "the legs of an agent's phone"


def check_nobody_waits_beside_an_agent(center: CallCenter) -> None:
    """By brute force, from the requirement's words and not from the core's own predicate."""
    floor = center.floor
    for call in floor.calls.values():
        node = floor.nodes.get(call.node)
        if call.state is not CallState.WAITING or node is None or not node.up:
            continue
        for agent in floor.agents.values():
            entry = floor.directory.agents.get(agent.cti_id)
            free = (
                entry is not None
                and entry.phone_permission
                and call.queue in entry.queues
                and agent.session is not None
                and agent.status is Status.READY
                and agent.state is AgentState.IDLE
                and not agent.legs
                and node.name in agent.reachable_on
                and agent.phone_retry_at is None
                and agent.pause_ends_at is None
                and (entry.answer == "phone" or agent.panel_live or agent.panel_ends_at is not None)
            )
            assert not free, f"{agent.cti_id} is free, and {call.id} waits"


def check_records(records: Iterable[Record]) -> None:
    """Rows that follow from one another, over the whole run."""
    last: dict[str, AgentStateChange] = {}
    events: dict[str, int] = {}
    ended: set[str] = set()
    tickets: set[str] = set()
    offers: dict[str, str] = {}
    for record in records:
        if isinstance(record, AgentStateChange):
            _check_change(last.get(record.cti_id), record)
            last[record.cti_id] = record
        elif isinstance(record, CallEvent):
            assert record.seq == events.get(record.call_id, 0) + 1, "a call event is missing"
            events[record.call_id] = record.seq
        elif isinstance(record, CallRow):
            assert record.id not in ended, "a call ended twice"
            if record.outcome is not None:
                assert record.outcome in OUTCOMES, record
                assert record.ended_by in ENDED_BY, record
                ended.add(record.id)
        elif isinstance(record, TicketOpened):
            assert record.call_id not in tickets, "two tickets for one call"
            tickets.add(record.call_id)
        elif isinstance(record, OfferRow):
            _check_offer(offers, record)


def _check_change(before: AgentStateChange | None, change: AgentStateChange) -> None:
    assert change.cause in CAUSES, change
    was = (before.seq, before.to_status, before.to_state) if before else (0, "offline", "idle")
    assert (change.seq - 1, change.from_status, change.from_state) == was, f"{before} then {change}"
    assert before is None or change.lasted_s == change.at - before.at


def _check_offer(open_offers: dict[str, str], row: OfferRow) -> None:
    assert row.result is None or row.result in OFFER_RESULTS, row
    if row.result is None:
        assert row.call_id not in open_offers.values(), "two offers of one call"
        assert row.cti_id not in open_offers, "two offers to one agent"
        open_offers[row.cti_id] = row.call_id
    else:
        assert open_offers.pop(row.cti_id, None) == row.call_id, "an offer that was not made has ended"


# ----------------------------------------------------------------------------------- against the truth, when quiet


def check_places(center: CallCenter, pbx: ModelAsterisk) -> None:
    """Everything is told and done: the parties are where the wiring table says, and nothing else exists."""
    floor = center.floor
    assert set(pbx.channels) == set(floor.call_of_leg), "channels and legs"
    assert not floor.strays, "strays"
    for call in floor.calls.values():
        assert call.state is not CallState.ENDED, "ended, and legs are left"
        in_time = call.offer is None or call.state is CallState.CONNECTING or call.offer.expires_at > floor.now
        assert in_time, "the pickup time is over, and it still rings"
        for role, place in WIRING[call.state].items():
            leg = call.leg_of(role)
            if leg is None:
                assert role is Role.AGENT and place is Place.RINGING, f"no {role} in {call.state}"
                continue
            _check_place(call, pbx.channels[leg.id], place, leg.playback_id)
    left = set(pbx.bridges) - {bridge_id(call.id) for call in floor.calls.values() if call.has_bridge}
    assert not left, f"bridges without a call: {left}"


def _check_place(call: Call, channel: Channel, place: Place, playback_id: str | None) -> None:
    heard = (channel.music, bool(channel.playbacks), channel.bridge)
    what = f"{channel.id} in {call.state}: music, message, bridge = {heard}"
    if place is Place.RINGING:
        assert channel.dialed and not channel.up, f"{channel.id} does not ring"
        return
    assert channel.up, f"{channel.id} was never answered"
    if place is Place.MESSAGE:
        assert heard == (False, True, None) and channel.playbacks[-1] == playback_id, what
    elif place is Place.MUSIC:
        assert heard == (True, False, None), what
    elif place is Place.BRIDGE:
        assert heard == (False, False, bridge_id(call.id)), what
