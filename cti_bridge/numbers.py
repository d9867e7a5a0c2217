"""Telephone numbers: E.164 (ITU-T), a plus, the country code and at most 15 digits in all."""

import re

import phonenumbers

_DIGITS = re.compile(r"\d")
_WRITTEN = re.compile(r"\+?[0-9 ().-]{1,40}", re.ASCII)
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


def dialed(text: str, near: str = "") -> str:
    """E.164 of a number as a person writes or dials it. Without a country code it is one in the country of ``near``,
    which is E.164. Unlike `to_e164` this takes nothing but digits and what usually stands between them, and no number
    that lacks its area code, for what comes out is dialled. Raises InvalidNumber."""
    if not _WRITTEN.fullmatch(text):
        raise InvalidNumber("a number to dial has digits, with spaces, dashes, dots and brackets between them")
    region = region_of(near)
    number = to_e164(text, region)
    possible = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(number))
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise InvalidNumber(f'"{text}" lacks its area code')
    return number


def region_of(number: str) -> str | None:
    """Where an E.164 number is (ISO 3166), of several regions with one country code the main one; None when it cannot
    be told."""
    try:
        country_code = phonenumbers.parse(number).country_code
    except phonenumbers.NumberParseException:
        return None
    region: str = phonenumbers.region_code_for_country_code(country_code or 0)
    return region if region not in ("ZZ", "001") else None


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
