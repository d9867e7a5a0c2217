"""The audit (K4, N3, L3): each act of a supervisor or of the operator leaves one row, with what it has changed."""

from dataclasses import fields, replace
from typing import get_args

import pytest

from cti_bridge.api.plays import SAME_S, Plays
from cti_bridge.domain.border import commands
from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.emergency_switch import Prepared
from cti_bridge.domain.model.hours import Hours, Opening, OpenState
from cti_bridge.domain.model.words import Audited, MonitorMode
from cti_bridge.domain.rights.audit import AUDITED
from tests.unit.floor import Driver, agent_entry, directory

SERVICE = Service("acme", emergency=Prepared("sound:down", "", False, None))
UNTIL = 1_000_600.0
AT = "1970-01-12T13:56:40.000Z"


@pytest.fixture
def driver() -> Driver:
    open_ = Hours("office", "UTC", lambda at: Opening(OpenState.OPEN, None))
    head = replace(agent_entry(2), cti_id="s1", queues=())
    made = Driver(replace(directory(agent_entry(1), head, services=(SERVICE,)), hours={"office": open_}))
    made.connect()
    made.log_in("a1")
    return made


def audited(driver: Driver) -> list[AuditRow]:
    return [record for record in driver.records if isinstance(record, AuditRow)]


BY = ("s1", "192.0.2.1")
ACTS: dict[str, tuple[commands.Command | commands.HouseCommand, Audited, str, dict[str, object]]] = {
    "log out": (commands.EndSession("a1", *BY), Audited.LOGOUT, "a1", {}),
    "set hours": (
        commands.SetHoursOverride("office", OpenState.CLOSED, UNTIL, *BY),
        Audited.HOURS_SET,
        "office",
        {"state": "closed", "until": AT},
    ),
    "set hours for ever": (
        commands.SetHoursOverride("office", OpenState.OPEN, None, *BY),
        Audited.HOURS_SET,
        "office",
        {"state": "open", "until": None},
    ),
    "drop hours": (commands.DropHoursOverride("office", *BY), Audited.HOURS_DROPPED, "office", {}),
    "emergency": (
        commands.SetEmergency("acme", "", UNTIL, *BY),
        Audited.EMERGENCY_ON,
        "acme",
        {"message": None, "until": AT},
    ),
    "emergency with a sound": (
        commands.SetEmergency("acme", "sound:fire", None, *BY),
        Audited.EMERGENCY_ON,
        "acme",
        {"message": "sound:fire", "until": None},
    ),
    "emergency over": (commands.DropEmergency("acme", *BY), Audited.EMERGENCY_OFF, "acme", {}),
    "set a status": (
        commands.SetAgentStatus("a1", "business", "meeting", *BY),
        Audited.STATUS_SET,
        "a1",
        {"status": "business", "reason": "meeting"},
    ),
    "end a call": (commands.EndCall("CALL", *BY), Audited.CALL_ENDED, "CALL", {}),
    "move a call": (
        commands.MoveCall("CALL", None, True, *BY),
        Audited.CALL_MOVED,
        "CALL",
        {"queue": None, "first": True},
    ),
    "a message": (
        commands.MessageTeam("day", ("a1",), "My number is 010-1234-5678", *BY),
        Audited.TEAM_MESSAGE,
        "day",
        {"agents": 1},
    ),
    "help": (commands.AskHelp("a1", *BY), Audited.HELP_ASKED, "a1", {}),
    "no more help": (commands.EndHelp("a1", *BY), Audited.HELP_ENDED, "a1", {}),
    "begin to listen": (
        commands.StartMonitor("s1", "TALK", MonitorMode.LISTEN, *BY),
        Audited.MONITOR_BEGUN,
        "TALK",
        {"mode": "listen"},
    ),
    "whisper": (
        commands.ChangeMonitor("s1", "MONITORED", MonitorMode.WHISPER, *BY),
        Audited.MONITOR_CHANGED,
        "MONITORED",
        {"mode": "whisper"},
    ),
    "listen no more": (
        commands.StopMonitor("s1", "MONITORED", *BY),
        Audited.MONITOR_ENDED,
        "MONITORED",
        {},
    ),
    "a play": (commands.NoteAct(Audited.RECORDING_PLAYED, "r", *BY), Audited.RECORDING_PLAYED, "r", {}),
    "a legal hold": (commands.NoteAct(Audited.RECORDING_HELD, "r", *BY), Audited.RECORDING_HELD, "r", {}),
    "a hold lifted": (commands.NoteAct(Audited.RECORDING_RELEASED, "r", *BY), Audited.RECORDING_RELEASED, "r", {}),
    "an erasure": (commands.NoteAct(Audited.RECORDING_ERASED, "r", *BY), Audited.RECORDING_ERASED, "r", {}),
    "a number": (commands.NoteAct(Audited.NUMBER_SHOWN, "c", *BY), Audited.NUMBER_SHOWN, "c", {}),
    "a reload": (commands.NoteAct(Audited.RELOADED, "configuration", *BY), Audited.RELOADED, "configuration", {}),
    "a copy": (commands.NoteAct(Audited.RECORDING_DOWNLOADED, "r", *BY), Audited.RECORDING_DOWNLOADED, "r", {}),
}


