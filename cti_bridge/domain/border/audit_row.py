"""The row of an act that is written down. Which acts are: :mod:`cti_bridge.domain.rights.audit`."""

from typing import Any

from msgspec import Struct

from cti_bridge.domain.model.words import Audited


class AuditRow(Struct, frozen=True, gc=False):
    """Table ``audit``, written once. ``who`` is a CTI ID or ``operator``."""

    id: str
    at: float
    who: str
    from_address: str | None
    what: Audited
    object: str
    detail: dict[str, Any]
