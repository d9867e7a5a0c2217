"""The row of a mode in which a supervisor has monitored a call."""

from msgspec import Struct

from cti_bridge.domain.model.words import MonitorEnd, MonitorMode


class MonitorRow(Struct, frozen=True, gc=False):
    """Table ``monitor``: one mode of a monitor, from when it was in force until it is over, when it is written."""

    id: str
    monitor_id: str
    call_id: str
    cti_id: str
    mode: MonitorMode
    at: float
    ended_at: float
    ended_with: MonitorEnd
