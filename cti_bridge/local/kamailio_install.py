"""Find Kamailio on this machine, or unpack that of the machine's own Debian release."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cti_bridge.local.cache import cached
from cti_bridge.local.debian import unpack_own_release
from cti_bridge.local.errors import KamailioUnavailable

PACKAGES = ("kamailio", "kamailio-postgres-modules")


@dataclass(frozen=True)
class KamailioInstall:
    """The programs and the files of one Kamailio. ``root`` is "/" where it is installed."""

    root: Path

    @property
    def program(self) -> Path:
        return self.root / "usr/sbin/kamailio"

    @property
    def control(self) -> Path:
        """The program that sends commands."""
        return self.root / "usr/sbin/kamcmd"

    @property
    def modules(self) -> Path:
        """Raises KamailioUnavailable."""
        return next(iter(self._found("usr/lib/*/kamailio/modules")))

    @property
    def tables(self) -> list[Path]:
        """The statements that make the tables of registrations."""
        directory = self.root / "usr/share/kamailio/postgres"
        return [directory / "standard-create.sql", directory / "usrloc-create.sql"]

    @property
    def environment(self) -> Mapping[str, str]:
        """This process's variables, and where the libraries are."""
        if self.root == Path("/"):
            return os.environ
        libraries = [*self.root.glob("usr/lib/*-linux-gnu"), *self.root.glob("lib/*-linux-gnu"), self.modules.parent]
        return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))}

    @property
    def version(self) -> str:
        said = subprocess.run([self.program, "-v"], check=True, capture_output=True, text=True, env=self.environment)
        return said.stdout.split()[2]

    def _found(self, pattern: str) -> list[Path]:
        found = sorted(self.root.glob(pattern))
        if not found:
            raise KamailioUnavailable(f"{self.root} holds no complete Kamailio; remove it and try again")
        return found


def find_kamailio() -> KamailioInstall:
    """Return the installed Kamailio if it has all that is needed, else one unpacked in the cache, at first from the
    network. Raises KamailioUnavailable."""
    installed = KamailioInstall(Path("/"))
    if shutil.which("kamailio", path="/usr/sbin") and list(Path("/").glob("usr/lib/*/kamailio/modules/db_postgres.so")):
        return installed
    return KamailioInstall(cached("kamailio", _unpack))


def _unpack(root: Path) -> None:
    try:
        unpack_own_release(PACKAGES, root)
    except (FileNotFoundError, subprocess.CalledProcessError) as refusal:
        said = getattr(refusal, "stderr", b"") or b""
        text = said.decode(errors="replace").strip()
        raise KamailioUnavailable(f"this machine's package sources give no Kamailio\n{refusal}\n{text}") from refusal
