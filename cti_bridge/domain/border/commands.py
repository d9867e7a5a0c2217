"""What agents ask for. Each names the agent; a command that is not allowed raises a refusal and changes nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogIn:
    """The password was right. ``session`` is a digest of the new session's token; the old session ends."""

    cti_id: str
    session: str
    csrf: str


@dataclass(frozen=True, slots=True)
class LogOut:
    cti_id: str
    session: str


@dataclass(frozen=True, slots=True)
class SetStatus:
    cti_id: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class SetNextStatus:
    """``status`` None takes the wish back."""

    cti_id: str
    status: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class AnswerOffer:
    cti_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    cti_id: str
    offer_id: str


@dataclass(frozen=True, slots=True)
class HangUpCall:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Dial:
    """``number`` and ``calling_number`` are E.164; an emergency number is as it is configured, and needs no calling
    number."""

    cti_id: str
    number: str
    calling_number: str


@dataclass(frozen=True, slots=True)
class HoldCall:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class ResumeCall:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class StartConsult:
    """Exactly one of ``number`` (E.164, an emergency number, or a CTI number, which means that agent) and ``agent``
    (CTI ID) is set."""

    cti_id: str
    call_id: str
    number: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectConsult:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class CancelConsult:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class TransferCall:
    """Direct; the target as in StartConsult."""

    cti_id: str
    call_id: str
    number: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class RecallCall:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Warn:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class StopWarning:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class ForceDisconnect:
    cti_id: str
    call_id: str
    reason: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SendDigits:
    """``digits`` out of 0-9, A-D, *, #."""

    cti_id: str
    call_id: str
    digits: str


@dataclass(frozen=True, slots=True)
class PanelChanged:
    """The agent's panel is connected, or was the last one to leave."""

    cti_id: str
    live: bool


CallCommand = (
    HoldCall
    | ResumeCall
    | HangUpCall
    | StartConsult
    | ConnectConsult
    | CancelConsult
    | TransferCall
    | RecallCall
    | Warn
    | StopWarning
    | ForceDisconnect
    | SendDigits
)
"""Commands that name a call."""

Command = LogIn | LogOut | SetStatus | SetNextStatus | AnswerOffer | DeclineOffer | Dial | CallCommand | PanelChanged
