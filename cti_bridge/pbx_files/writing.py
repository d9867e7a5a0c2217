"""Puts the files in their place: each whole or not at all, with the owner and group of the directory, and closed to
everybody else."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from cti_bridge.pbx_files.differences import MODE

DIRECTORY_MODE = 0o750


def write(directory: Path, files: Mapping[str, str], names: Iterable[str]) -> None:
    """Write these files. Raises OSError."""
    for name in names:
        path = directory / name
        _make_directory(path.parent, directory)
        _write(path, files[name])


def _make_directory(path: Path, within: Path) -> None:
    """Make a directory as the one around it belongs to somebody."""
    if not path.is_dir():
        path.mkdir(mode=DIRECTORY_MODE)
        _give(path, within)


def _write(path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    _give(new, path.parent)
    new.chmod(MODE)
    new.replace(path)


def _give(path: Path, like: Path) -> None:
    """Give the file to owner and group of a directory, where they are not ours."""
    theirs = like.stat()
    ours = path.stat()
    if (ours.st_uid, ours.st_gid) != (theirs.st_uid, theirs.st_gid):
        os.chown(path, theirs.st_uid, theirs.st_gid)
