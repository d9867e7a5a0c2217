"""Telephone numbers."""

import pytest

from cti_bridge.numbers.e164 import InvalidNumber, mask, to_e164


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("+8225550000", None, "+8225550000"),
        ("+82 2-555-1234", None, "+8225551234"),
        ("02-555-1234", "KR", "+8225551234"),
        ("+15550100", None, "+15550100"),
        ("00442079460018", "DE", "+442079460018"),
    ],
)
def test_a_possible_number_becomes_e164(text: str, region: str | None, expected: str) -> None:
    assert to_e164(text, region) == expected


@pytest.mark.parametrize(
    "text", ["", "+", "+82", "+820", "+1555", "+0123", "+999123456", "abc", "+82255500001234567", "+8225551234;ext=7"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidNumber):
        to_e164(text)


def test_a_number_without_country_code_is_refused_in_words_when_there_is_no_region() -> None:
    with pytest.raises(InvalidNumber, match="lacks the plus and the country code"):
        to_e164("02-555-1234")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+8225551234", "+82•••••234"),
        ("025551234", "025•••234"),
        ("1001", "1001"),
        ("", ""),
        ("anonymous", "anonymous"),
    ],
)
def test_a_mask_keeps_the_ends_of_a_number_and_all_of_what_is_no_person(number: str, expected: str) -> None:
    assert mask(number) == expected
