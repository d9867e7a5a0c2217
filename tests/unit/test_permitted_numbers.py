"""No string of a user's reaches a dial string unless it is a permitted number, whatever is sent and from where."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cti_bridge.config.kinds import CostlyType
from cti_bridge.config.numbering import Numbering
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Action, CreateLeg, Reject
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.numbers.kinds import kind_of
from tests.unit.floor import CALLING, NODE, Driver
from tests.unit.situations import SERVICE, situation, staffed

PREFIXES = ("+8210", "+822")
"""Korea's mobiles and Seoul: not its premium numbers (+8260), nor any other country's."""
EVIL = [
    "+8210&PJSIP/1002",
    "+821012345678&+8260123456",
    "+821012345678@evil.example",
    "+821012345678/1002",
    "+821012345678;user=phone",
    "+821012345678,1",
    "+821012345678\n",
    "\n+821012345678",
    "+82101234\r\nX-Evil: 1",
    "+821012345678\x00",
    "+82\u0661\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
    "+\uff18\uff121012345678",
    "+8210" + "1" * 30,
    "+8210",
    "+",
    "",
    " +821012345678",
    "821012345678",
    "+8260123456789",
    "+19001234567",
    "+449098790000",
    "${EXTEN}",
    "Local/1@default",
    "1001",
    "911",
]
Sending = Callable[[str], facts.Fact]


def allowed_to(driver: Driver) -> Driver:
    """The driver's service may dial the prefixes of this file only."""
    config = driver.center.floor.directory
    narrow = replace(config, services={"acme": replace(SERVICE, allowed_prefixes=PREFIXES)})
    driver.center.floor.directory = narrow
    return driver


def orders_of(text: str, of: str) -> list[Action]:
    """What is ordered when a user sends the text, and everybody answers."""
    driver, call = (staffed(), None) if of in ("dial", "keypad") else situation("talking")
    allowed_to(driver).actions.clear()
    call_id = call.id if call else ""
    sendings: dict[str, Sending] = {
        "dial": lambda number: commands.Dial("a1", number, CALLING),
        "calling number": lambda number: commands.Dial("a2", "+821055556666", number),
        "keypad": lambda number: facts.KeypadDialed(NODE, "pad-1", "1001", number),
        "consult": lambda number: commands.StartConsult("a1", call_id, number=number),
        "consult agent": lambda number: commands.StartConsult("a1", call_id, agent=number),
        "transfer": lambda number: commands.TransferCall("a1", call_id, number=number),
        "transfer agent": lambda number: commands.TransferCall("a1", call_id, agent=number),
    }
    try:
        driver.tell(sendings[of](text))
    except Refusal:
        assert not driver.actions
    for found in list(driver.center.floor.calls.values()):
        if found.agent_leg and found.direction == "outbound":
            driver.tell(facts.LegReady(found.agent_leg))
            driver.tell(facts.LegAnswered(found.agent_leg))
    return driver.actions


WAYS = ("dial", "calling number", "keypad", "consult", "consult agent", "transfer", "transfer agent")


def check(text: str, of: str) -> bool:
    """Was anything called outside?"""
    outside = [a for a in orders_of(text, of) if isinstance(a, CreateLeg) and a.number is not None]
    for leg in outside:
        number = leg.number or ""
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", number, re.ASCII), repr(number)
        assert number.startswith(PREFIXES), "not in the allow-list"
        assert (leg.shown_number, leg.shown_name) == (CALLING, ""), "a confirmed number, and never the customer's"
    return bool(outside)


@pytest.mark.parametrize("of", WAYS)
@pytest.mark.parametrize("text", EVIL)
def test_what_is_no_permitted_number_calls_nobody_outside(text: str, of: str) -> None:
    assert not check(text, of)


@pytest.mark.parametrize("of", ["dial", "keypad", "consult", "transfer"])
def test_a_permitted_number_is_called(of: str) -> None:
    assert check("+82212345678", of)


