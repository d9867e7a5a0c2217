"""Passwords of the local installation: made at the first start, kept in a file that only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class LocalSecrets:
    """``phones`` by CTI number, ``logins`` by CTI ID."""

    ari: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    phones: dict[str, str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)


def local_secrets(path: Path, cti_numbers: Iterable[str], cti_ids: Iterable[str]) -> LocalSecrets:
    """Return the passwords of the file. Missing ones are made and written back."""
    known = LocalSecrets(**json.loads(path.read_text())) if path.exists() else LocalSecrets()
    for number in cti_numbers:
        known.phones.setdefault(number, secrets.token_urlsafe(9))
    for cti_id in cti_ids:
        known.logins.setdefault(cti_id, secrets.token_urlsafe(6))
    path.touch(mode=0o600)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(known), indent=1))
    os.replace(fresh, path)
    return known
