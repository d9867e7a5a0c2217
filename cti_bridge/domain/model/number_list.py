"""A list of numbers and prefixes. To look a number up costs the same however long the list is."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NumberList:
    """``numbers`` are in their one form (E.164 where that can be told), ``prefixes`` are beginnings of such numbers."""

    id: str
    numbers: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    refuses: bool = False
    """Calls of these numbers are refused before they are answered."""
    priority: int | None = None
    """The priority of calls of these numbers. None: the list gives none."""
    _lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lengths", tuple(sorted(set(map(len, self.prefixes)))))

    def __contains__(self, number: str) -> bool:
        return number in self.numbers or any(number[:length] in self.prefixes for length in self._lengths)


def number_list(name: str, entries: Iterable[str], *, refuses: bool = False, priority: int | None = None) -> NumberList:
    """Return the list of these entries. One that ends in ``*`` is a prefix."""
    entries = list(entries)
    prefixes = frozenset(entry[:-1] for entry in entries if entry.endswith("*"))
    return NumberList(name, frozenset(entry for entry in entries if entry[-1:] != "*"), prefixes, refuses, priority)
