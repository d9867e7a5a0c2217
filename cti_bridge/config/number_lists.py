"""The lists of callers' numbers, made from the configuration, and what is wrong with them.

Files are read here, once: a list has what its file says at this moment, and a reload reads it anew.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError

from cti_bridge.config.kinds import PREFIX_FORM
from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.numbering import Numbering
from cti_bridge.config.problems import Place, Problem
from cti_bridge.config.reading import Unreadable, read_text
from cti_bridge.config.schema.scenarios import NumberListSettings
from cti_bridge.domain.model.number_list import NumberList, number_list
from cti_bridge.numbers.signs import digits_of, plain

MOST_COMPLAINTS = 20
"""The most bad entries of one list that are named. A file of another kind has nothing else."""


class _Entry(NamedTuple):
    text: str
    place: Place


def number_lists(merged: Merged) -> dict[str, NumberList]:
    """Return the lists by id, and add what is wrong to the problems of ``merged``."""
    rows = merged.values.get("number_lists")
    found: dict[str, NumberList] = {}
    numbering = _numbering(merged) if rows else None
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        try:
            settings = NumberListSettings.model_validate(row)
        except ValidationError:
            continue  # Said with the other settings.
        path: Path = ("number_lists", index)
        _whole(merged, path, settings)
        entries = list(_all_read(merged, _entries(merged, path, settings), numbering))
        refuses = settings.refuse == "reject"
        found[settings.id] = number_list(settings.id, entries, refuses=refuses, priority=settings.priority)
    return found


def _whole(merged: Merged, path: Path, settings: NumberListSettings) -> None:
    if settings.file is not None and settings.numbers:
        merged.error((*path, "file"), 'both "numbers" and "file" are given; keep one')
    if settings.file is None and not settings.numbers:
        merged.error((*path, "id"), f'the list "{settings.id}" has neither "numbers" nor "file"')
    if settings.refuse and settings.priority is not None:
        merged.error((*path, "priority"), 'calls that are refused have no "priority"')


def _entries(merged: Merged, path: Path, settings: NumberListSettings) -> Iterator[_Entry]:
    for index, text in enumerate(settings.numbers):
        yield _Entry(text, merged.place((*path, "numbers", index)))
    if settings.file is None:
        return
    try:
        lines = read_text(settings.file).splitlines()
    except Unreadable as error:
        merged.error((*path, "file"), f"{settings.file} {error.text}")
        return
    for number, line in enumerate(lines, 1):
        if text := line.partition("#")[0].strip():
            yield _Entry(text, Place(str(settings.file), number))
    if not any(line.partition("#")[0].strip() for line in lines):
        merged.warn((*path, "file"), f"{settings.file} has no numbers")


def _all_read(merged: Merged, entries: Iterator[_Entry], numbering: Numbering | None) -> Iterator[str]:
    bad = 0
    for entry in entries:
        if (found := _read(merged, entry, numbering)) is not None:
            yield found
            continue
        bad += 1
        if bad == MOST_COMPLAINTS:
            text = f"{bad} entries of this list are wrong; those behind this line were not looked at"
            merged.problems.append(Problem(entry.place, text))
            return


def _read(merged: Merged, entry: _Entry, numbering: Numbering | None) -> str | None:
    """Return the number in its one form, or a prefix with its ``*``. None: it is neither."""
    if entry.text.endswith("*"):
        prefix = digits_of(plain(entry.text[:-1])) or ""
        if PREFIX_FORM.fullmatch(prefix):
            return f"{prefix}*"
        text = f'"{entry.text}" is not the beginning of numbers; write a plus and the first digits, as in "+8210555*"'
        merged.problems.append(Problem(entry.place, text))
        return None
    number = numbering.dialed(entry.text, "") if numbering else None
    if number is None:
        fault = numbering.fault(entry.text, "") if numbering else ""
        merged.problems.append(Problem(entry.place, f'"{entry.text}" is no number to compare callers with: {fault}'))
    return number


def _numbering(merged: Merged) -> Numbering:
    """Return the rule for numbers, by what the configuration says, whatever else is wrong in it."""
    nodes = merged.values.get("asterisk")
    countries = {
        name: str(node.get("country") or "")
        for name, node in (nodes.items() if isinstance(nodes, dict) else ())
        if isinstance(node, dict)
    }
    return Numbering(countries, list(_own_numbers(merged.values)))


def _own_numbers(values: dict[str, Any]) -> Iterator[str]:
    for table in ("calling_numbers", "scenarios"):
        rows = values.get(table)
        for row in rows if isinstance(rows, list) else ():
            numbers = [row.get("number"), *(row.get("numbers") or ())] if isinstance(row, dict) else []
            yield from (number for number in numbers if isinstance(number, str) and number)
