"""The country and the type of a number, by the numbering plans of the library ``phonenumbers``."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from cti_bridge.domain.model.numbering import NumberKind

_ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOIP,
        PhoneNumberType.UAN,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
"""Types that cost what a call to that country costs, or less."""
_COSTLY = {
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
_SATELLITE = (870, 881, 882, 883)
"""Country codes of satellites and international networks (ITU-T E.164, list of assigned codes). The library calls their
numbers mobile ones."""
_DIGITS = "1234567890"
_FILLS = [(_DIGITS[first:] + _DIGITS)[:length] for length in range(11) for first in range(10)]
"""Digits that, put behind a beginning, make some number of it."""


def kind_of(number: str) -> NumberKind | None:
    """Return the kind of an E.164 number; None when its country has no such number."""
    parsed = _parsed(number)
    return _kind(parsed) if parsed is not None and phonenumbers.is_valid_number(parsed) else None


@lru_cache(maxsize=1024)
def kinds_behind(prefix: str) -> frozenset[NumberKind]:
    """Return the kinds of numbers that begin with the prefix, as far as trying some numbers finds them."""
    tried = [kind_of(prefix + fill) for fill in _FILLS]
    return frozenset(kind for kind in [_of_country_code(prefix), *tried] if kind is not None)


def _of_country_code(prefix: str) -> NumberKind | None:
    """Return the kind of the library's example, when the prefix is a country code and nothing more."""
    code = int(prefix.removeprefix("+"))
    region = phonenumbers.region_code_for_country_code(code)
    is_country = region in phonenumbers.SUPPORTED_REGIONS
    example = (
        phonenumbers.example_number(region) if is_country else phonenumbers.example_number_for_non_geo_entity(code)
    )
    return _kind(example) if example is not None else None


def _kind(number: PhoneNumber) -> NumberKind:
    region = phonenumbers.region_code_for_number(number) or ""
    is_main = region == phonenumbers.region_code_for_country_code(number.country_code or 0)
    return NumberKind(region, is_main, _costly(number))


def _costly(number: PhoneNumber) -> str:
    if number.country_code in _SATELLITE:
        return "satellite"
    found = phonenumbers.number_type(number)
    return "" if found in _ORDINARY else _COSTLY.get(found, "unknown")


def _parsed(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
