"""Commands: the requests of agents. Each names its agent, but for those that concern the house. A command that is not
allowed raises a refusal and changes nothing.

A command of a supervisor, or of the machine's operator, says ``by`` whom: a CTI ID, or ``operator``. It is written down
(:mod:`cti_bridge.domain.rights.audit`), with the address that it came from."""

from dataclasses import dataclass

from cti_bridge.domain.model.call import Role
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.words import OPERATOR, Audited, MonitorMode


@dataclass(frozen=True, slots=True)
class LogIn:
    """The password was right. ``session`` is a digest of the new session's token; the old session ends.
    ``password_mark`` is that of the password which was verified."""

    cti_id: str
    session: str
    csrf: str
    password_mark: str = ""
    from_address: str | None = None
    beside: bool = False
    """The new session is a program's, and goes on beside the agent's own."""


@dataclass(frozen=True, slots=True)
class LogOut:
    cti_id: str
    session: str


@dataclass(frozen=True, slots=True)
class EndSession:
    """The operator, or a supervisor, ends the agent's session: at once, in a conversation as soon as it lets the agent
    go."""

    cti_id: str
    by: str = OPERATOR
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class SetStatus:
    cti_id: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class SetAgentStatus:
    """A supervisor sets the status of an agent; in a call the one for afterwards. ``status`` is ready, rest, business
    or offline."""

    cti_id: str
    status: str
    reason: str | None
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class AskHelp:
    """The agent asks their supervisors for help."""

    cti_id: str
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class EndHelp:
    """Help is no longer asked for: the agent says so, or a supervisor has seen to it."""

    cti_id: str
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class SetNextStatus:
    """Wish for a status after the call. ``status`` None cancels the wish."""

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
    """Dial up. ``number`` and ``calling_number`` are E.164. An emergency number is as it is configured, and needs no
    calling number."""

    cti_id: str
    number: str
    calling_number: str


@dataclass(frozen=True, slots=True)
class DialAgent:
    """Call a colleague, without a customer. ``agent`` is their CTI ID."""

    cti_id: str
    agent: str


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
    """Consult a target. Exactly one of ``number`` and ``agent`` (CTI ID) is set. A number is E.164, an emergency
    number, or a CTI number, which means that agent."""

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
class SwapConsult:
    """Talk to the other one of customer and target."""

    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class JoinAll:
    """Let customer, agent and target talk together."""

    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class LeaveThree:
    """Leave the other two of the three to themselves."""

    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Take the customer or the target out of the three."""

    cti_id: str
    call_id: str
    party: Role


@dataclass(frozen=True, slots=True)
class TransferCall:
    """Transfer directly. The target is given as in StartConsult; or it is a queue or a scenario of the call's service.
    ``memo`` is a comment on the ticket, for who has the call next."""

    cti_id: str
    call_id: str
    number: str | None = None
    agent: str | None = None
    queue: str | None = None
    scenario: str | None = None
    memo: str | None = None


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
    """Send ``digits`` (0-9, A-D, *, #) to the outside party whom the agent talks to. ``to`` says which one is meant;
    None: whoever it is."""

    cti_id: str
    call_id: str
    digits: str
    to: Role | None = None


@dataclass(frozen=True, slots=True)
class PanelChanged:
    """A panel of the agent has connected, or the last one has disconnected."""

    cti_id: str
    live: bool


@dataclass(frozen=True, slots=True)
class SessionUsed:
    """The session was used without a panel. It is told now and then, not at each request."""

    cti_id: str
    session: str


@dataclass(frozen=True, slots=True)
class CallbackDone:
    """Mark the call-back, or the message, as done. ``version`` is the one that the agent has seen."""

    cti_id: str
    callback_id: str
    version: int


@dataclass(frozen=True, slots=True)
class BeginRecording:
    """Record the conversation from now on."""

    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class PauseRecording:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class ResumeRecording:
    cti_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class EndRecording:
    cti_id: str
    call_id: str


CallCommand = (
    HoldCall
    | ResumeCall
    | HangUpCall
    | StartConsult
    | ConnectConsult
    | CancelConsult
    | SwapConsult
    | JoinAll
    | LeaveThree
    | TakeOut
    | TransferCall
    | RecallCall
    | Warn
    | StopWarning
    | ForceDisconnect
    | SendDigits
    | BeginRecording
    | PauseRecording
    | ResumeRecording
    | EndRecording
)
"""Commands that name a call."""


@dataclass(frozen=True, slots=True)
class StartMonitor:
    """The supervisor ``cti_id`` monitors a call, on the own phone."""

    cti_id: str
    call_id: str
    mode: MonitorMode
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeMonitor:
    """The supervisor goes on in another mode."""

    cti_id: str
    call_id: str
    mode: MonitorMode
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class StopMonitor:
    cti_id: str
    call_id: str
    by: str
    from_address: str | None = None


Command = (
    LogIn
    | LogOut
    | EndSession
    | SetStatus
    | SetAgentStatus
    | AskHelp
    | EndHelp
    | SetNextStatus
    | AnswerOffer
    | DeclineOffer
    | Dial
    | DialAgent
    | CallCommand
    | CallbackDone
    | StartMonitor
    | ChangeMonitor
    | StopMonitor
    | PanelChanged
    | SessionUsed
)


@dataclass(frozen=True, slots=True)
class SetHoursOverride:
    """Set opening hours to open or closed. ``until`` is POSIX seconds; None: until somebody ends it."""

    hours: str
    state: OpenState
    until: float | None
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class DropHoursOverride:
    """Let the rule of the opening hours hold again."""

    hours: str
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class SetEmergency:
    """Let callers of the service hear ``message`` in place of their scenario; empty: the one that is prepared.
    ``until`` is POSIX seconds; None: until somebody ends it."""

    service: str
    message: str
    until: float | None
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class DropEmergency:
    """Let calls to the service take their scenarios again."""

    service: str
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class NoteAct:
    """Write down an act that changes nothing in the core: somebody reads what not everybody may, or a configuration was
    taken over. ``object`` is the id of what it was done to."""

    what: Audited
    object: str
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class EndCall:
    """A supervisor ends a call for all who are in it."""

    call_id: str
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class MoveCall:
    """A supervisor moves a call that waits: to another queue of its service, or ``first``, to the front. ``queue``
    None: it stays in its queue."""

    call_id: str
    queue: str | None
    first: bool
    by: str
    from_address: str | None = None


@dataclass(frozen=True, slots=True)
class MessageTeam:
    """A supervisor shows a text to the agents of a team whom they supervise, ``cti_ids``, as far as they are logged
    in."""

    team: str
    cti_ids: tuple[str, ...]
    text: str
    by: str
    from_address: str | None = None


HouseCommand = (
    SetHoursOverride | DropHoursOverride | SetEmergency | DropEmergency | NoteAct | EndCall | MoveCall | MessageTeam
)
"""Commands that concern the house, and no agent."""
