"""A number that an agent uses often (requirement E2)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrequentNumber:
    """``number`` is E.164 or a CTI number."""

    id: str
    cti_id: str
    number: str
    label: str
