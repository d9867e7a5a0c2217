"""Checks of calls out: a service that may make them can, and each prefix opens something."""

from collections.abc import Iterable
from typing import Final

from cti_bridge.config.kinds import PREFIX_FORM
from cti_bridge.config.merge import Merged
from cti_bridge.config.written import is_misread, rows_of, text_of, texts_of
from cti_bridge.domain.model.directory import Service
from cti_bridge.domain.model.numbering import NumberKind
from cti_bridge.domain.numbers.dialing import is_open
from cti_bridge.numbers.kinds import kind_of, kinds_behind

_OPENING: Final = ("allowed_regions", "allowed_types")


def check_outbound(merged: Merged) -> None:
    """Add all warnings of calls out to the problems of ``merged``."""
    _undialable(merged)
    _closed_prefixes(merged)


def _undialable(merged: Merged) -> None:
    """Outbound is on, and yet no agent can dial."""
    numbers = [row for _, row in rows_of(merged, "calling_numbers")]
    confirmed = {text_of(row, "service") for row in numbers if row.get("state") == "confirmed"}
    for path, service in rows_of(merged, "services"):
        if service.get("outbound", True) is not True:
            continue
        if not service.get("allowed_prefixes"):
            merged.warn(path, "outbound is on, but without allowed_prefixes no number can be dialled")
        name = service.get("id")
        if isinstance(name, str) and name not in confirmed and not is_misread(merged, "calling_numbers"):
            text = f'outbound is on, but no [[calling_numbers]] of service "{name}" is "confirmed", so nobody can dial'
            merged.warn(path, text)


def _closed_prefixes(merged: Merged) -> None:
    """Warn of a prefix that opens nothing: the kinds of numbers behind it are not allowed."""
    for path, service in rows_of(merged, "services"):
        prefixes, regions, types = (texts_of(service.get(key)) for key in ("allowed_prefixes", *_OPENING))
        opened = Service("", allowed_regions=tuple(regions), allowed_types=tuple(types))
        for index, prefix in enumerate(prefixes):
            kinds = kinds_behind(prefix) if PREFIX_FORM.fullmatch(prefix) else frozenset()
            if kinds and kind_of(prefix) is None and not any(is_open(opened, kind) for kind in kinds):
                text = f'no number behind "{prefix}" may be dialled; name {_lacking(opened, kinds)}'
                merged.warn((*path, "allowed_prefixes", index), text)


def _lacking(service: Service, kinds: Iterable[NumberKind]) -> str:
    """Return the settings that would open one kind of the numbers."""
    kind = min(kinds)
    lacking = {
        "allowed_regions": "" if kind.is_main or kind.region in service.allowed_regions else kind.region,
        "allowed_types": "" if kind.costly in service.allowed_types else kind.costly,
    }
    return " and ".join(f'{name} = ["{word}"]' for name, word in lacking.items() if word)
