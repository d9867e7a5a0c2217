"""The one rule for telephone numbers. It finds out which number a text means.

All roads take it: the called number (DID), the caller, Dial up, the keypad, consultation, transfer, search, mark and
block. One customer has one form: E.164 where that can be told, else the form in which the number came.

A number is read *in a country*. For a number from a trunk that is the PBX's, for one that a person writes it is the
calling number's. The readings come in this order. The first line that gives a valid number (by the numbering plans of
the library ``phonenumbers``) decides. If that line gives two numbers, it is not known which is meant:

1. With a plus, or with ``;phone-context=+82``: what stands there. A possible number is enough.
2. With a prefix, or as numbers are written within the country:
   behind ``00`` (ITU-T E.123) or the country's own international prefix (001, 010, 011 …), E.164 without its plus;
   in the national form: 02-555-0000 (KR), 06 1234 5678 (IT, its zero is part of it), (202) 555-0123 (US), 1588-1234.
3. E.164 of the same country without its plus: 8225550000.
4. E.164 of another country without its plus (442079460018), or a national number without its zero (25550000).
5. A national number of the right length in its national form, though the library does not know it.

A number with two readings stays as it came when it was delivered, and is refused when a person wrote it. 0081 90 1234
5678 is in Japan after 00, and in the US after 008, which is one of Korea's own international prefixes.

These stay as they came: numbers of fewer than six digits (15, 112, 1001 are service codes and extensions), numbers with
an extension, letters, ``*31#…``, more than 15 digits. So do numbers without a plus where no country is known. Only
:func:`dialed` raises: a person's text that is no number is refused, and never taken for another number.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, ValidationResult

from cti_bridge.numbers.e164 import SHORTEST_PRIVATE, InvalidNumber, region_of
from cti_bridge.numbers.signs import digits_of, parts, plain

_ANY_INTERNATIONAL = "00"
_SHORTEST_BARE = 8
"""The fewest digits of a number that its length alone may make a national one, in a country without a prefix for
these."""
_MOST_DIGITS = 20
"""The most digits: 15 of E.164 (ITU-T E.164, section 6) and those of a prefix."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


class Country(NamedTuple):
    """The dialling rules of a country."""

    region: str
    code: str
    international: re.Pattern[str]
    trunk: str
    """The prefix of national numbers, where they are written with one: 0 in most countries, none in IT, SG and US."""
    optional: str
    """The prefix with which national numbers may also be dialled: 1 in the US."""


def delivered(text: str, region: str | None) -> str:
    """Return the one form of a number that a trunk or phone has sent, read in ``region`` (ISO 3166; None: no country is
    known). That is E.164 where it can be, else the number as it came, without invisible signs."""
    written = plain(text)
    number, context, extended, _ = parts(written)
    digits = digits_of(number)
    if digits is None or extended:
        return written
    whole = _global(digits, context)
    return _read(whole, region) or (digits if whole == digits else written)


def dialed(text: str, near: str = "", otherwise: str | None = None) -> str:
    """Return the E.164 form of a number as a person writes or dials it. Without a country code it is read in the
    country of ``near``, which is E.164, else in the region ``otherwise``. The text may hold only digits and the usual
    signs between them. A number without its area code is refused, for the result is dialled. Raises InvalidNumber."""
    number, context, extended, has_parameters = parts(plain(text))
    digits = digits_of(number)
    if digits is None or extended or (has_parameters and not context):
        raise InvalidNumber("a number to dial has digits, with spaces, dashes, dots and brackets between them")
    digits, region = _global(digits, context), region_of(near) or otherwise
    if read := _read(digits, region):
        return read
    raise InvalidNumber(_fault(text, digits, region))


def as_dialled(number: str, near: str) -> str:
    """Return the digits with which the E.164 number is dialled in the country of ``near`` (E.164), as a person there
    says them; those of E.164 for a number of another country."""
    digits, country = number.removeprefix("+"), country_of(region_of(near))
    parsed = _parsed(digits)
    if parsed is None or country is None or str(parsed.country_code) != country.code:
        return digits
    return _national_form(parsed)


def readings(text: str, regions: Iterable[str]) -> set[str]:
    """Return all readings of the number, valid or not, to find the one that is our own."""
    number, context, extended, _ = parts(plain(text))
    digits = None if extended else digits_of(number)
    if digits is None:
        return set()
    digits = _global(digits, context)
    if digits.startswith("+"):
        return set(filter(None, [_international(digits[1:])]))
    found = {_international(digits), _international(digits.removeprefix(_ANY_INTERNATIONAL))}
    for country in map(country_of, regions):
        if country is not None:
            found |= {_international(rest) for rest in _behind_prefix(digits, country)}
            found.add(_international(country.code + digits))
    return {number for number in found if number}


def written_forms(number: str, regions: Iterable[str]) -> tuple[str, ...]:
    """Return the number, and every form in which it may have been delivered and written down before this rule existed.
    None of them is another number in one of the regions."""
    if not _E164.fullmatch(number):
        return (number,)
    countries = [country for country in map(country_of, regions) if country is not None]
    found = dict.fromkeys(form for country in countries for form in _forms(number, country))
    return (number, *(form for form in found if not any(_is_other(form, number, country) for country in countries)))


def refiled(number: str, region: str | None) -> str:
    """Return the present form of a number that an earlier rule has made or left. That rule took a foreign number
    without its plus for a national one."""
    country = country_of(region)
    if country is not None and number.startswith(f"+{country.code}") and not _valid(number[1:]):
        return _read(number.removeprefix(f"+{country.code}"), region) or number
    return delivered(number, region)


