"""The description of the two bridges for an operator: roles, term, reach, and how far the spare is behind."""

from collections.abc import Collection, Sequence
from typing import Any

from cti_bridge.api.ports import Measurement
from cti_bridge.spare.lease import Lease, Note, Phase

Described = dict[str, Any]
"""JSON for ``pair`` of /readyz."""


def described(
    role: str, lease: Lease, others: Sequence[Note], reaches: Collection[str], phase: str, **more: Any
) -> Described:
    """Return the description of this bridge and of the other one. ``others`` are notes that count."""
    return {
        "name": lease.holder,
        "role": role,
        "phase": phase,
        "term": lease.term if role == "active" else max((note.term for note in others), default=lease.term),
        "reaches": sorted(reaches),
        **more,
        "others": [
            {"name": note.holder, "phase": note.phase, "reaches": list(note.reaches), "left_s": round(note.left_s, 1)}
            for note in others
        ],
    }


def pair_lines(found: Described) -> list[str]:
    """Return lines for a terminal: this bridge and the others, each with role, phase, term and reach. Raises KeyError
    or TypeError for what is no description."""
    behind = f", a spare is {found['behind_s']:.1f} s behind" if found.get("behind_s") is not None else ""
    behind += "" if found.get("ships", True) else ", and Postgres takes no states"
    lines = [f"{found['name']} (this one): {found['role']}, {_of(found)}, term {found['term']}{behind}"]
    for other in found["others"]:
        role = "standby" if other["phase"] in (Phase.LOADING, Phase.WARM) else "active"
        lines.append(f"{other['name']}: {role}, {_of(other)}")
    if not found["others"]:
        lines.append("no other bridge of the pair is there")
    return lines


def _of(bridge: Described) -> str:
    phase = "" if bridge["phase"] == Phase.ACTIVE else f"{bridge['phase'].replace('_', ' ')}, "
    return f"{phase}reaches {', '.join(bridge['reaches']) or 'no PBX'}"


def measured(found: Described) -> list[Measurement]:
    """Return the numbers of a description."""
    active = float(found["role"] == "active")
    return [
        Measurement("cti_pair_active", "Whether this bridge acts; the other one of the pair is its spare", active),
        Measurement("cti_pair_term", "The term of the bridge that acts", found["term"]),
        Measurement("cti_pair_others", "Bridges of the pair that are there beside this one", len(found["others"])),
        Measurement("cti_pair_reaches", "PBXs that this bridge reaches", len(found["reaches"])),
    ]
