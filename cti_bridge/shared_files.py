"""The files for operators: configuration, unit, the PBX's files, and the edge's. They lie in the source tree, and an
installed package brings them along."""

import sysconfig
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
INSTALLED = Path(sysconfig.get_path("data")) / "share" / "cti-bridge"
PARTS = ("config", "asterisk", "edge", "dashboards")


class NoSharedFiles(Exception):
    """The installation lacks the operators' files. The message says where they should be."""


def shared_files() -> Path:
    """Return the directory that holds ``config/``, ``asterisk/``, ``edge/`` and ``dashboards/``. Raises
    NoSharedFiles."""
    for place in (REPOSITORY, INSTALLED):
        if all((place / part).is_dir() for part in PARTS):
            return place
    raise NoSharedFiles(f"{INSTALLED} is not there; install cti-bridge anew, or run it in its source tree")