NEARLY = st.builds(
    lambda prefix, rest: prefix + rest,
    st.sampled_from(["", "+", *PREFIXES, "+82", "+8260", "00"]),
    st.text(alphabet="0123456789+&/@;,\n\r\t *#\u0663\u0969", max_size=32),
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.one_of(st.text(max_size=40), NEARLY), st.sampled_from(WAYS))
@example("+8210123456789", "dial")
def test_whatever_is_sent_only_permitted_numbers_are_called(text: str, of: str) -> None:
    check(text, of)


# ------------------------------------------------------------------------ kinds of numbers (requirement D1)

OPEN = {"allowed_prefixes": ("+82", "+1", "+44", "+49", "+7", "+870", "+881", "+883", "+979", "+800")}
"""Prefixes that say nothing of countries and prices."""
REFUSED = {
    "international behind a national prefix": "+82001252123456",
    "such a number, shorter": "+8200112345",
    "no such number": "+8200000000",
    "too long for the country": "+822555000012",
    "premium, Korea": "+82605551234",
    "premium, US": "+19005551234",
    "premium, Britain": "+449098790000",
    "premium of no country": "+979123456789",
    "shared cost, Germany": "+491801123456",
    "Jamaica": "+18765551234",
    "Dominican Republic": "+18095551234",
    "Canada": "+14165551234",
    "Jersey": "+447797123456",
    "Kazakhstan": "+77012345678",
    "Inmarsat": "+870773111632",
    "Iridium": "+881612345678",
    "an international network": "+883510001234567",
}
NAMED: dict[str, dict[str, Any]] = {
    "+82605551234": {"allowed_types": ("premium_rate",)},
    "+491801123456": {"allowed_types": ("shared_cost",)},
    "+870773111632": {"allowed_types": ("satellite",)},
    "+18765551234": {"allowed_regions": ("JM",)},
    "+14165551234": {"allowed_regions": ("CA",)},
    "+19005551234": {"allowed_prefixes": ("+82", "+19005551234")},
}
"""What is refused, and the setting that names it."""
ORDINARY = ["+8225550000", "+821012345678", "+8215881234", "+8250712345678", "+12025550123", "+18005551234"]


def dialled(number: str, of: str, **service: Any) -> bool:
    """Return whether the number is called on that road, by the world's numbering plans."""
    driver, call = (staffed(), None) if of in ("dial", "keypad") else situation("talking")
    floor = driver.center.floor
    services = {"acme": replace(SERVICE, **{**OPEN, **service})}
    floor.directory = replace(floor.directory, services=services, numbering=Numbering({NODE: "KR"}, []))
    driver.actions.clear()
    call_id = call.id if call else ""
    sending: dict[str, facts.Fact] = {
        "dial": commands.Dial("a1", number, CALLING),
        "keypad": facts.KeypadDialed(NODE, "pad-1", "1001", number),
        "consult": commands.StartConsult("a1", call_id, number=number),
        "transfer": commands.TransferCall("a1", call_id, number=number),
    }
    try:
        driver.tell(sending[of])
    except Refusal as refusal:
        assert refusal.code == "number_not_allowed"
        return False
    return not any(isinstance(action, Reject) for action in driver.actions)


ROADS = ("dial", "keypad", "consult", "transfer")


@pytest.mark.parametrize("of", ROADS)
@pytest.mark.parametrize("number", REFUSED.values(), ids=REFUSED)
def test_a_prefix_opens_neither_other_countries_nor_costly_numbers(number: str, of: str) -> None:
    assert not dialled(number, of)


@pytest.mark.parametrize("of", ROADS)
@pytest.mark.parametrize("number", NAMED)
def test_what_the_configuration_names_is_dialled(number: str, of: str) -> None:
    assert dialled(number, of, **NAMED[number])


@pytest.mark.parametrize("of", ROADS)
@pytest.mark.parametrize("number", ORDINARY)
def test_ordinary_numbers_of_the_main_country_are_dialled(number: str, of: str) -> None:
    assert dialled(number, of)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_examples_of_every_country_have_a_kind(region: str) -> None:
    """A type of the library that nobody has sorted would be refused, and could not be named."""
    for number_type in range(11):
        example = phonenumbers.example_number_for_type(region, number_type)
        if example is not None and phonenumbers.is_valid_number(example):
            kind = kind_of(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
            assert kind is not None and kind.costly in ("", *get_args(CostlyType)), example
