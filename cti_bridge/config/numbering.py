"""The rule for numbers (:mod:`cti_bridge.numbers.forms`) with the countries of this configuration. The core and the API
get it with the directory."""

from collections.abc import Mapping, Sequence

from cti_bridge.config.countries import country_of_all
from cti_bridge.domain.model.numbering import NumberKind
from cti_bridge.numbers import forms
from cti_bridge.numbers.e164 import InvalidNumber, region_of
from cti_bridge.numbers.kinds import kind_of


class Numbering:
    """As :class:`cti_bridge.domain.model.numbering.Numbering` says."""

    def __init__(self, countries: Mapping[str, str], numbers: Sequence[str]) -> None:
        """``countries`` (ISO 3166, or empty) are those of the PBXs by name, ``numbers`` (E.164) all of our own."""
        common = country_of_all(numbers)
        self._countries = {node: country or common for node, country in countries.items()}
        of_nodes = {country for country in self._countries.values() if country}
        of_numbers = {country for country in map(region_of, numbers) if country}
        known = all(self._countries.values())
        self._country = next(iter(of_nodes)) if known and len(of_nodes) == 1 else None
        self._all = sorted(of_nodes if known else of_nodes | of_numbers)
        for country in self._all:
            forms.country_of(country)  # Its numbering plan is read now, and not while a call waits.

    def dialed(self, number: str, near: str) -> str | None:
        try:
            return forms.dialed(number, near, self._country)
        except InvalidNumber:
            return None

    def fault(self, number: str, near: str) -> str:
        try:
            forms.dialed(number, near, self._country)
        except InvalidNumber as error:
            return str(error)
        return ""

    def delivered(self, number: str, node: str | None = None, near: str = "") -> str:
        country = self._countries.get(node, self._country) if node else self._country
        return forms.delivered(number, country or region_of(near))

    def kind(self, number: str) -> NumberKind | None:
        return kind_of(number)

    def readings(self, number: str, node: str) -> set[str]:
        country = self._countries.get(node)
        return forms.readings(number, [country] if country else self._all)

    def as_dialled(self, number: str, near: str) -> str:
        return forms.as_dialled(number, near)

    def written_forms(self, number: str) -> tuple[str, ...]:
        return forms.written_forms(number, self._all)

    def refiled(self, number: str) -> str:
        return forms.refiled(number, self._country)
