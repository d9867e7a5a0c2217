"""Servers that the environment names: a Postgres, a PBX. ``make run`` uses these and prepares none of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cti_bridge.config.schema.whole import PREFIX


@dataclass(frozen=True)
class Given:
    """``settings`` are the variables that are settings, as the bridge reads them."""

    settings: Mapping[str, str]

    @classmethod
    def by(cls, environ: Mapping[str, str]) -> Given:
        """An empty variable names nothing."""
        return cls({name: text for name, text in environ.items() if name.startswith(PREFIX) and text})

    @property
    def postgres(self) -> bool:
        return self._names("DATABASE")

    @property
    def pbx(self) -> bool:
        """Whether the environment names a PBX. The password alone is enough: the sample has the address of a PBX on
        this machine."""
        return self._names("ASTERISK")

    def _names(self, section: str) -> bool:
        return any(name == PREFIX + section or name.startswith(f"{PREFIX}{section}__") for name in self.settings)
