"""Telephone numbers in E.164 (ITU-T): a plus, the country code and at most 15 digits in all.
:mod:`cti_bridge.numbers.forms` reads the other forms."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from hmac import digest

import phonenumbers
from phonenumbers import PhoneMetadata

from cti_bridge.numbers.signs import parts, plain

_DIGITS = re.compile(r"\d")
_SHORT = [f"{number:0{digits}}" for digits in (2, 3, 4) for number in range(10**digits)]
SHORTEST_PRIVATE = 6
"""The fewest digits of a private number. Shorter numbers are extensions and service codes, which say nothing about a
person."""


_NOBODY = re.compile(
    r"|anonym(ous|us)?|unavailable|restricted|unknown|private|withheld|blocked|hidden|suppressed|unidentified|unassigned"
    r"|notavailable|outofarea|nonumber|nocallerid|noid|international|payphone|asserted|none|null|clir|0+|266696687"
)
"""Words of networks and exchanges in place of a number, in small letters and without signs. The last one is "anonymous"
on a keypad."""
_SIGNS = re.compile(r"[^0-9a-z]")


class InvalidNumber(ValueError):
    """This is not a telephone number."""


def to_e164(text: str, region_hint: str | None = None) -> str:
    """Return ``+8225551234`` for any usual way of writing it. ``region_hint`` (ISO 3166, e.g. ``KR``) is the region in
    which a number without a country code is dialled. The number must be possible by its length; it need not be assigned
    to anybody. Raises InvalidNumber."""
    try:
        number = phonenumbers.parse(text, region_hint)
    except phonenumbers.NumberParseException as error:
        raise InvalidNumber(_reason(text, region_hint)) from error
    if number.extension or not phonenumbers.is_possible_number(number):
        raise InvalidNumber(f'"{text}" is not a possible telephone number')
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def region_of(number: str) -> str | None:
    """Return the region of an E.164 number (ISO 3166); of several regions with one country code the main one. None when
    it cannot be told."""
    try:
        country_code = phonenumbers.parse(number).country_code
    except phonenumbers.NumberParseException:
        return None
    region: str = phonenumbers.region_code_for_country_code(country_code or 0)
    return region if region not in ("ZZ", "001") else None


def identifies(number: str) -> bool:
    """Return whether the text in the number's place identifies the caller."""
    signs = _SIGNS.sub("", parts(plain(number)).number.lower())
    return not _NOBODY.fullmatch(signs)


def emergency_numbers_near(numbers: Iterable[str]) -> frozenset[str]:
    """Return the emergency numbers of the countries of these E.164 numbers. Where no country can be told, return those
    of most countries."""
    regions = set(map(region_of, numbers))
    patterns = {re.compile(pattern) for region in regions if (pattern := _emergency_pattern(region))}
    found = [number for number in _SHORT if any(pattern.fullmatch(number) for pattern in patterns)]
    return frozenset(found or ("112", "911"))


def _emergency_pattern(region: str | None) -> str:
    metadata = PhoneMetadata.short_metadata_for_region(region) if region else None
    return (metadata and metadata.emergency and metadata.emergency.national_number_pattern) or ""


def keyed(secret: bytes) -> Callable[[str], str]:
    """Return a function that makes the key of a number: HMAC-SHA256 (RFC 2104) under ``secret``, as 32 hexadecimal
    digits. The key stands where the number must not be. Without the secret nobody can try all numbers."""
    return lambda number: digest(secret, number.encode(), sha256).hex()[:32]


def mask(number: str) -> str:
    """Return ``+82•••••234`` for ``+8225551234``: enough to recognise one's own number by, too little to call it."""
    shown = number.strip()
    if len(_DIGITS.findall(shown)) < SHORTEST_PRIVATE:
        return shown
    return f"{shown[:3]}{'•' * (len(shown) - 6)}{shown[-3:]}"


def _reason(text: str, region_hint: str | None) -> str:
    if region_hint is None and not text.strip().startswith("+"):
        return f'"{text}" lacks the plus and the country code, as in +8225551234'
    return f'"{text}" is not a telephone number'
