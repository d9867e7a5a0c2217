"""The system that a lookup asks."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """``secret`` signs the question."""

    url: str
    secret: bytes = field(repr=False)
    wait_s: float = 1.5


Targets = dict[tuple[str, str], Target]
"""By scenario and step."""
