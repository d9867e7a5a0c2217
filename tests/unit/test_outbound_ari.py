"""What outbound calls and the phone's own keys add to the pure parts of the ARI adapter."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.models import Channel
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.ari.reconcile import Observer
from cti_bridge.ari.refusals import TIMED_OUT, Meaning, meaning
from cti_bridge.ari.requests import Requests
from cti_bridge.ari.translate import USED_TYPES, Translator
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f

NOW = 1795237870.0
CREATED = "2026-11-21T05:11:09.154+0000"
CALL = "01a1fc83-f663-7689-93d1-164bd7ce684b"
LEG = f"cti-{CALL}-customer-85f0f6e9cfc7"
PAD_CHANNEL = "1795237869.0"
PAD = f"main/{PAD_CHANNEL}"
ENDPOINTS = Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk")
REQUESTS = Requests("cti_bridge", ENDPOINTS)


def channel(identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": "PJSIP/1001-00000003", "state": "Ring", "creationtime": CREATED} | more


def keypad(**more: Any) -> dict[str, Any]:
    """As Asterisk lists it while it is in the application."""
    return channel(PAD_CHANNEL, dialplan={"app_name": "Stasis", "app_data": "cti_bridge,keypad,01012345678"}, **more)


def translated(event: dict[str, Any]) -> f.PbxFact | None:
    reader = Translator("main", ENDPOINTS, Counters())
    decoded = reader.decode(json.dumps(event).encode())
    return reader.fact(decoded, NOW) if decoded else None


EVENTS: list[tuple[dict[str, Any], f.PbxFact | None]] = [
    ({"type": "ChannelHold", "channel": channel(LEG), "musicclass": "default"}, f.LegHeld(LEG)),
    ({"type": "ChannelUnhold", "channel": channel(LEG)}, f.LegRetrieved(LEG)),
    ({"type": "ChannelHold"}, None),
    ({"type": "ChannelUnhold"}, None),
    (
        {"type": "StasisStart", "args": ["keypad", "010-1234"], "channel": channel(PAD_CHANNEL)},
        f.KeypadDialed("main", PAD, "1001", "010-1234"),
    ),
    ({"type": "StasisStart", "args": ["keypad"], "channel": channel(PAD_CHANNEL)}, None),
    # A leg ends with its cause.
    ({"type": "StasisEnd", "channel": keypad()}, None),
    ({"type": "ChannelDestroyed", "channel": keypad(), "cause": 44}, f.LegEnded(PAD, 44, 0)),
    ({"type": "StasisEnd", "channel": channel(PAD_CHANNEL)}, None),
]


@pytest.mark.parametrize(("event", "expected"), EVENTS, ids=lambda item: str(item)[:60])
def test_an_event_becomes_its_fact(event: dict[str, Any], expected: f.PbxFact | None) -> None:
    assert translated(event) == expected


def test_a_hostile_keypad_number_is_cut_and_freed_of_control_characters() -> None:
    event = {"type": "StasisStart", "args": ["keypad", "1\x00\u202e" + "2" * 500], "channel": channel(PAD_CHANNEL)}
    fact = translated(event)
    assert isinstance(fact, f.KeypadDialed)
    assert fact.number == "1" + "2" * 79


def test_the_event_filter_lets_the_hold_key_through() -> None:
    assert {"ChannelHold", "ChannelUnhold"} <= set(USED_TYPES)


def seen(raw: dict[str, Any]) -> f.SeenLeg:
    observer = Observer("main", "cti_bridge", ENDPOINTS, PbxClock("main"))
    return observer.seen_leg(msgspec.convert(raw, Channel), None, NOW)


def test_a_listed_keypad_channel_that_nobody_answered_says_what_was_dialled() -> None:
    leg = seen(keypad())
    assert (leg.in_app, leg.arrived) == (True, f.KeypadDialed("main", PAD, "1001", "01012345678"))


def test_a_listed_keypad_channel_that_was_answered_has_had_its_call() -> None:
    leg = seen(keypad(state="Up"))
    assert (leg.in_app, leg.arrived) == (True, None)


# --- requests


def create(**more: Any) -> a.CreateLeg:
    return a.CreateLeg("main", CALL, LEG, **more)


@pytest.mark.parametrize("number", ["+821012345678", "+1202555", "+123456789012345"])
def test_a_number_in_e164_goes_by_the_trunk(number: str) -> None:
    request = REQUESTS.of(create(number=number, shown_number="+8225551234"))
    assert request is not None
    assert request.query["endpoint"] == f"PJSIP/{number}@trunk"


BAD_NUMBERS = ["", "1001", "+", "+0123456789", "+12", "+1234567890123456", "+821012345678\n", "+82 10 1234 5678"]
BAD_NUMBERS += ["+8210&PJSIP/1002", "+8210@evil", "+8210/1", "+8210;x", "+8210,x", "+82١٠١٢٣٤٥", "+82" + "1" * 30]


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_anything_else_is_not_sent(number: str) -> None:
    assert REQUESTS.of(create(number=number)) is None


@given(st.text(max_size=40))
def test_whatever_the_number_the_dial_string_holds_one_e164_number_or_there_is_none(number: str) -> None:
    request = REQUESTS.of(create(number=number))
    if request is not None:
        digits = request.query["endpoint"].removeprefix("PJSIP/+").removesuffix("@trunk")
        assert digits == number[1:]
        assert digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15


def test_a_leg_to_nobody_or_to_two_is_not_sent() -> None:
    assert REQUESTS.of(create()) is None
    assert REQUESTS.of(create(cti_number="")) is None
    assert REQUESTS.of(create(cti_number="1001", number="+821012345678")) is None


def test_digits_become_their_request() -> None:
    request = REQUESTS.of(a.SendDigits("main", CALL, LEG, "09*#AD"))
    assert request is not None
    assert (request.method, request.uri) == ("POST", f"/channels/{LEG}/dtmf?dtmf=09%2A%23AD")


@pytest.mark.parametrize("digits", ["", "a", "12 3", "1w2", "٣", "1" * 65, "1\n"])
def test_what_is_no_digits_is_not_sent(digits: str) -> None:
    assert REQUESTS.of(a.SendDigits("main", CALL, LEG, digits)) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (204, Meaning.DONE),
        (400, Meaning.REFUSED),
        (404, Meaning.LEG_ENDED),
        (409, Meaning.LOOK_AT_LEG),
        (412, Meaning.LOOK_AT_LEG),
        (TIMED_OUT, Meaning.LOOK_AT_LEG),
    ],
)
def test_a_refusal_of_digits_means_one_thing(status: int, expected: Meaning) -> None:
    assert meaning(a.SendDigits, status) is expected
