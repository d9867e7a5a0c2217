"""The files of a configuration: the main one, then ``conf.d/*.toml`` beside it in the order of their
names."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cti_bridge.config.lines import Path as KeyPath
from cti_bridge.config.lines import line_numbers
from cti_bridge.config.problems import Place, Problem
from cti_bridge.config.reading import Unreadable, read_text

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Source:
    """One file's or one environment variable's part of the configuration."""

    name: str
    values: dict[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    is_file: bool = True

    def place(self, path: KeyPath) -> Place:
        """Return the place of ``path``, or of the nearest table around it."""
        if not self.is_file:
            return Place(self.name)
        for length in range(len(path), 0, -1):
            if line := self.lines.get(path[:length]):
                return Place(self.name, line)
        return Place(self.name, 1)


def read_files(main: Path) -> tuple[list[Source], list[Problem]]:
    """Return all files that can be read, and the errors of the others. Hidden files in conf.d are left out, for editors
    put half-written copies there."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for file in (main, *_more(main)):
        found = _read(file) if isinstance(file, Path) else file
        if isinstance(found, Source):
            sources.append(found)
        else:
            problems.append(found)
    return sources, problems


def _more(main: Path) -> Iterator[Path | Problem]:
    """A directory that cannot be listed is not an empty one: all that it holds would seem to be gone."""
    directory = main.parent / "conf.d"
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".toml") and not name.startswith("."))
    except OSError as error:
        if not isinstance(error, FileNotFoundError) or directory.is_symlink():
            yield Problem(Place(str(directory)), f"the directory cannot be read: {error.strerror}")
        return
    for name in names:
        yield directory / name


def _read(file: Path) -> Source | Problem:
    name = str(file)
    try:
        text = read_text(file)
        return Source(name, tomllib.loads(text), line_numbers(text.replace("\r\n", "\n")))
    except Unreadable as error:
        if error.line is not None:
            return Problem(Place(name, error.line), "this is not UTF-8, which TOML must be")
        return Problem(Place(name), f"the file {error.text}")
    except RecursionError:
        return Problem(Place(name), "this cannot be read: values stand too deep within each other")
    except ValueError as error:
        message = str(error)
        where = _AT_LINE.search(message)
        at_end = text.count("\n") + 1 if isinstance(error, tomllib.TOMLDecodeError) else None
        line = int(where[1]) if where else at_end
        return Problem(Place(name, line), f"this is not TOML: {_AT_LINE.sub('', message)}")
