"""An entry of the checkpoint cannot be read: what it leaves behind comes to an end, and everybody else goes on."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import ForgetBridge, HangUp
from cti_bridge.domain.border.records import AgentStateChange, TicketNoted
from cti_bridge.domain.model.agent import AgentState, Status
from cti_bridge.domain.model.call import Call, CallState, Stage
from cti_bridge.domain.model.kept import Kept, LastChange
from cti_bridge.domain.recovery import checkpoint
from cti_bridge.storage.checkpoint import read
from cti_bridge.storage.rows import outbox_row
from cti_bridge.storage.salvage import change_of_row, last_change, lost_call
from cti_bridge.taken_up import culprits, take_up
from tests.unit import invariants
from tests.unit.floor import NODE, Driver
from tests.unit.situations import CUSTOMER, SITUATIONS, made, situation, state_of
from tests.unit.test_recovery import as_it_is, call_of

S = CallState
LIVE = [name for name in SITUATIONS if name != S.ENDED]


def restarted(driver: Driver, *unreadable: tuple[str, str], whole: bool = True, known: bool = True) -> Driver:
    """Another controller that cannot read these entries. ``whole``: their text can be read; ``known``: the agents' last
    rows are."""
    state = driver.state()
    beside: list[Any] = []
    for key in unreadable:
        text = state.pop(key)
        text = text if whole else bytes(len(text))
        if key[0] == "call":
            beside.append(lost_call(key[1], text, note=True))
        elif known:
            agent = driver.agent(key[1])
            beside.append(LastChange(key[1], agent.seq, agent.status, agent.state, agent.reason, agent.since))
    other = Driver(driver.center.floor.directory)
    other.now, other._serial = driver.now, driver._serial
    other.take(other.center.take_up(Kept([*read(state).core(), *beside]), other.now))
    invariants.check_floor(other.center, unreadable_agents(unreadable))
    return other


def unreadable_agents(unreadable: Collection[tuple[str, str]]) -> list[str]:
    return [identity for kind, identity in unreadable if kind == "agent"]


def legs_of(call: Call) -> set[str]:
    return {leg.id for leg in call.legs.values() if leg.stage is not Stage.ENDING}


# ------------------------------------------------------------------------------- a call


@pytest.mark.parametrize("name", LIVE)
def test_given_an_unreadable_call_then_all_its_legs_are_ended_and_its_agents_are_free(name: str) -> None:
    driver, call = situation(name)
    legs = as_it_is(call)
    other = restarted(driver, ("call", call.id))
    other.connect(*legs)
    assert {action.leg_id for action in other.taken(HangUp)} == legs_of(call)
    assert not other.center.floor.calls
    for cti_id in ("a1", "a2"):
        agent = other.agent(cti_id)
        assert (agent.call_id, agent.offer_id, agent.state) == (None, None, "idle"), cti_id
        assert agent.session == driver.agent(cti_id).session
    for leg_id in legs_of(call):
        other.tell(facts.LegEnded(leg_id))
    assert not other.center.floor.strays
    other.tell(commands.SetStatus("a2", "ready", None))
    assert other.arrive(leg_id="somebody-else").offer is not None
    invariants.check_floor(other.center)


@pytest.mark.parametrize("name", LIVE)
def test_given_an_unreadable_call_of_which_nothing_can_be_read_then_legs_of_ours_end_and_the_caller_begins_anew(
    name: str,
) -> None:
    driver, call = situation(name)
    legs = as_it_is(call)
    other = restarted(driver, ("call", call.id), whole=False)
    other.connect(*legs)
    ours = {leg_id for leg_id in legs_of(call) if leg_id.startswith("cti-")}
    assert ours <= {action.leg_id for action in other.taken(HangUp)}
    assert all(CUSTOMER in each.legs for each in other.center.floor.calls.values())
    invariants.check_floor(other.center)


def test_given_an_unreadable_call_then_the_agent_goes_on_as_behind_a_call_that_the_pbx_has_lost() -> None:
    driver, call = made(S.TALKING)
    driver.now += 30
    other = restarted(driver, ("call", call.id))
    assert other.history("a1")[-1] == ("business", "idle", "ticket_processing", "node_lost")
    row = [record for record in other.records if isinstance(record, AgentStateChange)][-1]
    assert (row.from_state, row.call_id) == ("talking", call.id)
    assert row.lasted_s == driver.now - driver.agent("a1").since >= 30
    (note,) = [record for record in other.records if isinstance(record, TicketNoted)]
    assert (note.ticket_id, note.detail["outcome"]) == (call.ticket_id, "node_lost")
    assert other.agent("a1").idle_since == other.now


def test_given_an_unreadable_call_then_its_bridge_goes_and_another_call_talks_on() -> None:
    driver, call = made(S.TALKING)
    driver.tell(commands.SetStatus("a2", "ready", None))
    second = driver.arrive(leg_id="caller-2")
    driver.answer(second)
    legs = [*as_it_is(call), *as_it_is(second)]
    other = restarted(driver, ("call", call.id))
    other.tell(
        facts.NodeSeen(
            NODE, "boot", other.now, tuple(legs), (call.bridge_id, second.bridge_id), (("1001", True), ("1002", True))
        )
    )
    assert {action.leg_id for action in other.taken(HangUp)} == legs_of(call)
    assert [action.bridge_id for action in other.taken(ForgetBridge)] == [call.bridge_id]  # type: ignore[attr-defined]
    assert state_of(call_of(other)) is S.TALKING
    assert (call_of(other).id, other.agent("a2").state) == (second.id, "talking")


def test_given_an_unreadable_call_whose_phone_rings_on_then_its_agent_is_given_no_other_before_it_is_gone() -> None:
    driver, call = made(S.RINGING)
    legs = as_it_is(call)
    other = restarted(driver, ("call", call.id))
    other.connect(*legs)
    waiting = other.arrive(leg_id="caller-2")
    assert waiting.offer is None
    other.tell(facts.LegEnded(call.agent_leg or ""))
    assert waiting.offer is not None


def test_given_an_unreadable_emergency_call_whose_parties_are_together_then_it_goes_on_until_it_is_over() -> None:
    driver, call = made(S.TALKING)
    call.dialling.emergency = True
    legs = as_it_is(call)
    other = restarted(driver, ("call", call.id))
    other.tell(facts.NodeSeen(NODE, "boot", other.now, tuple(legs), (call.bridge_id,), (("1001", True),)))
    assert not other.taken(HangUp) and not other.taken(ForgetBridge)
    other.tell(facts.LegEnded(CUSTOMER))
    rest = tuple(leg for leg in legs if leg.leg_id != CUSTOMER)
    other.tell(facts.NodeSeen(NODE, "boot", other.now, rest, (call.bridge_id,), (("1001", True),)))
    assert {action.leg_id for action in other.taken(HangUp)} == {call.agent_leg}


# ------------------------------------------------------------------------------- an agent


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("cti_id", ["a1", "a2"])
@pytest.mark.parametrize("name", LIVE)
def test_given_an_unreadable_agent_then_they_begin_logged_out_and_their_call_goes_on(
    name: str, cti_id: str, known: bool
) -> None:
    driver, call = situation(name)
    was, offered = driver.agent(cti_id), driver.agent(cti_id).state in (AgentState.RINGING, AgentState.ACCEPTED)
    offered = offered and call.state not in (S.CONNECTING, S.JOINING)
    legs = as_it_is(call)
    other = restarted(driver, ("agent", cti_id), known=known)
    agent = other.agent(cti_id)
    assert (agent.session, agent.status) == (None, "offline")
    if was.call_id is None or offered:
        assert (agent.state, agent.call_id) == ("idle", None)
    else:
        assert (agent.state, agent.call_id, agent.legs) == (was.state, was.call_id, was.legs)
    rows = [row for row in other.records if isinstance(row, AgentStateChange) and row.cti_id == cti_id]
    if known and was.logged_in:
        assert [row.seq for row in rows] == list(range(was.seq + 1, was.seq + 1 + len(rows)))
        assert (rows[0].from_status, rows[0].from_state, rows[0].to_status) == (was.status, was.state, "offline")
    other.connect(*legs)
    found = other.center.floor.calls.get(call.id)
    assert found is not None and (offered or found.state is call.state or call.state in (S.CONNECTING, S.JOINING))
    invariants.check_floor(other.center, [cti_id])
    other.log_in(cti_id)
    for leg in list(found.legs.values()):
        other.tell(facts.LegEnded(leg.id, 16))
    other.pass_time(300)
    invariants.check_floor(other.center)
    assert other.agent(cti_id).state == "idle"


def test_given_an_unreadable_agent_who_is_configured_no_more_then_the_call_goes_on_and_ends() -> None:
    driver, call = made(S.TALKING)
    legs = as_it_is(call)
    state = driver.state()
    del state["agent", "a1"]
    config = driver.center.floor.directory
    agents = {cti_id: entry for cti_id, entry in config.agents.items() if cti_id != "a1"}
    other = Driver(replace(config, agents=agents))
    other.now = driver.now
    other.take(other.center.take_up(Kept(read(state).core()), other.now))
    other.connect(*legs)
    other.tell(facts.LegEnded(CUSTOMER, 16))
    assert other.outcomes()[-1] == ("completed", "customer")


# ------------------------------------------------------------------------------- an older copy


def test_given_a_spool_from_a_copy_then_an_agents_rows_go_on_behind_those_that_are_there() -> None:
    driver, _ = made(S.TALKING)
    state, then = driver.state(), driver.now
    last = LastChange("a1", driver.agent("a1").seq + 5, Status.REST, AgentState.IDLE, None, then + 100)
    other = Driver(driver.center.floor.directory)
    other.now = then + 160
    other.take(other.center.take_up(Kept([*read(state).core(), last]), other.now))
    (row,) = [record for record in other.records if isinstance(record, AgentStateChange)]
    assert (row.seq, row.from_status, row.to_status, row.to_state) == (last.seq + 1, "rest", "ready", "talking")
    assert (row.cause, row.lasted_s) == ("recovery", 60.0)


def test_given_rows_that_are_older_than_the_checkpoint_then_no_row_of_an_agent_is_written() -> None:
    driver, _ = made(S.TALKING)
    last = LastChange("a1", 1, Status.REST, AgentState.IDLE, None, driver.now - 100)
    other = Driver(driver.center.floor.directory)
    other.take(other.center.take_up(Kept([*read(driver.state()).core(), last]), driver.now))
    assert not [record for record in other.records if isinstance(record, AgentStateChange)]


# ------------------------------------------------------------------------------- a newer release's legs


def test_given_a_leg_of_an_unknown_role_then_it_is_left_alone_and_told_while_its_call_goes_on() -> None:
    driver, call = made(S.TALKING)
    monitor = facts.SeenLeg(f"cti-{call.id}-monitor-0123456789ab", True, False, True, None, "1002", None)
    legs = as_it_is(call)
    other = driver.restarted()
    other.connect(*legs, monitor)
    assert not other.taken(HangUp)
    assert other.center.floor.unknown_roles == {monitor.leg_id: NODE}
    assert other.agent("a2").legs == [monitor.leg_id], "their phone is in use"
    other.tell(facts.LegEnded(CUSTOMER, 16))
    other.tell(facts.LegEnded(call.agent_leg or "", 16))
    other.connect(monitor)
    assert [action.leg_id for action in other.taken(HangUp)][-1] == monitor.leg_id
    assert not other.center.floor.unknown_roles
    other.tell(facts.LegEnded(monitor.leg_id))
    assert other.agent("a2").legs == []


# ------------------------------------------------------------------------------- what can still be read


def test_given_an_entry_that_breaks_off_then_the_legs_before_it_are_known() -> None:
    driver, call = made(S.TALKING)
    state = driver.state()["call", call.id]
    assert set(legs_of(call)) <= set(lost_call(call.id, state, note=True).legs)
    assert set(legs_of(call)) <= set(lost_call(call.id, state[:-40], note=True).legs)
    assert lost_call(call.id, b"", note=True).legs == ()


def test_given_an_agent_with_one_word_that_nobody_knows_then_what_is_whole_of_the_rest_is_no_guess() -> None:
    driver, _ = made(S.TALKING)
    state = driver.state()["agent", "a1"]
    found = last_change("a1", state.replace(b'"session":', b'"session":7,"x":'))
    assert found is not None and (found.seq, found.state) == (driver.agent("a1").seq, "talking")
    for broken in (state.replace(b'"talking"', b'"whispering"'), state[:-5], b"[]", b"7", b""):
        assert last_change("a1", broken) is None


# ------------------------------------------------------------------------------- an entry on which the core fails


def test_given_entries_on_which_the_core_fails_then_they_are_found_and_the_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver, call = made(S.TALKING)
    second = driver.arrive(leg_id="caller-2")
    restore_call = checkpoint._restore_call

    def fails(floor: Any, one: Call, since: float) -> None:
        if one.id == call.id:
            raise ValueError("of the core")
        restore_call(floor, one, since)

    monkeypatch.setattr(checkpoint, "_restore_call", fails)
    config, state = driver.center.floor.directory, driver.state()
    assert culprits(lambda: Driver(config).center, state, driver.now) == [("call", call.id)]
    found = read(state)
    found.drop([("call", call.id)])
    other = Driver(config)
    other.take(take_up(other.center, found, driver.now))
    assert set(other.center.floor.calls) == {second.id}
    assert other.agent("a1").state == "idle"


def test_given_an_agent_whose_only_rows_are_in_the_outbox_then_the_last_of_them_is_known() -> None:
    driver, _ = made(S.TALKING)
    (*_, row) = [record for record in driver.records if isinstance(record, AgentStateChange) and record.cti_id == "a1"]
    (change,) = change_of_row(outbox_row(row, 3, driver.now).payload)
    assert (change.cti_id, change.seq, change.state, change.at) == ("a1", row.seq, "talking", row.at)
    for broken in (b"", b"[]", b"{}", b'{"cti_id":7}'):
        assert change_of_row(broken) == []
