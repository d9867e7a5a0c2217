"""Columns of reports, each with its definition."""

import re
from dataclasses import dataclass
from enum import StrEnum
from textwrap import dedent


class Kind(StrEnum):
    """The kind of a column."""

    MOMENT = "moment"
    TEXT = "text"
    NUMBER = "number"
    """A telephone number; masked in lists."""
    COUNT = "count"
    SECONDS = "seconds"
    RATE = "rate"
    """Per cent. Null: nothing by nothing."""
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind
    about: str


# Compared by identity, for it is a key at each row, and its columns are many.
@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """``pages``: a list that goes on behind a cursor, in place of intervals."""

    name: str
    about: str
    columns: tuple[Column, ...]
    pages: bool = False

    def names(self, *kinds: Kind) -> list[str]:
        """Return the names of the columns of these kinds."""
        return [column.name for column in self.columns if column.kind in kinds]


def columns(kind: Kind, text: str) -> tuple[Column, ...]:
    """Return columns from lines ``name: definition``. A line that is indented further goes on with the one before."""
    lines = re.sub(r"\n +", " ", dedent(text).strip()).splitlines()
    return tuple(Column(name, kind, about) for name, _, about in (line.partition(": ") for line in lines))


SPAN = columns(
    Kind.MOMENT,
    """
    from: When the interval begins.
    till: When it ends.
    """,
)
FINAL = columns(Kind.FLAG, "final: Everything that belongs to the interval is over. A young interval may still change.")
