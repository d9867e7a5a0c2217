"""What an agent writes or dials, and the number that it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_bridge.config.directory import directory
from cti_bridge.config.schema.whole import Schema
from cti_bridge.numbers.e164 import InvalidNumber, region_of
from cti_bridge.numbers.forms import dialed

KOREAN, AMERICAN, GERMAN = "+8225551234", "+12025550199", "+493012345678"


@pytest.mark.parametrize(
    ("text", "near", "expected"),
    [
        ("+821012345678", "", "+821012345678"),
        ("+82 10-1234.5678", "", "+821012345678"),
        ("010 1234 5678", KOREAN, "+821012345678"),
        ("(02) 1234-5678", KOREAN, "+82212345678"),
        ("+1 202 555 0100", KOREAN, "+12025550100"),
        ("(202) 555-0100", AMERICAN, "+12025550100"),
        ("0044 20 7946 0018", GERMAN, "+442079460018"),
    ],
)
def test_a_number_as_it_is_written_becomes_e164(text: str, near: str, expected: str) -> None:
    assert dialed(text, near) == expected


NONE = ["", " ", "+", "abc", "1-800-FLOWERS", "+8210&PJSIP/1002", "+821012345678@evil", "+821012345678;ext=7"]
NONE += ["+821012345678,1", "+8210\n12345678", "+821012345678\n", "+82١٠١٢٣٤٥٦٧٨", "+82" + "1" * 30, "*31#01012345678"]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidNumber):
        dialed(text, KOREAN)


def test_a_number_without_country_needs_one_near_it() -> None:
    with pytest.raises(InvalidNumber):
        dialed("010-1234-5678")


def test_a_local_number_without_its_area_code_is_not_guessed() -> None:
    with pytest.raises(InvalidNumber, match="area code"):
        dialed("555-1234", AMERICAN)


@given(st.text(max_size=40), st.sampled_from(["", KOREAN, AMERICAN, GERMAN]))
def test_whatever_is_written_what_comes_out_is_e164(text: str, near: str) -> None:
    try:
        number = dialed(text, near)
    except InvalidNumber:
        return
    assert re.fullmatch(r"\+[1-9][0-9]{3,14}", number, re.ASCII)


@pytest.mark.parametrize(
    ("number", "region"), [(KOREAN, "KR"), (AMERICAN, "US"), (GERMAN, "DE"), ("+80012345678", None)]
)
def test_a_number_says_where_it_is(number: str, region: str | None) -> None:
    assert region_of(number) == region
    assert region_of("1001") is None


def test_the_directory_reads_what_a_keypad_dials_and_leaves_the_rest_to_the_core() -> None:
    settings = {"asterisk": {"main": {"url": "http://127.0.0.1:8088/ari", "username": "x", "password": "x"}}}
    settings["services"] = [{"id": "acme", "name": "Acme"}]  # type: ignore[assignment]
    numbering = directory(Schema.model_validate(settings)).numbering
    assert numbering.dialed("01012345678", KOREAN) == "+821012345678"
    assert numbering.dialed("*31#", KOREAN) is None
