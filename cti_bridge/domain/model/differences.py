"""Differences between two configurations, by name: what was added, removed, changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from cti_bridge.domain.model.directory import Directory

KINDS = ("services", "queues", "scenarios", "calling_numbers", "agents", "clients", "hours", "number_lists")
"""The tables of a directory."""


@dataclass(frozen=True, slots=True)
class Difference:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.added, *self.removed, *self.changed)


@dataclass(frozen=True, slots=True)
class Differences:
    """``of`` has one of each of :data:`KINDS`."""

    of: Mapping[str, Difference]
    policy: bool
    """Whether the rules of the house are other ones, or other PBXs take no new calls."""


def differences(before: Directory, now: Directory) -> Differences:
    found = {kind: _difference(getattr(before, kind), getattr(now, kind)) for kind in KINDS}
    return Differences(found, before.policy != now.policy or before.draining != now.draining)


def _difference(before: Mapping[str, object], now: Mapping[str, object]) -> Difference:
    return Difference(
        added=tuple(name for name in now if name not in before),
        removed=tuple(name for name in before if name not in now),
        # Entries that are the same object are not compared: of ten thousand agents all but a few are.
        changed=tuple(
            name
            for name, entry in now.items()
            if (known := before.get(name)) is not None and known is not entry and known != entry
        ),
    )


def sharing(now: Directory, before: Directory) -> Directory:
    """``now``, with the entries of ``before`` where they are equal."""
    for kind in KINDS:
        known, entries = getattr(before, kind), getattr(now, kind)
        entries.update({name: known[name] for name, entry in entries.items() if known.get(name) == entry})
    return now