def monitored(
    driver: Driver, command: commands.Command | commands.HouseCommand, *, begun: bool
) -> tuple[commands.Command | commands.HouseCommand, str]:
    """A talk that the supervisor s1 is to monitor, or does already."""
    call = driver.arrive()
    driver.answer(call)
    driver.log_in("s1", status="rest")
    if begun:
        driver.tell(commands.StartMonitor("s1", call.id, MonitorMode.LISTEN, *BY))
        driver.records[:] = [row for row in driver.records if not isinstance(row, AuditRow)]
    assert isinstance(command, commands.StartMonitor | commands.ChangeMonitor | commands.StopMonitor)
    return replace(command, call_id=call.id), call.id


@pytest.mark.parametrize("act", ACTS)
def test_each_act_leaves_one_row_with_what_it_has_changed(driver: Driver, act: str) -> None:
    command, what, object_, detail = ACTS[act]
    if object_ == "CALL":
        driver.tell(commands.SetStatus("a1", "rest", None))
        object_ = driver.arrive().id
        assert isinstance(command, commands.EndCall | commands.MoveCall)
        command = replace(command, call_id=object_)
    if isinstance(command, commands.EndHelp):
        driver.agent("a1").help_at = driver.now
    if object_ in ("TALK", "MONITORED"):
        command, object_ = monitored(driver, command, begun=object_ == "MONITORED")
    output = driver.tell(command)
    (row,) = audited(driver)
    assert row in output.records, "in one transaction with the change"
    assert (row.at, row.who, row.from_address, row.what) == (driver.now, "s1", "192.0.2.1", what)
    assert (row.object, row.detail) == (object_, detail)


def test_every_act_is_tried_here() -> None:
    assert {what for _, what, _, _ in ACTS.values()} == set(Audited)
    assert {type(command) for command, *_ in ACTS.values()} == set(AUDITED)


def test_every_command_that_says_by_whom_is_written_down() -> None:
    every = [*get_args(commands.Command), *get_args(commands.HouseCommand)]
    named = {kind for kind in every if "by" in {field.name for field in fields(kind)}}
    assert named == set(AUDITED)


@pytest.mark.parametrize(
    "command",
    [
        commands.EndSession("nobody", *BY),
        commands.SetHoursOverride("none", OpenState.OPEN, None, *BY),
        commands.SetHoursOverride("office", OpenState.OPEN, 1.0, *BY),
        commands.DropEmergency("none", *BY),
        commands.SetAgentStatus("a1", "ready", None, *BY),
        commands.EndCall("none", *BY),
        commands.MoveCall("none", None, True, *BY),
    ],
)
def test_an_act_that_is_refused_leaves_nothing(driver: Driver, command: commands.Command) -> None:
    driver.refused(command)
    assert audited(driver) == []


def test_the_own_doings_of_agents_are_not_written_down(driver: Driver) -> None:
    driver.tell(commands.SetStatus("a1", "ready", None))
    assert audited(driver) == []


def test_requests_within_a_minute_are_one_play_of_one_person_for_one_recording() -> None:
    now = 0.0
    plays = Plays(lambda: now)
    assert not plays.goes_on("a1", "r")
    assert not plays.goes_on("a1", "r"), "it has no row yet"
    plays.began("a1", "r")
    for _ in range(5):
        now += SAME_S - 1
        assert plays.goes_on("a1", "r"), "it is heard on"
        assert not plays.goes_on("a2", "r") and not plays.goes_on("a1", "other")
    now += SAME_S
    assert not plays.goes_on("a1", "r")
