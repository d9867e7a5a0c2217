"""Telephone numbers in every form in which a trunk delivers or a person writes them: one customer has one number, on
every road, and nobody another's (``cti_bridge/numbers/forms.py``)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cti_bridge.api.numbers import Numbers
from cti_bridge.config.numbering import Numbering
from cti_bridge.domain.border import commands, facts
from cti_bridge.domain.border.actions import Answer, CreateLeg, Reject
from cti_bridge.domain.border.errors import Refusal
from cti_bridge.domain.border.notices import NumberUnknown
from cti_bridge.domain.border.records import CallEvent, CallRow, TicketOpened
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.directory import CallingNumber
from cti_bridge.domain.model.kept import Kept, Mark
from cti_bridge.domain.model.scenario import short_form
from cti_bridge.numbers.e164 import InvalidNumber, identifies
from cti_bridge.numbers.forms import delivered, dialed, readings, refiled, written_forms
from cti_bridge.settings import load_settings
from tests.support.configuration import BASE, ENVIRONMENT, configuration
from tests.unit.floor import NODE, NUMBER, Driver
from tests.unit.situations import SERVICE, situation, staffed

CALLING = {
    "KR": "+8225551234",
    "US": "+12025550199",
    "DE": "+493012345678",
    "IT": "+390612345678",
    "FR": "+33142685300",
    "SG": "+6561234567",
    "JP": "+81312345678",
    "GB": "+442079460018",
}
"""A number of ours in each country."""

SAME: list[tuple[str, str, tuple[str, ...]]] = [
    (
        "KR",
        "+821012345678",
        (
            "01012345678",
            "010-1234-5678",
            "821012345678",
            "00821012345678",
            "001821012345678",
            "+8201012345678",
            "1012345678",
            "01012345678;phone-context=+82",
            "1012345678;phone-context=+82",
            "01012345678;phone-context=pbx.example.com",
        ),
    ),
    ("KR", "+8225550000", ("025550000", "02 555 0000", "8225550000", "008225550000", "0028225550000", "25550000")),
    ("KR", "+8215881234", ("15881234", "1588-1234", "8215881234", "008215881234")),
    ("KR", "+827012345678", ("07012345678", "827012345678")),
    ("KR", "+12025550123", ("12025550123", "0012025550123", "00112025550123", "+1 (202) 555-0123")),
    ("KR", "+442079460018", ("442079460018", "00442079460018", "001442079460018")),
    ("KR", "+819012345678", ("819012345678", "002819012345678")),
    ("US", "+12025550123", ("2025550123", "12025550123", "0012025550123", "01112025550123", "(202) 555-0123")),
    ("US", "+442079460018", ("442079460018", "00442079460018", "011442079460018")),
    ("US", "+821012345678", ("821012345678", "00821012345678", "011821012345678")),
    ("US", "+14722234567", ("4722234567", "14722234567")),
    ("DE", "+493012345678", ("03012345678", "493012345678", "00493012345678", "030 12345678")),
    ("DE", "+4915112345678", ("015112345678", "4915112345678", "004915112345678")),
    ("DE", "+821012345678", ("00821012345678", "+82 10-1234-5678")),
    ("IT", "+390612345678", ("0612345678", "390612345678", "00390612345678", "06 1234 5678")),
    ("IT", "+393331234567", ("3331234567", "393331234567", "00393331234567")),
    ("FR", "+33142685300", ("0142685300", "33142685300", "0033142685300", "142685300", "01.42.68.53.00")),
    ("FR", "+442079460018", ("442079460018", "00442079460018")),
    ("SG", "+6581234567", ("81234567", "6581234567", "006581234567", "0016581234567")),
    ("SG", "+821012345678", ("821012345678", "00821012345678", "001821012345678")),
    ("JP", "+81312345678", ("0312345678", "81312345678", "0081312345678", "01081312345678")),
    ("JP", "+821012345678", ("821012345678", "00821012345678", "010821012345678")),
    ("GB", "+442079460018", ("02079460018", "442079460018", "00442079460018", "2079460018")),
    ("GB", "+12025550123", ("12025550123", "0012025550123")),
]
"""(country of the PBX, the number, forms of it)."""

FORMS = [(country, number, form) for country, number, forms in SAME for form in (number, *forms)]
DIGITS_ONLY = [one for one in FORMS if one[2].removeprefix("+").isdigit()]
"""What the dialplan lets through."""

AS_IT_CAME = [
    ("KR", "15"),
    ("KR", "112"),
    ("KR", "1001"),
    ("KR", "*31#01012345678"),
    ("KR", "kim.minji"),
    ("KR", "025550000x12"),
    ("KR", "+8225550000;ext=12"),
    ("KR", "025550000;isub=3"),
    ("KR", "1234567890123456"),
    ("KR", "+1234567890123456"),
    ("KR", "9" * 40),
    ("KR", "sip-user-with-a-name-that-is-longer-than-32-characters"),
    ("KR", "2025550123"),
    ("KR", "+999123456"),
    ("KR", "+8200112345"),
    ("KR", "+82001252123456"),
    ("KR", "25550000;phone-context=+1"),
    ("US", "911"),
    ("DE", "110"),
    ("", "01012345678"),
    ("", "821012345678"),
    ("", "00821012345678"),
    ("XX", "01012345678"),
]
TWO_WAYS = [
    ("KR", "008201012345678"),
    ("KR", "00819012345678"),
    ("KR", "0016582345678"),
    ("SG", "0016582345678"),
    ("DE", "821012345678"),
]
"""Korea or Egypt (008 20), Japan or Memphis (008 1), Singapore or Jamaica (00 1), Augsburg or Korea."""

INVISIBLE = [
    ("\u200b01012345678", "zero width space"),
    ("\u202a01012345678\u202c", "embedded from left to right"),
    ("\u200f01012345678", "mark from right to left"),
    ("\ufeff01012345678", "byte order mark"),
    ("010\u00ad12345678", "soft hyphen"),
    ("010\u00a01234\u00a05678", "no-break space"),
    ("010\u20111234\u20115678", "no-break hyphen"),
    ("010\u20131234\u20145678", "dashes"),
    ("010\u22121234\u22125678", "minus"),
    ("\uff10\uff11\uff10\uff0d\uff11\uff12\uff13\uff14\uff0d\uff15\uff16\uff17\uff18", "full width"),
    ("\uff0b821012345678", "full-width plus"),
    ("tel:01012345678", "tel"),
    ("TEL:+82-10-1234-5678", "tel with a plus"),
    ("tel:010-1234-5678;phone-context=+82", "tel with its country"),
]
NO_NUMBER = [
    *("", " ", "+", "\u200b", "abc", "02-555-0000 ext 12", "02-555-0000x12", "025550000#12", "1-800-FLOWERS"),
    *(
        "+8225550000;ext=12",
        "+8225550000;user=phone",
        "+8225550000,12",
        "02/555/0000",
        "02_555_0000",
        "tel:",
        "tel:ext",
    ),
    *("+82\u0661\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", "\u2460\u2461\u2462", "010\u00b21234567"),
    *("+8225550000\n", "02555\x000000", "1" * 40, "+" + "1" * 16, "+8200112345", "+82001252123456", "15", "*31#0101"),
]


def rule(country: str) -> Numbering:
    return Numbering({NODE: country}, [])


def house(country: str, **service: Any) -> Driver:
    """A call centre in the country: its calling number, any number allowed."""
    driver = staffed()
    return move(driver, country, **service)


def move(driver: Driver, country: str, **service: Any) -> Driver:
    floor = driver.center.floor
    own = CALLING.get(country, CALLING["KR"])
    everywhere = tuple(f"+{digit}" for digit in range(1, 10))
    floor.directory = replace(
        floor.directory,
        policy=replace(floor.policy, after_call="ready"),
        services={"acme": replace(SERVICE, **{"allowed_prefixes": everywhere, **service})},
        calling_numbers={own: CallingNumber(own, "acme", "confirmed")},
        numbering=rule(country),
    )
    return driver


# ------------------------------------------------------------------------------- the rule


@pytest.mark.parametrize(("country", "number", "form"), FORMS)
def test_every_form_of_a_number_is_that_number(country: str, number: str, form: str) -> None:
    assert delivered(form, country) == number
    assert delivered(number, country) == number


@pytest.mark.parametrize(("country", "form"), AS_IT_CAME)
def test_what_is_no_number_of_a_person_stays_as_it_came(country: str, form: str) -> None:
    assert delivered(form, country or None) == form


@pytest.mark.parametrize(("country", "form"), TWO_WAYS)
def test_what_can_be_read_in_two_ways_stays_as_it_came(country: str, form: str) -> None:
    assert delivered(form, country) == form


@pytest.mark.parametrize(("country", "form"), TWO_WAYS)
def test_who_writes_two_numbers_in_one_is_asked_for_the_plus(country: str, form: str) -> None:
    with pytest.raises(InvalidNumber, match="two numbers; write it with a plus"):
        dialed(form, CALLING[country])


@pytest.mark.parametrize(("text", "_"), INVISIBLE)
def test_signs_that_nobody_sees_are_read_as_what_they_mean(text: str, _: str) -> None:
    assert delivered(text, "KR") == dialed(text, CALLING["KR"]) == "+821012345678"


@pytest.mark.parametrize("text", NO_NUMBER)
def test_what_is_no_number_is_refused_and_never_another_one(text: str) -> None:
    with pytest.raises(InvalidNumber):
        dialed(text, CALLING["KR"])


@pytest.mark.parametrize(
    "text", ["anonymous", "Anonymous;phone-context=+82", "anony\u200bmous", "\u200b", "", "0000000"]
)
def test_a_hidden_number_identifies_nobody(text: str) -> None:
    assert not identifies(text)


@given(st.text(max_size=60), st.sampled_from([*CALLING, None, "XX"]))
@example("tel:tel:01012345678", "KR")
@example(" \u200b(010) 1234-5678 ;x", "KR")
@example("+;;=;ext", "KR")
@example("٠" * 20, "KR")
def test_nothing_that_comes_raises_and_the_answer_stays_itself(text: str, country: str | None) -> None:
    once = delivered(text, country)
    assert delivered(once, country) == once
    readings(text, ["KR", "US", "SG"])
    assert written_forms(once, ["KR", "DE"])[0] == once


@given(st.text("0123456789+ -", max_size=20), st.sampled_from([*CALLING]))
def test_what_a_person_may_dial_is_what_a_trunk_delivers(text: str, country: str) -> None:
    try:
        number = dialed(text, CALLING[country])
    except InvalidNumber:
        return
    assert delivered(text, country) == number


@pytest.mark.parametrize(("country", "number", "forms"), SAME)
def test_rows_of_before_are_looked_for_in_every_form_that_a_trunk_there_delivers(
    country: str, number: str, forms: tuple[str, ...]
) -> None:
    found = written_forms(number, [country])
    usual = {form for form in forms if form.isdigit() and not form.startswith(("001", "002"))}
    assert usual <= set(found)
    assert found[0] == number
    assert all(delivered(form, country) == number for form in found)


def test_a_form_that_is_somebody_else_in_another_country_of_ours_is_not_looked_for() -> None:
    assert "025550000" in written_forms("+8225550000", ["KR"])
    assert "0612345678" in written_forms("+390612345678", ["IT", "US"])
    assert "0611234567" in written_forms("+81611234567", ["JP", "US"])
    assert "0611234567" not in written_forms("+81611234567", ["JP", "DE"]), "of Wiesbaden, perhaps"


# ------------------------------------------------------------------------------- which country


def test_the_country_of_a_pbx_goes_before_that_of_the_numbers() -> None:
    numbering = Numbering({"seoul": "", "berlin": "DE"}, ["+8225550000", "+8225551234"])
    assert numbering.delivered("01012345678", "seoul") == "+821012345678"
    assert numbering.delivered("03012345678", "berlin") == "+493012345678"
    assert numbering.delivered("03012345678") == "03012345678", "nobody knows whose it is"


@pytest.mark.parametrize(
    ("country", "expected"), [("", "+82312345678"), ("KR", "+82312345678"), ("JP", "+81312345678")]
)
def test_the_configuration_says_the_country_or_its_numbers_do(tmp_path: Path, country: str, expected: str) -> None:
    text = "".join({**BASE, "asterisk": f'{BASE["asterisk"]}country = "{country}"\n'}.values())
    settings = load_settings(configuration(tmp_path, base=text) / "cti_bridge.toml", ENVIRONMENT)
    assert settings.warnings == []
    assert settings.directory().numbering.delivered("0312345678", "main") == expected


def test_where_the_numbers_are_of_several_countries_none_is_guessed_but_our_own_are_known() -> None:
    numbering = Numbering({NODE: ""}, ["+8225550000", "+493012345678"])
    assert numbering.delivered("01012345678", NODE) == "01012345678"
    assert numbering.delivered("01012345678", NODE, near="+8225550000") == "+821012345678"
    driver = house("KR")
    floor = driver.center.floor
    floor.directory = replace(floor.directory, numbering=numbering)
    assert driver.arrive("025550000").dialed_number == NUMBER


# ------------------------------------------------------------------------------- a call in


def rows(driver: Driver) -> list[CallRow]:
    return [record for record in driver.records if isinstance(record, CallRow)]


def kept(driver: Driver) -> list[dict[str, Any]]:
    """What was delivered, where it differs."""
    return [one.detail for one in driver.records if isinstance(one, CallEvent) and one.type == "delivered"]


@pytest.mark.parametrize(("country", "number", "form"), DIGITS_ONLY)
def test_did_a_call_finds_its_scenario_in_whatever_form_it_comes(country: str, number: str, form: str) -> None:
    driver = house(country)
    floor = driver.center.floor
    floor.directory = replace(floor.directory, scenarios={number: short_form(number, "acme", "support")})
    call = driver.arrive(form, caller="anonymous")
    assert driver.taken(Answer) and not driver.taken(Reject)
    assert (call.dialed_number, rows(driver)[-1].dialed_number) == (number, number)
    assert kept(driver) == ([{"dialed_number": form}] if form != number else [])


@pytest.mark.parametrize(("country", "form"), AS_IT_CAME)
def test_did_a_short_code_that_is_configured_is_found_as_it_comes(country: str, form: str) -> None:
    driver = house(country)
    floor = driver.center.floor
    floor.directory = replace(floor.directory, scenarios={form: short_form(form, "acme", "support")})
    assert driver.arrive(form).dialed_number == form
    assert driver.taken(Answer)


@pytest.mark.parametrize(("country", "form"), TWO_WAYS)
def test_did_a_number_of_ours_is_known_where_a_customer_s_could_be_two(country: str, form: str) -> None:
    for number in readings(form, [country]):
        driver = house(country)
        floor = driver.center.floor
        floor.directory = replace(floor.directory, scenarios={number: short_form(number, "acme", "support")})
        assert driver.arrive(form).dialed_number == number


@pytest.mark.parametrize("form", ["025559999", "008225559999", "8225559999", "+8225559999"])
def test_did_what_no_scenario_has_is_refused_told_and_written_down(form: str) -> None:
    driver = house("KR")
    driver.arrive(form)
    assert [action.sip_code for action in driver.taken(Reject) if isinstance(action, Reject)] == [404]
    assert [notice for notice in driver.notices if isinstance(notice, NumberUnknown)] == [NumberUnknown(NODE, form)]
    assert (rows(driver)[-1].outcome, rows(driver)[-1].dialed_number) == ("unknown_number", "+8225559999")
    assert kept(driver) == ([] if form == "+8225559999" else [{"dialed_number": form}])


@pytest.mark.parametrize(("country", "number", "form"), FORMS)
def test_caller_one_customer_is_one_number_in_call_ticket_and_rows(country: str, number: str, form: str) -> None:
    driver = house(country)
    call = driver.arrive(caller=form)
    driver.answer(call)
    opened = [record.customer_number for record in driver.records if isinstance(record, TicketOpened)]
    assert (call.customer.number, rows(driver)[-1].customer_number, opened) == (number, number, [number])
    assert kept(driver) == ([{"customer_number": form}] if form != number else [])


@pytest.mark.parametrize(("country", "form"), [*AS_IT_CAME, *TWO_WAYS])
def test_caller_whom_nobody_can_tell_stays_as_they_came(country: str, form: str) -> None:
    driver = house(country)
    assert driver.arrive(caller=form).customer.number == form
    assert kept(driver) == []


def test_caller_one_who_withholds_the_number_has_none_in_any_form() -> None:
    driver = house("KR")
    driver.tell(facts.CallArrived(NODE, "caller-1", NUMBER, None, "", driver.now, withheld_number="01012345678"))
    assert "1012345678" not in str(driver.records)
    assert rows(driver)[-1].customer_number is None


# ------------------------------------------------------------------------------- mark and block


def abused(driver: Driver, caller: str) -> None:
    call = driver.arrive(caller=caller)
    agent_leg = driver.answer(call)
    driver.tell(commands.ForceDisconnect("a1", call.id, "threat"))
    driver.tell(facts.LegEnded(agent_leg, 16))
    for leg_id in list(call.legs):
        driver.tell(facts.LegEnded(leg_id, 16))


def is_refused(driver: Driver, caller: str | None, withheld: str | None = None) -> bool:
    driver.actions.clear()
    driver.tell(facts.CallArrived(NODE, f"again-{driver.now}", NUMBER, caller, "", driver.now, withheld))
    driver.pass_time(1)
    return bool(driver.taken(Reject))


@pytest.mark.parametrize(("country", "number", "forms"), SAME)
def test_block_a_customer_who_is_blocked_in_one_form_is_blocked_in_all(
    country: str, number: str, forms: tuple[str, ...]
) -> None:
    for marked in (number, forms[-1]):
        driver = house(country, force_disconnect_block_s=600, force_disconnect_message="")
        abused(driver, marked)
        assert list(driver.center.floor.marks) == [("acme", number)]
        assert [form for form in (number, *forms) if not is_refused(driver, form)] == []
        assert [form for form in (number, *forms) if not is_refused(driver, None, form)] == [], "withheld"


@pytest.mark.parametrize(("country", "form"), TWO_WAYS)
def test_block_a_number_that_is_read_in_two_ways_blocks_neither(country: str, form: str) -> None:
    driver = house(country, force_disconnect_block_s=600, force_disconnect_message="")
    abused(driver, form)
    assert is_refused(driver, form)
    assert not [number for number in readings(form, [country]) if is_refused(driver, number)]


@pytest.mark.parametrize(
    ("kept_as", "number"),
    [
        ("+8212025550123", "+12025550123"),
        ("12025550123", "+12025550123"),
        ("01012345678", "+821012345678"),
        ("+821012345678", "+821012345678"),
        ("1001", "1001"),
    ],
)
def test_block_and_mark_of_before_the_upgrade_hold(kept_as: str, number: str) -> None:
    assert refiled(kept_as, "KR") == number
    driver = house("KR", force_disconnect_block_s=600)
    before = Mark("acme", kept_as, 2, "threat", driver.now, "an old key")
    state = {("mark", before.id): msgspec.json.encode(before)}
    after = driver.restarted(state=state)
    after.connect()
    mark = after.center.floor.marks["acme", number]
    assert (mark.count, mark.number) == (2, number)
    assert is_refused(after, number)
    if kept_as != number:
        assert after.saved["mark", f"acme/{kept_as}"] is None
        assert is_refused(after, None, number), "withheld"


def test_mark_two_of_one_customer_are_one_after_the_upgrade() -> None:
    driver = house("KR", force_disconnect_block_s=600)
    marks = [Mark("acme", "01012345678", 2, "threat", 5.0), Mark("acme", "+821012345678", 1, "other", 9.0)]
    for made in marks:
        made.last_at += driver.now - 10
    driver.take(driver.center.take_up(Kept(marks), driver.now))
    (found,) = driver.center.floor.marks.values()
    assert (found.number, found.count, found.last_reason) == ("+821012345678", 3, "other")


# ------------------------------------------------------------------------------- what a person writes

Road = Callable[[str, str], str | None]
"""(country, what is written) → the number that is called outside; None: it is refused."""


def called(driver: Driver) -> str | None:
    for call in list(driver.center.floor.calls.values()):
        if call.agent_leg and call.direction == "outbound":
            driver.tell(facts.LegReady(call.agent_leg))
            driver.tell(facts.LegAnswered(call.agent_leg))
    outside = [action.number for action in driver.actions if isinstance(action, CreateLeg) and action.number]
    assert len(outside) < 2
    return outside[0] if outside else None


def written(driver: Driver, country: str, text: str) -> str:
    """As the API hands it to the core. Raises Refusal."""
    return Numbers(lambda: driver.center.floor.directory).meant(text, CALLING[country])


def keypad(country: str, text: str) -> str | None:
    driver = house(country)
    driver.actions.clear()
    driver.tell(facts.KeypadDialed(NODE, "pad-1", "1001", text))
    return called(driver)


def dial_up(country: str, text: str) -> str | None:
    driver = house(country)
    driver.actions.clear()
    try:
        driver.tell(commands.Dial("a1", written(driver, country, text), CALLING[country]))
    except Refusal:
        return None
    return called(driver)


def within_a_call(country: str, text: str, command: Callable[[Call, str], facts.Fact]) -> str | None:
    driver, call = situation("talking")
    move(driver, country)
    driver.actions.clear()
    try:
        driver.tell(command(call, written(driver, country, text)))
    except Refusal:
        return None
    return called(driver)


def consult(country: str, text: str) -> str | None:
    return within_a_call(country, text, lambda call, number: commands.StartConsult("a1", call.id, number=number))


def transfer(country: str, text: str) -> str | None:
    return within_a_call(country, text, lambda call, number: commands.TransferCall("a1", call.id, number=number))


def search(country: str, text: str) -> str | None:
    """The number that is looked for."""
    return Numbers(lambda: house(country).center.floor.directory).searched(text, CALLING[country])[0]


ROADS: list[Road] = [keypad, dial_up, consult, transfer, search]
DIALS: list[Road] = ROADS[:-1]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize(("country", "number", "form"), DIGITS_ONLY)
def test_road_every_form_of_a_number_leads_to_it(road: Road, country: str, number: str, form: str) -> None:
    assert road(country, form) == number


@pytest.mark.parametrize("road", ROADS[1:])
@pytest.mark.parametrize(("text", "_"), INVISIBLE)
def test_road_signs_that_nobody_sees_are_read_as_what_they_mean(road: Road, text: str, _: str) -> None:
    assert road("KR", text) == "+821012345678"


@pytest.mark.parametrize("road", DIALS)
@pytest.mark.parametrize("text", NO_NUMBER)
def test_road_what_is_no_number_calls_nobody(road: Road, text: str) -> None:
    assert road("KR", text) is None


@pytest.mark.parametrize("road", DIALS)
@pytest.mark.parametrize(("country", "form"), TWO_WAYS)
def test_road_what_may_be_two_numbers_calls_neither(road: Road, country: str, form: str) -> None:
    assert road(country, form) is None


@pytest.mark.parametrize("text", ["112", "1 1 2", "\uff11\uff11\uff12", "11\u200b2", "tel:112", "1\u20111\u20112"])
def test_road_an_emergency_number_goes_before_the_rule_however_it_is_written(text: str) -> None:
    driver = house("KR")
    floor = driver.center.floor
    floor.directory = replace(floor.directory, policy=replace(floor.policy, emergency_numbers=frozenset({"112"})))
    assert written(driver, "KR", text) == "112"


@pytest.mark.parametrize("text", ["1002", " 1002 ", "\uff11\uff10\uff10\uff12", "1002\u200e"])
def test_road_a_cti_number_is_that_agent(text: str) -> None:
    assert written(house("KR"), "KR", text) == "1002"


@pytest.mark.parametrize(
    ("form", "number"),
    [
        ("01012345678", "+821012345678"),
        ("821012345678", "+821012345678"),
        ("00821012345678", "+821012345678"),
        ("12025550123", None),
        ("00112025550123", None),
        ("0012025550123", None),
        ("+12025550123", None),
        ("+82001252123456", None),
        ("8200112025550123", None),
    ],
)
def test_allow_list_the_number_is_looked_at_and_not_the_form(form: str, number: str | None) -> None:
    driver = house("KR", allowed_prefixes=("+82",))
    driver.actions.clear()
    driver.tell(facts.KeypadDialed(NODE, "pad-1", "1001", form))
    assert called(driver) == number


@pytest.mark.parametrize("text", ["1004", "15", "kim.minji", "9" * 40, "2025550123"])
def test_search_what_is_no_number_is_looked_for_as_it_is(text: str) -> None:
    assert Numbers(lambda: house("KR").center.floor.directory).searched(text, CALLING["KR"]) == (text,)


def test_keypad_what_was_pressed_is_kept_beside_the_number() -> None:
    driver = house("KR")
    driver.tell(facts.KeypadDialed(NODE, "pad-1", "1001", "01012345678"))
    assert kept(driver) == [{"dialed_number": "01012345678"}]
