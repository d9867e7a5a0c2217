"""The audit: which commands of supervisors and of the machine's operator are written down, and as what.

A command that has a ``by`` is one of these, and has an entry here. Its row is written together with what the command
has changed, so there is none without the other. A row holds no number of a customer, no secret, and no text that
somebody has written.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cti_bridge.domain.border import commands
from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import Audited

Detail = dict[str, Any]
Entry = tuple[Audited, str, Detail]
"""(what was done, to what, details)"""


def audit_row(command: Any, row_id: str, at: float) -> AuditRow:
    """Return the row of a command of :data:`AUDITED`. ``at`` is POSIX seconds."""
    what, object_, detail = AUDITED[type(command)](command)
    return AuditRow(row_id, at, command.by, command.from_address, what, object_, detail)


def _until(until: float | None) -> str | None:
    return None if until is None else iso(until)


AUDITED: Mapping[type, Callable[[Any], Entry]] = {
    commands.EndSession: lambda one: (Audited.LOGOUT, one.cti_id, {}),
    commands.SetHoursOverride: lambda one: (
        Audited.HOURS_SET,
        one.hours,
        {"state": str(one.state), "until": _until(one.until)},
    ),
    commands.DropHoursOverride: lambda one: (Audited.HOURS_DROPPED, one.hours, {}),
    commands.SetEmergency: lambda one: (
        Audited.EMERGENCY_ON,
        one.service,
        {"message": one.message or None, "until": _until(one.until)},
    ),
    commands.DropEmergency: lambda one: (Audited.EMERGENCY_OFF, one.service, {}),
    commands.SetAgentStatus: lambda one: (
        Audited.STATUS_SET,
        one.cti_id,
        {"status": one.status, "reason": one.reason},
    ),
    commands.EndCall: lambda one: (Audited.CALL_ENDED, one.call_id, {}),
    commands.MoveCall: lambda one: (Audited.CALL_MOVED, one.call_id, {"queue": one.queue, "first": one.first}),
    commands.MessageTeam: lambda one: (Audited.TEAM_MESSAGE, one.team, {"agents": len(one.cti_ids)}),
    commands.AskHelp: lambda one: (Audited.HELP_ASKED, one.cti_id, {}),
    commands.EndHelp: lambda one: (Audited.HELP_ENDED, one.cti_id, {}),
    commands.StartMonitor: lambda one: (Audited.MONITOR_BEGUN, one.call_id, {"mode": one.mode}),
    commands.ChangeMonitor: lambda one: (Audited.MONITOR_CHANGED, one.call_id, {"mode": one.mode}),
    commands.StopMonitor: lambda one: (Audited.MONITOR_ENDED, one.call_id, {}),
    commands.NoteAct: lambda one: (one.what, one.object, {}),
}
