"""No string of a user's reaches a dial string unless it is a permitted number, whatever is sent and from where."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Action, CreateLeg
from cti_bridge.domain.border.errors import Refusal
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
