"""The differences between the PBX's files and those that the configuration asks for, shown without secrets."""

import re
import stat
from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import Path

MODE = 0o640
"""Passwords stand in these files: their owner writes, their group reads."""

_SECRET = re.compile(r"^(\s*(?:password|md5_cred)\s*=>?\s*)(.*)$", re.MULTILINE)


def present(directory: Path, names: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the files that are there, by name. Raises OSError when one cannot be read."""
    return {name: (directory / name).read_text(errors="replace") for name in names if (directory / name).is_file()}


def changed(directory: Path, wanted: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Return the names of the files that have another text, or may be read by others than their group."""
    return [
        name
        for name, text in sorted(wanted.items())
        if there.get(name) != text or stat.S_IMODE((directory / name).stat().st_mode) & ~MODE
    ]


def shown(directory: Path, name: str, before: str, after: str) -> Iterator[str]:
    """Yield the lines of the difference. Secrets are not in it, but that one is another is."""
    kept = {secret for _, secret in _SECRET.findall(before)}
    path = str(directory / name)
    lines = unified_diff(
        _hidden(before, kept).splitlines(), _hidden(after, kept).splitlines(), path, f"{path} (wanted)", lineterm=""
    )
    none = True
    for line in lines:
        none = False
        yield line
    if none:
        yield f"{path}: its mode is to be {MODE:04o}"


def _hidden(text: str, kept: set[str]) -> str:
    return _SECRET.sub(lambda found: f"{found[1]}({'hidden' if found[2] in kept else 'hidden, a new one'})", text)
