"""The edge with which all phones register, as a PBX sees it. It is not kept: a PBX tells it at each connect."""

from dataclasses import dataclass

DOUBT_S = 30.0
"""The seconds after the edge is back in which a PBX asks for each phone again. Until then nothing follows from a phone
that the PBX does not reach."""


@dataclass(slots=True)
class EdgeSight:
    """One PBX's sight of the edge. ``away_at`` is None while the edge answers."""

    away_at: float | None = None
    back_at: float | None = None
