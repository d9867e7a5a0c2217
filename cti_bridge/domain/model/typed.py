"""The keys that a caller has pressed, and the secrets among them.

They are in memory alone. A key that is pressed ahead may belong to a secret that a later step asks for, and the
checkpoint is on disk. After a restart a step asks once more: the keys that were pressed meanwhile are lost as well.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Typed:
    keys: str = ""
    """Keys that were pressed and not used yet."""
    digits: str = ""
    """The digits that were entered for the call's step."""
    hash_until: float = 0.0
    """The digits were complete by their number. A ``#`` that is the next key until then belongs to them."""
    secrets: dict[str, str] = field(default_factory=dict)
    """The values of secret variables, by name."""
