"""Rows as the spool holds them: JSON objects with the names of the table's columns, times in POSIX seconds."""

import msgspec

from cti_bridge.domain.border.audit_row import AuditRow
from cti_bridge.domain.border.interval_rows import CallInterval, TransferRow
from cti_bridge.domain.border.monitor_row import MonitorRow
from cti_bridge.domain.border.records import (
    AfterCallWork,
    AgentStateChange,
    CallbackRow,
    CallEvent,
    CallRow,
    GapRow,
    HoursOverrideRow,
    LoginRow,
    OfferRow,
    QueueVisit,
    RecordingRow,
    ScenarioStep,
)
from cti_bridge.storage.spool import OutboxRow
from tickets.ticket import TicketEvent, TicketSummary

Row = (
    AgentStateChange
    | CallRow
    | CallEvent
    | OfferRow
    | ScenarioStep
    | QueueVisit
    | AfterCallWork
    | CallInterval
    | TransferRow
    | LoginRow
    | GapRow
    | HoursOverrideRow
    | CallbackRow
    | RecordingRow
    | AuditRow
    | MonitorRow
    | TicketSummary
    | TicketEvent
)

TABLES: dict[type[Row], str] = {
    AgentStateChange: "agent_state_change",
    CallRow: "call",
    CallEvent: "call_event",
    OfferRow: "offer",
    ScenarioStep: "scenario_step",
    QueueVisit: "queue_visit",
    AfterCallWork: "after_call_work",
    CallInterval: "call_interval",
    TransferRow: "transfer",
    LoginRow: "login",
    GapRow: "gap",
    HoursOverrideRow: "hours_override",
    CallbackRow: "callback",
    RecordingRow: "recording",
    AuditRow: "audit",
    MonitorRow: "monitor",
    TicketSummary: "ticket",
    TicketEvent: "ticket_event",
}

_encode = msgspec.json.Encoder().encode


def outbox_row(row: Row, epoch: int, now: float) -> OutboxRow:
    """Return the row for its table, with the writer's epoch added to the text: half the cost of building another object
    for it."""
    return OutboxRow(TABLES[type(row)], b'{"epoch":%d,' % epoch + _encode(row)[1:], now)
