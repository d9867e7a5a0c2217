"""Find an Asterisk that is new enough, or unpack one."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cti_bridge.local.cache import cache_directory, cached
from cti_bridge.local.debian import unpack_packages
from cti_bridge.local.errors import AsteriskUnavailable

# The oldest version without a known hole that matters here, and with what the bridge uses of ARI.
MINIMUM = (22, 10, 1)
SUITE = "forky"


@dataclass(frozen=True)
class AsteriskInstall:
    """The program and the files of one Asterisk."""

    command: tuple[str, ...]
    modules: Path
    data: Path
    version: str

    @property
    def sounds(self) -> Path:
        """Asterisk's own English prompts."""
        for name in ("en", "en_US_f_Allison"):
            if (self.data / "sounds" / name).is_dir():
                return self.data / "sounds" / name
        raise AsteriskUnavailable(f"no English prompts in {self.data}/sounds")


def find_asterisk() -> AsteriskInstall:
    """Return the installed Asterisk if it is new enough, else one unpacked in the cache, at first from the network.

    Takes about ten seconds the first time. Raises AsteriskUnavailable.
    """
    installed = _installed()
    if installed and _numbers(installed.version) >= MINIMUM:
        return installed
    unpacked = _unpacked(cached("asterisk", _unpack))
    if _numbers(unpacked.version) < MINIMUM:
        raise AsteriskUnavailable(f"the mirror has only Asterisk {unpacked.version}, {_dotted(MINIMUM)} is needed")
    return unpacked


def _installed() -> AsteriskInstall | None:
    program = shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    modules = _first(Path("/usr"), "lib/*/asterisk/modules", "lib/asterisk/modules", "lib64/asterisk/modules")
    data = _first(Path("/"), "usr/share/asterisk/rest-api", "var/lib/asterisk/rest-api")
    if not (program and modules and data):
        return None
    return AsteriskInstall((program,), modules, data.parent, _version((program,)))


def _unpack(root: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="apt.", dir=cache_directory()) as workshop:
        unpack_packages(["asterisk"], SUITE, root, Path(workshop))


def _unpacked(root: Path) -> AsteriskInstall:
    """Describe an unpacked Asterisk, which runs through its own loader and needs no chroot."""
    loader = _first(root, "usr/lib/*/ld-linux*.so.*")
    modules = _first(root, "usr/lib/*/asterisk/modules")
    if not (loader and modules):
        raise AsteriskUnavailable(f"{root} holds no complete Asterisk; remove it and try again")
    command = (str(loader), "--library-path", str(loader.parent), str(root / "usr/sbin/asterisk"))
    return AsteriskInstall(command, modules, root / "usr/share/asterisk", _version(command))


def _first(base: Path, *patterns: str) -> Path | None:
    return next((path for pattern in patterns for path in sorted(base.glob(pattern))), None)


def _version(command: tuple[str, ...]) -> str:
    said = subprocess.run([*command, "-V"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"\d+\.\d+\.\d+", said)
    return found.group() if found else "0.0.0"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
