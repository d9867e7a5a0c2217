"""Withheld numbers: what of an arrival is told, and how marks and blocks know the same caller again without them."""

from dataclasses import replace

import msgspec
import pytest

from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.models import Channel
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.ari.reconcile import Observer
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import WITHHELD, CreateLeg, Reject
from cti_bridge.domain.border.records import CallRow, TicketOpened
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.kept import Kept, Mark
from cti_bridge.log import mask_private
from cti_bridge.numbers.e164 import identifies, keyed
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.test_marks import abused, house, left, shown

CALLER, OTHER = "+821012345678", "+821087654321"
SECRET = b"of this installation"


def listed(args: str, number: str = CALLER, name: str = "Kim") -> facts.CallArrived:
    """What a channel in a list of the PBX says of its arrival."""
    raw = {
        "id": "1.1",
        "name": "PJSIP/trunk-00000001",
        "caller": {"name": name, "number": number},
        "dialplan": {"app_name": "Stasis", "app_data": f"cti_bridge,inbound,{NUMBER}{args}"},
    }
    observer = Observer(NODE, "cti_bridge", Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk"), PbxClock(NODE))
    arrived = observer.seen_leg(msgspec.convert(raw, Channel), None, 1.0).arrived
    assert isinstance(arrived, facts.CallArrived)
    return arrived


@pytest.mark.parametrize(
    ("args", "number", "told"),
    [
        ("", CALLER, (CALLER, "Kim", None)),
        (",allowed_not_screened,", CALLER, (CALLER, "Kim", None)),
        (",allowed_passed_screen,network", CALLER, (CALLER, "Kim", None)),
        (",prohib,network", CALLER, (None, "", CALLER)),
        (",prohib_not_screened,network", CALLER, (None, "", CALLER)),
        (",unavailable,network", CALLER, (None, "", CALLER)),
        (",prohib,", CALLER, (None, "", None)),
        (",prohib", CALLER, (None, "", None)),
        (",prohib,network", "anonymous", (None, "", None)),
        ("", "anonymous", (None, "", None)),
    ],
)
def test_the_dialplans_word_decides_at_an_arrival_and_in_a_list(
    args: str, number: str, told: tuple[str | None, str, str | None]
) -> None:
    arrived = listed(args, number)
    assert (arrived.caller_number, arrived.caller_name, arrived.withheld_number) == told


@pytest.mark.parametrize(
    "word",
    [
        *(
            "",
            " ",
            "+",
            "0",
            "0000000000",
            "anonymous",
            "Anonymous",
            "ANONYMOUS",
            "unavailable",
            "Restricted",
            "unknown",
        ),
        *("private", "Withheld", "blocked", "No Caller ID", "no-number", "Not Available", "out of area", "+266696687"),
    ],
)
def test_a_word_in_place_of_a_number_identifies_nobody(word: str) -> None:
    assert not identifies(word)


@pytest.mark.parametrize("number", [CALLER, "01012345678", "1001", "alice", "112", "+26622123456"])
def test_a_number_or_the_name_of_a_phone_identifies(number: str) -> None:
    assert identifies(number)


def withholding(**service: float) -> Driver:
    driver = house(**service)
    floor = driver.center.floor
    floor.directory = replace(floor.directory, number_key=keyed(SECRET))
    return driver


def withheld(driver: Driver, number: str | None, leg_id: str) -> Call:
    driver.tell(facts.CallArrived(NODE, leg_id, NUMBER, None, "", driver.now, number))
    return next(call for call in driver.center.floor.calls.values() if leg_id in call.legs)


def abused_withheld(driver: Driver, number: str | None) -> None:
    call = withheld(driver, number, "withheld")
    agent_leg = driver.answer(call)
    driver.tell(commands.ForceDisconnect("a1", call.id, "threat"))
    for leg_id in (agent_leg, *call.legs):
        driver.tell(facts.LegEnded(leg_id, 16))
    assert not driver.center.floor.calls


def refused(driver: Driver, number: str | None, *, showing: bool = False) -> bool:
    driver.actions.clear()
    caller, hidden = (number, None) if showing else (None, number)
    leg_id = f"again-{len(driver.records)}"
    driver.tell(facts.CallArrived(NODE, leg_id, NUMBER, caller, "", driver.now, hidden))
    rejected = any(isinstance(action, Reject) for action in driver.actions)
    driver.tell(facts.LegEnded(leg_id, 16))
    return rejected


def test_given_a_block_then_it_holds_whether_the_number_is_withheld_or_not_and_whichever_it_was_before() -> None:
    for first in (abused_withheld, abused):
        driver = withholding(force_disconnect_block_s=600)
        first(driver, CALLER)
        assert refused(driver, CALLER)
        assert refused(driver, CALLER, showing=True)
        assert refused(driver, "01012345678", showing=True)
        assert not refused(driver, OTHER)
        assert not refused(driver, None)


def test_given_a_block_when_the_network_names_nobody_then_it_holds_for_nobody() -> None:
    driver = withholding(force_disconnect_block_s=600)
    abused_withheld(driver, None)
    assert not driver.center.floor.marks
    assert not refused(driver, None)
    assert not refused(driver, CALLER)


def test_given_a_mark_then_withheld_calls_show_those_of_withheld_calls_and_others_those_of_others() -> None:
    driver = withholding()
    abused_withheld(driver, CALLER)
    call = withheld(driver, CALLER, "second")
    assert shown(driver, call)["count"] == 1
    left(driver, call)
    call = driver.arrive(caller=CALLER)
    assert shown(driver, call) is None
    left(driver, call)
    abused(driver, CALLER)
    call = withheld(driver, CALLER, "third")
    assert shown(driver, call)["count"] == 1


def test_given_marks_when_the_bridge_starts_again_then_the_block_holds_and_marks_of_before_get_their_key() -> None:
    for before in ("written with a key", "written without"):
        driver = withholding(force_disconnect_block_s=600)
        abused(driver, CALLER)
        marks = [replace(mark, key="" if before == "written without" else mark.key) for mark in _saved(driver)]
        again = withholding(force_disconnect_block_s=600)
        again.take(again.center.take_up(Kept(marks), again.now))
        again.connect()
        assert refused(again, CALLER), before


def _saved(driver: Driver) -> list[Mark]:
    found = [state for (kind, _), state in driver.saved.items() if kind == "mark"]
    return [msgspec.json.decode(msgspec.json.encode(state), type=Mark) for state in found]


def test_given_a_withheld_number_then_it_is_in_nothing_that_is_shown_written_or_logged() -> None:
    driver = withholding()
    call = withheld(driver, CALLER, "hidden")
    driver.answer(call)
    leg = next(action for action in driver.actions if isinstance(action, CreateLeg))
    assert (leg.shown_number, leg.shown_name) == (WITHHELD, "")
    rows = [record for record in driver.records if isinstance(record, CallRow | TicketOpened)]
    assert rows
    assert all(row.customer_number is None for row in rows)
    digits = CALLER[3:]
    assert digits not in repr((driver.records, driver.notices, driver.actions))
    assert digits not in repr({key: msgspec.json.encode(state) for key, state in driver.saved.items() if state})
    logged = mask_private(None, "", {"withheld_number": CALLER, "caller_number": None})
    assert digits[-3:] not in repr(logged)


def test_a_key_is_the_same_each_time_and_another_under_another_secret() -> None:
    assert keyed(SECRET)(CALLER) == keyed(SECRET)(CALLER) != keyed(b"another")(CALLER)
    assert CALLER[3:] not in keyed(SECRET)(CALLER)
