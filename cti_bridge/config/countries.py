"""Countries of the configuration: their codes (ISO 3166-1 alpha-2), and other words for them."""

from collections.abc import Iterable, Iterator

import phonenumbers

from cti_bridge.config.problems import closest
from cti_bridge.numbers.e164 import region_of
from cti_bridge.numbers.forms import regions

_OTHERS = {"UK": "GB", "EN": "GB"}


def country(text: str) -> str:
    """Return the country's code. Raises ValueError with the code that may be meant."""
    if not text or text in regions():
        return text
    meant = next((code for code in _meant(text) if code in regions()), None)
    hint = f'; did you mean "{meant}"?' if meant else ""
    raise ValueError(f'write a country as the two capital letters of ISO 3166, as in "KR", not "{text}"{hint}')


def country_of_all(numbers: Iterable[str]) -> str | None:
    """Return the one country of these E.164 numbers; None when there are several, or it cannot be told."""
    found = {region_of(number) for number in numbers}
    return found.pop() if len(found) == 1 else None


def _meant(text: str) -> Iterator[str]:
    """Yield the codes that may be meant: the text in capitals, the country of a country code, the alpha-2 codes that
    share letters with an alpha-3 code, the closest code."""
    letters = text.strip().upper()
    yield _OTHERS.get(letters, letters)
    digits = letters.removeprefix("+").removeprefix("00")
    if digits.isascii() and digits.isdecimal() and len(digits) < 4:
        yield phonenumbers.region_code_for_country_code(int(digits))
    if len(letters) == 3:
        yield from (letters[:2], letters[0] + letters[2])
    yield closest(letters[:2], regions()) or ""
