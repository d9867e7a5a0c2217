"""Unpack Debian packages into a directory, without root and without installing anything.

apt works here on directories of its own with an empty list of installed packages. So it resolves and verifies the
complete set, and dpkg-deb only unpacks. That needs neither root, nor user namespaces, nor mmdebstrap, and is as fast.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cti_bridge.local.cache import cache_directory
from cti_bridge.local.errors import AsteriskUnavailable

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def unpack_packages(packages: Iterable[str], suite: str, root: Path, workshop: Path) -> None:
    """Unpack packages of a Debian suite, and all they depend on, into `root`.

    `workshop` is a scratch directory. The mirror is the machine's own, or `CTI_BRIDGE_DEBIAN_MIRROR`. Raises
    AsteriskUnavailable, with apt's own words, when no mirror has the suite.
    """
    refusals: list[str] = []
    for mirror in debian_mirrors():
        try:
            _fetch(packages, _isolated_apt(mirror, suite, workshop))
            _unpack(sorted((workshop / "cache" / "archives").glob("*.deb")), root)
        except subprocess.CalledProcessError as refusal:
            refusals.append(f"{mirror}: {refusal.stdout.strip()}")
        else:
            return
    raise AsteriskUnavailable(
        "no Debian mirror gave the packages; name one in CTI_BRIDGE_DEBIAN_MIRROR\n" + "\n".join(refusals)
    )


def unpack_own_release(packages: Iterable[str], root: Path) -> None:
    """Unpack packages of this machine's own release into `root`, with those of their libraries that the machine lacks.
    Raises CalledProcessError, with apt's own words, or FileNotFoundError."""
    with tempfile.TemporaryDirectory(prefix="apt.", dir=cache_directory()) as workshop:
        for part in ("lists/partial", "cache/archives/partial"):
            (Path(workshop) / part).mkdir(parents=True)
        options = [
            *("-o", f"Dir::State::lists={workshop}/lists", "-o", f"Dir::Cache={workshop}/cache"),
            *("-o", "APT::Sandbox::User=", "-o", "Debug::NoLocking=true", "-o", "Acquire::Check-Valid-Until=false"),
            *("-o", "Dir::Etc::parts=/dev/null", "-o", "Acquire::Languages=none"),
        ]
        for words in (["update"], ["--yes", "--download-only", "--no-install-recommends", "install", *packages]):
            subprocess.run(["apt-get", "--quiet", *options, *words], check=True, capture_output=True)
        _unpack((Path(workshop) / "cache/archives").glob("*.deb"), root)


def _fetch(packages: Iterable[str], environment: Mapping[str, str]) -> None:
    _run(["apt-get", "--quiet", "update"], environment)
    _run(["apt-get", "--quiet", "--yes", "--download-only", "install", *packages], environment)


def _unpack(archives: Iterable[Path], root: Path) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda archive: _run(["dpkg-deb", "-x", str(archive), str(root)]), archives))


def debian_mirrors() -> list[str]:
    """Return the base addresses of the machine's package sources, without repeats, in the order of the sources.

    They come from what `apt-get update` would fetch, which is known before any list was fetched.
    """
    if chosen := os.environ.get("CTI_BRIDGE_DEBIAN_MIRROR"):
        return [chosen]
    try:
        plan = _run(["apt-get", "update", "--print-uris"])
    except (FileNotFoundError, subprocess.CalledProcessError) as refusal:
        raise AsteriskUnavailable(f"apt-get does not tell this machine's package sources: {refusal}") from refusal
    found = re.findall(r"^'([^']+)/dists/([^/']+)/InRelease'", plan, re.MULTILINE)
    return list(dict.fromkeys(site for site, suite in found if not suite.endswith(("-security", "-updates"))))


def _isolated_apt(mirror: str, suite: str, workshop: Path) -> Mapping[str, str]:
    """Give apt directories of its own, and return the environment that makes it use them."""
    for part in ("state/lists/partial", "cache/archives/partial", "etc"):
        (workshop / part).mkdir(parents=True, exist_ok=True)
    (workshop / "state/status").touch()
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    (workshop / "etc/sources.list").write_text(f"deb {signed}{mirror} {suite} main\n")
    configuration = workshop / "etc/apt.conf"
    configuration.write_text(_APT_CONF.format(workshop=workshop) + _machine_settings())
    return {**os.environ, "APT_CONFIG": str(configuration), "LC_ALL": "C.UTF-8"}


def _machine_settings() -> str:
    """Return the machine's proxies and time-outs, but not its hooks, which expect root."""
    return _run(["apt-config", "dump", "Acquire::http", "Acquire::https", "Acquire::Retries", "Acquire::ForceIPv4"])


# A mirror may be a snapshot, whose Release file has expired; its signature is checked all the same.
_APT_CONF = """\
Dir::State "{workshop}/state";
Dir::State::status "{workshop}/state/status";
Dir::Cache "{workshop}/cache";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Etc::sourcelist "{workshop}/etc/sources.list";
Dir::Etc::sourceparts "/dev/null";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
APT::Update::Error-Mode "any";
"""


def _run(command: list[str], environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    return done.stdout