@lru_cache(maxsize=64)
def country_of(region: str | None) -> Country | None:
    """Return the dialling rules of the region, or None when the library does not know it."""
    metadata = PhoneMetadata.metadata_for_region(region) if region in phonenumbers.SUPPORTED_REGIONS else None
    if region is None or metadata is None:
        return None
    prefix, example = metadata.national_prefix or "", phonenumbers.example_number(region)
    written = _national_form(example) if example else ""
    trunk = prefix if prefix and written.startswith(prefix) and written != _significant(example) else ""
    international = re.compile(f"(?:{metadata.international_prefix or _ANY_INTERNATIONAL})")
    return Country(region, str(metadata.country_code), international, trunk, prefix)


def regions() -> frozenset[str]:
    """Return all regions that the library knows (ISO 3166)."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


# ------------------------------------------------------------------------------------------------- the readings


def _read(digits: str, region: str | None) -> str | None:
    if digits.startswith("+"):
        return _international(digits[1:])
    country = country_of(region)
    if country is None or not SHORTEST_PRIVATE <= len(digits) <= _MOST_DIGITS:
        return None
    found = _found(digits, country)
    if found:
        return found.pop() if len(found) == 1 else None
    return _unknown_national(digits, country)


def _found(digits: str, country: Country) -> set[str]:
    """Return all valid readings of the first line that has any."""
    return _with_prefix(digits, country) or _of_the_country(digits, country) or _without_prefix(digits, country)


def _with_prefix(digits: str, country: Country) -> set[str]:
    found = set(filter(None, map(_valid, _behind_prefix(digits, country))))
    national = _valid(country.code + digits)
    if national and _is_national_form(digits, national, country):
        found.add(national)
    return found


def _of_the_country(digits: str, country: Country) -> set[str]:
    return set(filter(None, [_valid(digits)])) if digits.startswith(country.code) else set()


def _without_prefix(digits: str, country: Country) -> set[str]:
    return set(filter(None, (_valid(digits), _valid(country.code + digits))))


def _unknown_national(digits: str, country: Country) -> str | None:
    has_prefix = bool(country.trunk) and digits.startswith(country.trunk)
    is_bare = not country.trunk and len(digits) >= _SHORTEST_BARE
    if not (has_prefix or is_bare) or any(_behind_prefix(digits, country)):
        return None
    return _international(country.code + digits)


def _behind_prefix(digits: str, country: Country) -> Iterator[str]:
    """Yield the digits after an international prefix."""
    if digits.startswith(_ANY_INTERNATIONAL):
        yield digits.removeprefix(_ANY_INTERNATIONAL)
    prefix = country.international.match(digits)
    if prefix and not digits.startswith("0", prefix.end()):
        yield digits[prefix.end() :]


def _is_national_form(digits: str, number: str, country: Country) -> bool:
    parsed = phonenumbers.parse(number)
    return digits in (_national_form(parsed), country.optional + _significant(parsed))


# ------------------------------------------------------------------------------------------------- single numbers


def _global(digits: str, context: str) -> str:
    """Return the digits after their context, when that is part of E.164. A domain says nothing about the country."""
    before = digits_of(context) or ""
    return before + digits if before.startswith("+") and not digits.startswith("+") else digits


def _international(digits: str) -> str | None:
    """Return E.164, when these digits may be a number with its country code. In some countries zeros after the country
    code are part of the number. In the others such a number has to be valid: the zeros must be no way to another
    country."""
    number = _parsed(digits)
    if number is None or phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    if number.italian_leading_zero and not phonenumbers.is_valid_number(number):
        return None
    return _formatted(number)


def _valid(digits: str) -> str | None:
    number = _parsed(digits)
    return _formatted(number) if number is not None and phonenumbers.is_valid_number(number) else None


def _parsed(digits: str) -> PhoneNumber | None:
    """Return the parsed number, or None when it cannot be one. Area codes of country code 1 never begin with 1, and
    nobody writes its national prefix after it."""
    if digits.startswith("11"):
        return None
    try:
        return phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None


def _formatted(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _national_form(number: PhoneNumber) -> str:
    return digits_of(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL).replace("/", "")) or ""


def _significant(number: PhoneNumber | None) -> str:
    return phonenumbers.national_significant_number(number) if number else ""


def _forms(number: str, country: Country) -> Iterator[str]:
    """Yield the forms in which a trunk in the country may write the number."""
    digits = number.removeprefix("+")
    yield digits
    yield _ANY_INTERNATIONAL + digits
    if country.international.pattern.strip("(?:)").isdigit():
        yield country.international.pattern.strip("(?:)") + digits
    parsed = _parsed(digits)
    if parsed is not None and str(parsed.country_code) == country.code:
        yield _national_form(parsed)
        yield country.trunk + _significant(parsed)
        yield country.optional + _significant(parsed)
        yield _significant(parsed)


def _is_other(form: str, number: str, country: Country) -> bool:
    """Return whether the form means, or may mean, another valid number there."""
    return bool(_found(form, country) - {number})


def _fault(text: str, digits: str, region: str | None) -> str:
    if region is None and not digits.startswith("+"):
        return f'"{text}" lacks the plus and the country code, as in +8225551234'
    country = country_of(region)
    if country is not None and not digits.startswith("+"):
        if len(_found(digits, country)) > 1:
            return f'"{text}" can be read as two numbers; write it with a plus and the country code'
        digits = "+" + country.code + digits
    number = _parsed(digits.removeprefix("+"))
    if number and phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return f'"{text}" lacks its area code'
    return f'"{text}" is not a telephone number'
