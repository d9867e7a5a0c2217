"""The frames of an agent's stream: a class for each type. Its fields stand in the frame beside ``type``, ``seq`` and
``at`` (:mod:`cti_bridge.api.streams`)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, get_args

import msgspec

from cti_bridge.domain.border.views import AgentView, CallView, OfferView
from cti_bridge.domain.model.call import Role
from cti_bridge.domain.model.words import EndedBy, OfferResult, Outcome


class FrameType(StrEnum):
    SNAPSHOT = "snapshot"
    """The first frame: the agent's view, and the stream's id, with which it is resumed."""
    AGENT_CHANGED = "agent.changed"
    OFFER_MADE = "offer.made"
    OFFER_ENDED = "offer.ended"
    CALL_CONNECTED = "call.connected"
    CALL_ENDED = "call.ended"
    TICKET_OPENED = "ticket.opened"
    TICKET_CHANGED = "ticket.changed"
    RECORDING_READY = "recording.ready"
    NOTICE = "notice"


@dataclass(slots=True)
class AgentChanged:
    """``agent`` may be JSON already: it is compared with what was shown last."""

    type: ClassVar[FrameType] = FrameType.AGENT_CHANGED
    agent: AgentView | msgspec.Raw


@dataclass(slots=True)
class OfferMade:
    type: ClassVar[FrameType] = FrameType.OFFER_MADE
    offer: OfferView
    call: CallView | None


@dataclass(slots=True)
class OfferEnded:
    type: ClassVar[FrameType] = FrameType.OFFER_ENDED
    offer_id: str
    result: OfferResult


@dataclass(slots=True)
class CallConnected:
    type: ClassVar[FrameType] = FrameType.CALL_CONNECTED
    call: CallView


@dataclass(slots=True)
class CallEnded:
    """``role``: the agent's own in the call. ``ended_by`` of the same word means this very agent."""

    type: ClassVar[FrameType] = FrameType.CALL_ENDED
    call_id: str
    role: Role
    outcome: Outcome
    ended_by: EndedBy


@dataclass(slots=True)
class TicketChanged:
    """``event`` is the type of the ticket event by which it changed."""

    type: ClassVar[FrameType] = FrameType.TICKET_CHANGED
    ticket: Mapping[str, Any]
    event: str


@dataclass(slots=True)
class TicketOpened(TicketChanged):
    type: ClassVar[FrameType] = FrameType.TICKET_OPENED


@dataclass(slots=True)
class RecordingReady:
    """As :class:`cti_bridge.domain.border.notices.RecordingReady`."""

    type: ClassVar[FrameType] = FrameType.RECORDING_READY
    recording_id: str
    call_id: str
    ticket_id: str | None
    service: str
    length_s: float | None
    missing_s: float | None


@dataclass(slots=True)
class NoticeShown:
    """A word to the agent: a stable ``code`` and a text."""

    type: ClassVar[FrameType] = FrameType.NOTICE
    code: str
    text: str


Frame = (
    AgentChanged
    | OfferMade
    | OfferEnded
    | CallConnected
    | CallEnded
    | TicketChanged
    | TicketOpened
    | RecordingReady
    | NoticeShown
)

_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in get_args(Frame)}


def content(frame: Frame) -> dict[str, Any]:
    """Return the fields of the frame beside its head."""
    return {name: getattr(frame, name) for name in _FIELDS[type(frame)]}
