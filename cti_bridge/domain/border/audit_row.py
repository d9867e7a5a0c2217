"""The row of an act that is written down. Which acts are: :mod:`cti_bridge.domain.rights.audit`."""

from dataclasses import dataclass
from typing import Any

from cti_bridge.domain.model.words import Audited


@dataclass(slots=True)
class AuditRow:
    """Table ``audit``, written once. ``who`` is a CTI ID or ``operator``."""

    id: str
    at: float
    who: str
    from_address: str | None
    what: Audited
    object: str
    detail: dict[str, Any]
