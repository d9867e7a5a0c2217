"""Public holidays of a country, by the library ``holidays``: lunar ones and substitute days among them.

The library is loaded when a configuration first names a country: it takes some hundred milliseconds. It knows what was
law when it was released; days that a government adds later come with a newer release, or as an exception.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from cti_bridge.config.problems import closest

_LANGUAGE = "en_US"


def parse_country(text: str) -> str:
    """Check a country (``KR``), or a part of one (``DE-BY``), and return it. Raises ValueError, in words."""
    from holidays import list_supported_countries

    known = {code: parts for code, parts in list_supported_countries().items() if len(code) == 2}
    country, dash, part = text.partition("-")
    if country not in known:
        meant = country.upper() if country.upper() in known else closest(country[:2], known)
        hint = f'; did you mean "{meant}"?' if meant else ""
        raise ValueError(f'there are no public holidays of "{text}"; write a country as in "KR", or "DE-BY"{hint}')
    if dash and part not in known[country]:
        raise ValueError(f'"{country}" has no part "{part}"; it has {", ".join(known[country]) or "none"}')
    return text


@lru_cache(maxsize=256)
def public_holidays(country: str, year: int) -> Mapping[date, str]:
    """Return the names of the year's holidays, by day."""
    from holidays import country_holidays

    code, _, part = country.partition("-")
    found = country_holidays(code, subdiv=part or None, years=year, language=_LANGUAGE)
    return {day: name for day, name in found.items() if day.year == year}


def last_year(country: str) -> int:
    """Return the last year that the library knows."""
    from holidays import country_holidays

    return int(country_holidays(country.partition("-")[0]).end_year)
