"""The log of opening hours that were set by hand and of emergencies that were switched on, and of the ends of that."""

from collections.abc import Sequence

import structlog

from cti_bridge.domain.border.notices import EmergencyChanged, Notice, OverrideChanged
from cti_bridge.domain.model.timestamps import iso

_log = structlog.get_logger("cti_bridge.hours")


def log_overrides(at: float, notices: Sequence[Notice]) -> None:
    """A listener of the engine."""
    for notice in notices:
        if not isinstance(notice, OverrideChanged):
            continue
        if notice.ended is None:
            until = iso(notice.until) if notice.until is not None else None
            _log.info("hours_override", hours=notice.hours, state=notice.state, until=until, by=notice.by)
        else:
            _log.info("hours_override_over", hours=notice.hours, why=notice.ended, by=notice.by)


def log_emergencies(at: float, notices: Sequence[Notice]) -> None:
    """A listener of the engine."""
    for notice in notices:
        if not isinstance(notice, EmergencyChanged):
            continue
        if notice.ended is None:
            until = iso(notice.until) if notice.until is not None else None
            _log.warning("emergency", service=notice.service, message=notice.message, until=until, by=notice.by)
        else:
            _log.warning("emergency_over", service=notice.service, why=notice.ended, by=notice.by)
