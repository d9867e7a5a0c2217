"""The cache of fetched files, each fetched once."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def cache_directory() -> Path:
    """Return `CTI_BRIDGE_CACHE`, else `.cache` in the repository, made if it is missing."""
    path = Path(os.environ.get("CTI_BRIDGE_CACHE") or REPOSITORY / ".cache").resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def cached(name: str, make: Callable[[Path], None], cache: Path | None = None) -> Path:
    """Return the directory `name` of the cache, or of another `cache`; `make` fills it if it is not there.

    It appears whole or not at all, and processes that ask at the same time wait for the one that makes it.
    """
    cache = cache or cache_directory()
    wanted = cache / name
    if wanted.exists():
        return wanted
    with _locked(cache / f"{name}.lock"):
        if wanted.exists():
            return wanted
        workshop = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=cache))
        try:
            make(workshop)
            workshop.chmod(0o755)
            workshop.rename(wanted)
        except BaseException:
            shutil.rmtree(workshop, ignore_errors=True)
            raise
    return wanted


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
