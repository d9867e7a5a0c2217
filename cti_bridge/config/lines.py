"""The line of each key in a TOML text. ``tomllib`` reads the values and does not give the lines.

The text must be one that ``tomllib`` accepted. The scanner checks nothing, it only has to find its way (TOML 1.0.0,
sections Keys, Table, Array of Tables, Inline Table). A path is made of keys and, within arrays, of indexes from 0.
"""

import re
import tomllib
from typing import Final

Path = tuple[str | int, ...]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR: Final = re.compile(r"[^,\]}#\r\n]*")
_STRINGS: Final = tuple(
    (opening, re.compile(pattern, re.DOTALL))
    for opening, pattern in (
        # A text in three quotes may end in up to two more of them.
        ('"""', r'"""(?:\\.|[^\\])*?"""(?:"(?!"""))*'),
        ("'''", r"'''.*?'''(?:'(?!'''))*"),
        ('"', r'"(?:\\.|[^"\\])*"'),
        ("'", r"'[^']*'"),
    )
)


def line_numbers(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every table, key and array element. A table that is only implied has the line of its
    first mention."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counted_to = 0
        self._line = 1
        self._lines: dict[Path, int] = {}
        self._tables_in: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        try:
            while not self._is_over():
                start = self._at
                table = self._header() if self._text[self._at] == "[" else self._pair(table)
                self._must_be_behind(start)
        except (IndexError, tomllib.TOMLDecodeError):
            # A text that is no TOML after all, or a newer one: what was found so far is still right.
            return self._lines
        return self._lines

    def _is_over(self) -> bool:
        self._skip(_BLANK)
        return self._at >= len(self._text)

    def _must_be_behind(self, start: int) -> None:
        """Raise IndexError where the scanner would stand still for ever."""
        if self._at <= start:
            raise IndexError(start)

    def _header(self) -> Path:
        """Read ``[key]`` or ``[[key]]``. Return the path of the pairs that follow."""
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        line = self._here()
        keys = self._key()
        path: Path = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
            self._lines.setdefault(path, line)
        path = (*path, keys[-1])
        self._lines.setdefault(path, line)
        if many:
            count = self._tables_in[path] = self._tables_in.get(path, 0) + 1
            path = (*path, count - 1)
            self._lines[path] = line
        self._at += 2 if many else 1
        return path

    def _latest(self, path: Path) -> Path:
        """Return the path with the latest table in place of each array of tables."""
        count = self._tables_in.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path) -> Path:
        """Read ``key = value``. Return ``table``."""
        line = self._here()
        path = table
        for key in self._key():
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._at += 1
        self._skip(_SPACE)
        self._value(path)
        return table

    def _key(self) -> list[str]:
        """A bare, quoted or dotted key; stops at what follows it."""
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            start = self._at
            if self._string():
                keys.append(str(tomllib.loads(f"key = {self._text[start : self._at]}")["key"]))
            else:
                self._skip(_BARE_KEY)
                keys.append(self._text[start : self._at])
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        if self._text.startswith("[", self._at):
            self._array(path)
        elif self._text.startswith("{", self._at):
            self._inline_table(path)
        elif not self._string():
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                index += 1
            elif self._text[self._at] == "]":
                self._at += 1
                return
            else:
                start = self._at
                self._lines[(*path, index)] = self._here()
                self._value((*path, index))
                self._must_be_behind(start)

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
            elif self._text[self._at] == "}":
                self._at += 1
                return
            else:
                self._pair(path)

    def _string(self) -> bool:
        """Pass over a text in quotes, if there is one here."""
        for opening, pattern in _STRINGS:
            if self._text.startswith(opening, self._at):
                return self._skip(pattern)
        return False

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self._text, self._at)
        if found is None or found.end() == self._at:
            return False
        self._at = found.end()
        return True

    def _here(self) -> int:
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        return self._line
