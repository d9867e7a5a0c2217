"""Telephone numbers: E.164 (ITU-T), a plus, the country code and at most 15 digits in all. In which other forms they
come is in :mod:`cti_bridge.numbers.forms`."""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from hmac import digest

import phonenumbers
from phonenumbers import PhoneMetadata

from cti_bridge.numbers.signs import parts, plain

_DIGITS = re.compile(r"\d")
_SHORT = [f"{number:0{digits}}" for digits in (2, 3, 4) for number in range(10**digits)]
SHORTEST_PRIVATE = 6
"""Shorter numbers are extensions and service codes: they say nothing about a person."""


_NOBODY = re.compile(
    r"|anonym(ous|us)?|unavailable|restricted|unknown|private|withheld|blocked|hidden|suppressed|unidentified|unassigned"
    r"|notavailable|outofarea|nonumber|nocallerid|noid|international|payphone|asserted|none|null|clir|0+|266696687"
)
"""What networks and exchanges send in place of a number, in small letters and without signs; the last one is
"anonymous" on a keypad."""
_SIGNS = re.compile(r"[^0-9a-z]")


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


def region_of(number: str) -> str | None:
    """Where an E.164 number is (ISO 3166), of several regions with one country code the main one; None when it cannot
    be told."""
    try:
        country_code = phonenumbers.parse(number).country_code
    except phonenumbers.NumberParseException:
        return None
    region: str = phonenumbers.region_code_for_country_code(country_code or 0)
    return region if region not in ("ZZ", "001") else None


def identifies(number: str) -> bool:
    """Whether what came as a number says who calls."""
    signs = _SIGNS.sub("", parts(plain(number)).number.lower())
    return not _NOBODY.fullmatch(signs)


def emergency_numbers_near(numbers: Iterable[str]) -> frozenset[str]:
    """Those of the countries that these E.164 numbers are in; where no country can be told, those of most."""
    regions = set(map(region_of, numbers))
    patterns = {re.compile(pattern) for region in regions if (pattern := _emergency_pattern(region))}
    found = [number for number in _SHORT if any(pattern.fullmatch(number) for pattern in patterns)]
    return frozenset(found or ("112", "911"))


def _emergency_pattern(region: str | None) -> str:
    metadata = PhoneMetadata.short_metadata_for_region(region) if region else None
    return (metadata and metadata.emergency and metadata.emergency.national_number_pattern) or ""


def keyed(secret: bytes) -> Callable[[str], str]:
    """What stands for a number where the number itself must not be: HMAC-SHA256 (RFC 2104) under ``secret``, as 32
    hexadecimal digits. Without the secret nobody can try all numbers."""
    return lambda number: digest(secret, number.encode(), sha256).hex()[:32]


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
