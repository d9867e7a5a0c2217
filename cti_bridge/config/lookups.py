"""The systems that lookups of scenarios ask, made from the configuration with the secrets from their files.

A reload reads the files anew.
"""

from pathlib import Path as FilePath
from typing import Any

from cti_bridge.config.lines import Path
from cti_bridge.config.merge import Merged
from cti_bridge.config.reading import Unreadable, read_text
from cti_bridge.lookup.target import Target, Targets

DEFAULT_WAIT_MS = 1_500
SHORTEST_SECRET = 16
"""Bytes. A shorter key can be found by trying."""


def lookups(merged: Merged, base: FilePath) -> Targets:
    """Return the targets, and add what is wrong with the files of secrets to the problems of ``merged``. Relative paths
    are taken from ``base``."""
    found: Targets = {}
    rows = merged.values.get("scenarios")
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        steps = row.get("steps") if isinstance(row, dict) else None
        for name, step in steps.items() if isinstance(steps, dict) else ():
            if isinstance(step, dict) and step.get("do") == "lookup":
                secret = _secret(merged, ("scenarios", index, "steps", name, "secret_file"), step, base)
                wait_ms = step.get("wait_ms", DEFAULT_WAIT_MS)
                if secret and isinstance(step.get("url"), str) and isinstance(wait_ms, int):
                    scenario = str(row.get("id") or row.get("number") or (row.get("numbers") or [""])[0])
                    found[scenario, name] = Target(step["url"], secret, wait_ms / 1000)
    return found


def _secret(merged: Merged, path: Path, step: dict[str, Any], base: FilePath) -> bytes | None:
    name = step.get("secret_file")
    if not isinstance(name, str) or not name:
        return None
    file = base / name
    try:
        secret = read_text(file).strip("\r\n").encode()
    except Unreadable as error:
        merged.error(path, f"{file} {error.text}")
        return None
    if len(secret) < SHORTEST_SECRET:
        text = f"{file} holds {len(secret)} bytes; a secret has {SHORTEST_SECRET} at least (openssl rand -hex 32)"
        merged.error(path, text)
        return None
    return secret
