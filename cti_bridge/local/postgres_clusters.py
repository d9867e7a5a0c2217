"""Empty clusters of PostgreSQL in the cache: a copy costs a tenth of what initdb does, which tests would run again and
again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cti_bridge.local.cache import cache_directory


def kept_cluster(programs: Path, options: Sequence[str]) -> Path:
    """Return the place in the cache of the cluster that programs of this version make with these options, for this
    user."""
    said = subprocess.run([programs / "postgres", "-V"], check=True, capture_output=True, text=True).stdout
    made_by = "\n".join([said, *options, str(os.getuid())])
    return cache_directory() / f"cluster-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}"


def copy_cluster(source: Path, target: Path) -> None:
    """Copy what is in a cluster's directory, with owners and permissions, into another."""
    subprocess.run(["cp", "-a", f"{source}/.", target], check=True)


def keep_cluster(source: Path, kept: Path) -> None:
    """Put a copy of a cluster, which has never been started, there; it appears whole or not at all. Who comes second
    leaves the first one's."""
    workshop = Path(tempfile.mkdtemp(prefix=f"{kept.name}.", dir=kept.parent))
    try:
        copy_cluster(source, workshop)
        with contextlib.suppress(OSError):
            workshop.rename(kept)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
