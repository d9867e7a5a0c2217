"""Telephone numbers: E.164 (ITU-T), a plus, the country code and at most 15 digits in all."""

import re

import phonenumbers

_DIGITS = re.compile(r"\d")
SHORTEST_PRIVATE = 6
"""Shorter numbers are extensions and service codes: they say nothing about a person."""


class InvalidNumber(ValueError):
    """This is not a telephone number."""


def to_e164(text: str, region_hint: str | None = None) -> str:
    """``+8225551234`` for any usual way of writing it. ``region_hint`` (ISO 3166, e.g. ``KR``) is where a
    number without a country code is dialled. The number must be possible by its length; it need not be
    assigned to anybody. Raises InvalidNumber."""
    try:
        number = phonenumbers.parse(text, region_hint)
    except phonenumbers.NumberParseException as error:
        raise InvalidNumber(_reason(text, region_hint)) from error
    if number.extension or not phonenumbers.is_possible_number(number):
        raise InvalidNumber(f'"{text}" is not a possible telephone number')
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_e164(text: str) -> bool:
    """Whether it is a possible number, written in the one way that E.164 has."""
    try:
        return to_e164(text) == text
    except InvalidNumber:
        return False


def mask(number: str) -> str:
    """``+82•••••234`` for ``+8225551234``: enough to recognise one's own number by, too little to call it."""
    shown = number.strip()
    if len(_DIGITS.findall(shown)) < SHORTEST_PRIVATE:
        return shown
    return f"{shown[:3]}{'•' * (len(shown) - 6)}{shown[-3:]}"


def _reason(text: str, region_hint: str | None) -> str:
    if region_hint is None and not text.strip().startswith("+"):
        return f'"{text}" lacks the plus and the country code, as in +8225551234'
    return f'"{text}" is not a telephone number'
