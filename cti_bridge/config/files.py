"""The files of a configuration: the main one, then ``conf.d/*.toml`` beside it in the order of their
names."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cti_bridge.config.lines import Path as KeyPath
from cti_bridge.config.lines import line_numbers
from cti_bridge.config.problems import Place, Problem

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
        found = _read(file)
        if isinstance(found, Source):
            sources.append(found)
        else:
            problems.append(found)
    return sources, problems


def _more(main: Path) -> list[Path]:
    return sorted(file for file in (main.parent / "conf.d").glob("*.toml") if not file.name.startswith("."))


def _read(file: Path) -> Source | Problem:
    name = str(file)
    try:
        text = file.read_bytes().decode("utf-8")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Problem(Place(name, line), "this is not UTF-8, which TOML must be")
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        where = _AT_LINE.search(message)
        line = int(where[1]) if where else text.count("\n") + 1
        return Problem(Place(name, line), f"this is not TOML: {_AT_LINE.sub('', message)}")
    except OSError as error:
        return Problem(Place(name), f"the file cannot be read: {error.strerror}")
    return Source(name, values, line_numbers(text.replace("\r\n", "\n")))
