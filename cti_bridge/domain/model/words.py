"""The words of rows, answers and events, each list once.

A list with a check in SQL is compared with it (``tests/integration/test_migrations.py``), and with what the API says
(``tests/unit/test_words.py``). What a new word takes: ``docs/architecture.md``. States and statuses stand with what
has them (:mod:`cti_bridge.domain.model.call`, :mod:`cti_bridge.domain.model.agent`), types of ticket events with
tickets.
"""

from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    """From one agent to another, without a customer."""


class Outcome(StrEnum):
    """How a call ended."""

    COMPLETED = "completed"
    LEFT_IN_SCENARIO = "left_in_scenario"
    """The caller hung up before the call was in any queue."""
    ABANDONED_WAITING = "abandoned_waiting"
    ABANDONED_RINGING = "abandoned_ringing"
    ABANDONED_RETURNED = "abandoned_returned"
    """The customer had talked to an agent, came back to a queue or was offered again, and hung up there."""
    QUEUE_TIMEOUT = "queue_timeout"
    QUEUE_FULL = "queue_full"
    NO_AGENTS = "no_agents"
    """Nobody worked for the queue."""
    CLOSED = "closed"
    """The queue had closed."""
    SCENARIO_DONE = "scenario_done"
    """The scenario came to its end before the call was in any queue: the caller has heard what they wanted."""
    SERVICE_OFF = "service_off"
    UNKNOWN_NUMBER = "unknown_number"
    BLOCKED = "blocked"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    AGENT_NO_ANSWER = "agent_no_answer"
    FORCE_DISCONNECTED = "force_disconnected"
    TRANSFER_FAILED = "transfer_failed"
    VOICEMAIL = "voicemail"
    """The caller has left a message."""
    CALLBACK_REGISTERED = "callback_registered"
    """The caller is to be called back."""
    TRANSFERRED_OUT = "transferred_out"
    """A step of the scenario has given the call to an outside number."""
    AGENT_LOST = "agent_lost"
    NOT_RECORDED = "not_recorded"
    """The call could not be recorded, and the house does not want it then."""
    NODE_LOST = "node_lost"


class EndedBy(StrEnum):
    """The party that ended a call."""

    CUSTOMER = "customer"
    AGENT = "agent"
    TARGET = "target"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"


class OfferResult(StrEnum):
    """How an offer ended."""

    ANSWERED = "answered"
    MISSED = "missed"
    DECLINED = "declined"
    BUSY = "busy"
    """The phone is in use by a call of its own."""
    UNREACHABLE = "unreachable"
    CALLER_LEFT = "caller_left"
    WITHDRAWN = "withdrawn"
    """We have withdrawn the offer: the phone stopped ringing for an unknown reason, or the agent could not answer any
    more."""


class OfferKind(StrEnum):
    """The reason for an offer to an agent."""

    QUEUE = "queue"
    RECALL = "recall"
    """The call goes back to the agent who has sent it on."""
    CONSULT = "consult"
    TRANSFER = "transfer"
    INTERNAL = "internal"
    """A colleague calls, without a customer."""


class AfterCall(StrEnum):
    """After-call work follows a conversation with the customer, or a consultation by a colleague."""

    TALK = "talk"
    CONSULT = "consult"


class Returned(StrEnum):
    """The reason for which a call is in a queue again."""

    TRANSFER_FAILED = "transfer_failed"
    LEFT_ON_HOLD = "left_on_hold"
    AGENT_LOST = "agent_lost"


class VisitKind(StrEnum):
    """How a call has come into a queue."""

    NEW = "new"
    TRANSFERRED = "transferred"
    RETURNED = "returned"
    MOVED = "moved"
    CALLBACK = "callback"


class VisitReason(StrEnum):
    """Why a call is in a queue again, or in another one."""

    TRANSFERRED = "transferred"
    TRANSFER_FAILED = "transfer_failed"
    LEFT_ON_HOLD = "left_on_hold"
    AGENT_LOST = "agent_lost"
    MOVED = "moved"


class VisitExit(StrEnum):
    """How a visit to a queue has ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    """The caller has hung up before both were in the bridge."""
    KEY = "key"
    LONGEST_WAIT = "longest_wait"
    FULL = "full"
    NO_AGENTS = "no_agents"
    CLOSED = "closed"
    MOVED = "moved"
    REMOVED = "removed"
    """The queue was removed from the configuration, and no other takes the call."""
    ENDED = "ended"
    """The call was ended, and not by its caller."""
    NODE_LOST = "node_lost"


class TransferKind(StrEnum):
    """How a call is to get another party."""

    DIRECT = "direct"
    """The agent leaves at once."""
    CONSULT = "consult"
    """The agent talks to the target first."""
    STEP = "step"
    """A step of the scenario transfers."""


class TransferResult(StrEnum):
    """How a consultation or a transfer has ended: completed, or why not."""

    COMPLETED = "completed"
    """The customer was seen with the target, or is in the queue or the scenario."""
    CANCELLED = "cancelled"
    RECALLED = "recalled"
    """The sender has taken it back."""
    CUSTOMER_LEFT = "customer_left"
    ENDED = "ended"
    """The call ended for another reason."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    UNREACHABLE = "unreachable"
    MISSED = "missed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    HUNG_UP = "hung_up"
    AGENT_LOST = "agent_lost"


class Unseen(StrEnum):
    """The part that was away for a while (table ``gap``)."""

    BRIDGE = "bridge"
    NODE = "node"
    STORAGE = "storage"


class Cause(StrEnum):
    """The cause of an agent's change."""

    LOGIN = "login"
    LOGOUT = "logout"
    COMMAND = "command"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    MISSED = "missed"
    DECLINED = "declined"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CALLER_LEFT = "caller_left"
    WITHDRAWN = "withdrawn"
    DIAL = "dial"
    DIAL_FAILED = "dial_failed"
    HELD = "held"
    RESUMED = "resumed"
    CONSULT = "consult"
    CONSULT_CANCELLED = "consult_cancelled"
    CONSULT_FAILED = "consult_failed"
    CONNECTED = "connected"
    TRANSFERRED = "transferred"
    RECALLED = "recalled"
    FORCED = "forced"
    CALL_ENDED = "call_ended"
    AGENT_LOST = "agent_lost"
    AGENT_BACK = "agent_back"
    SUPERVISOR = "supervisor"
    """Somebody else has set the agent's status."""
    MONITOR = "monitor"
    """The supervisor monitors a call."""
    MONITOR_ENDED = "monitor_ended"
    LIMIT = "limit"
    NODE_LOST = "node_lost"
    RECOVERY = "recovery"


class SessionOver(StrEnum):
    """The reason why an agent's session has ended."""

    LOGOUT = "logout"
    TAKEOVER = "takeover"
    """The agent has logged in elsewhere."""
    IDLE = "idle"
    """Nobody has used it for the setting ``session_idle_s``."""
    LONGEST = "longest"
    """The session has lasted for the setting ``session_longest_s``."""
    PASSWORD = "password"
    """The agent has another password now."""
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    REMOVED = "removed"
    """The agent is no longer configured, or has lost the phone call permission."""


class LoginEnd(StrEnum):
    """The end of a session, in its row."""

    SELF = "self"
    TAKEOVER = "takeover"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    REMOVED = "removed"
    PASSWORD = "password"
    EXPIRED = "expired"


class Scope(StrEnum):
    """A scope of a client: what a program or a screen may do that nobody is logged in at."""

    WALLBOARD = "wallboard"
    """Shows the figures of the wallboard."""


class Right(StrEnum):
    """A right of a person, in the configuration. Who has which: :mod:`cti_bridge.domain.rights.asker`."""

    RECORDINGS = "recordings"
    """Finds and hears recordings of talks."""
    DOWNLOAD = "download"
    """Takes copies of the recordings that they may hear."""
    MONITOR = "monitor"
    """Listens to talks, whispers and barges in."""
    UNMASK = "unmask"
    """Sees whole numbers where lists mask them."""
    CALLBACKS = "callbacks"
    """Works on call-backs and messages of all queues of the own services, and assigns them."""
    ERASE = "erase"
    """Deletes recordings, and keeps them from being deleted."""


OPERATOR = "operator"
"""The name, in rows and in the log, of the machine's operator, who has no CTI ID."""


class MonitorMode(StrEnum):
    """The part of a supervisor who monitors a call."""

    LISTEN = "listen"
    """Nobody hears the supervisor."""
    WHISPER = "whisper"
    """The agent alone hears them."""
    BARGE = "barge"
    """All hear them whom the agent talks with."""


class MonitorState(StrEnum):
    """A monitor, as its supervisor sees it."""

    RINGING = "ringing"
    """The supervisor's phone rings."""
    WAITING = "waiting"
    """The call has no agent to be heard now."""
    ON = "on"


class MonitorEnd(StrEnum):
    """Why a monitor is over."""

    STOPPED = "stopped"
    """The supervisor has ended it, in the panel or on the phone."""
    CALL_ENDED = "call_ended"
    NO_AGENT = "no_agent"
    """The call has no agent any more, and gets none."""
    NO_ANSWER = "no_answer"
    """The supervisor's phone was not answered."""
    UNREACHABLE = "unreachable"
    """The supervisor's phone could not be called."""
    PHONE_LOST = "phone_lost"
    EMERGENCY = "emergency"
    """The call is one to an emergency service now, or the supervisor calls one."""
    LOGOUT = "logout"
    NOT_PERMITTED = "not_permitted"
    """The right was taken away."""
    FAILED = "failed"
    """The PBX did not do what was ordered."""
    NODE_LOST = "node_lost"
    CHANGED = "changed"
    """The mode is over, the monitor goes on in another one. Only rows say that."""


class Audited(StrEnum):
    """The acts of a row of the audit."""

    LOGOUT = "logout"
    HOURS_SET = "hours_set"
    HOURS_DROPPED = "hours_dropped"
    EMERGENCY_ON = "emergency_on"
    EMERGENCY_OFF = "emergency_off"
    STATUS_SET = "status_set"
    CALL_ENDED = "call_ended"
    CALL_MOVED = "call_moved"
    TEAM_MESSAGE = "team_message"
    HELP_ASKED = "help_asked"
    HELP_ENDED = "help_ended"
    MONITOR_BEGUN = "monitor_begun"
    MONITOR_CHANGED = "monitor_changed"
    MONITOR_ENDED = "monitor_ended"
    """The supervisor has ended it by command. How any other one has ended says its row."""
    RECORDING_PLAYED = "recording_played"
    RECORDING_DOWNLOADED = "recording_downloaded"
    RECORDING_HELD = "recording_held"
    """The recording was put under legal hold."""
    RECORDING_RELEASED = "recording_released"
    """The legal hold was lifted."""
    RECORDING_ERASED = "recording_erased"
    NUMBER_SHOWN = "number_shown"
    """The whole number of the customer of a call."""
    RELOADED = "reloaded"
    """A changed configuration was taken over."""


class OverrideEnd(StrEnum):
    """The end of an override of opening hours, in its row; and of an emergency."""

    EXPIRED = "expired"
    DROPPED = "dropped"
    REPLACED = "replaced"
    REMOVED = "removed"
    """The hours are not configured any more."""
    LOST = "lost"
    """A start does not know it: the spool was lost. Written by :mod:`cti_bridge.storage.closing`."""


class CallEventType(StrEnum):
    """Types of events of a call (table ``call_event``)."""

    ARRIVED = "arrived"
    DELIVERED = "delivered"
    """detail: the numbers as the PBX sent them, where the call has them in another form."""
    DRAINING = "draining"
    """The caller was refused, for the PBX takes no new calls."""
    LISTED = "listed"
    """The caller was refused, for their number is on a list. detail: list."""
    QUEUED = "queued"
    LAST_AGENT = "last_agent"
    """The call is given first to the agent who talked last with the number. detail: cti_id, queue."""
    OFFERED = "offered"
    OFFER_ENDED = "offer_ended"
    ACCEPTED = "accepted"
    CONNECTED = "connected"
    DIAL = "dial"
    HELD = "held"
    RESUMED = "resumed"
    CONSULT = "consult"
    CONSULT_CANCELLED = "consult_cancelled"
    SWAPPED = "swapped"
    """The agent talks to the other one of customer and target. detail: by_cti_id, party."""
    JOINED = "joined"
    """Three talk together. detail: by_cti_id, target_number, target_cti_id."""
    TAKEN_OUT = "taken_out"
    """The agent has taken one of the three out. detail: by_cti_id, party, target_number, target_cti_id."""
    CUSTOMER_LEFT = "customer_left"
    TRANSFER = "transfer"
    TARGET_ANSWERED = "target_answered"
    TARGET_GONE = "target_gone"
    TRANSFERRED = "transferred"
    RECALLED = "recalled"
    """The sender of a transfer has taken it back."""
    RETURNED = "returned"
    MOVED = "moved"
    """The call has another queue, by a changed configuration."""
    LONGEST_WAIT_REACHED = "longest_wait_reached"
    TURNED_AWAY = "turned_away"
    """The queue does not take the call, or keeps it no more. detail: queue, exit."""
    SCENARIO_CIRCLE = "scenario_circle"
    """The scenario leads in a circle in which nothing waits. detail: scenario, step."""
    MESSAGE_LEFT = "message_left"
    """detail: callback_id, queue."""
    CALLBACK_REGISTERED = "callback_registered"
    """detail: callback_id, queue."""
    LEG_ENDED = "leg_ended"
    """Why a party's leg has ended, where its party did not simply hang up. detail: party, cti_id, whether it was
    answered, Q.850 cause, SIP response."""
    AGENT_LOST = "agent_lost"
    AGENT_BACK = "agent_back"
    DIGITS = "digits"
    NO_AUDIO = "no_audio"
    RECORDING_BEGUN = "recording_begun"
    """The agent has begun it. detail: by_cti_id."""
    RECORDING_PAUSED = "recording_paused"
    """The agent has paused it. detail: by_cti_id."""
    RECORDING_RESUMED = "recording_resumed"
    """detail: by_cti_id; null: the pause was over by itself."""
    RECORDING_STOPPED = "recording_stopped"
    """The agent has ended it. detail: by_cti_id."""
    RECORDING_FAILED = "recording_failed"
    """The conversation is not recorded though it should be. detail: reason."""
    HELP_ASKED = "help_asked"
    """An agent asks their supervisors for help. detail: cti_id, by_cti_id."""
    HELP_ENDED = "help_ended"
    """detail: cti_id, by_cti_id: the agent, or a supervisor."""
    WARNED = "warned"
    WARNING_STOPPED = "warning_stopped"
    WARNING_ENDED = "warning_ended"
    FORCE_DISCONNECTED = "force_disconnected"
    REFUSED = "refused"
    """An agent wanted to call a number, and that was refused. detail: cti_id or by_cti_id, the number, code."""
    HANDED_BACK = "handed_back"
    ENDED = "ended"


class TargetGone(StrEnum):
    """Why a consultation or a transfer failed."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    INVALID_NUMBER = "invalid_number"
    UNREACHABLE = "unreachable"
    MISSED = "missed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    HUNG_UP = "hung_up"
    AGENT_LOST = "agent_lost"


class Noted(StrEnum):
    """Types of ticket events that a call notes on its ticket."""

    OWNER_CHANGED = "owner_changed"
    PARTICIPANT_ADDED = "participant_added"
    CALL_EVENT = "call_event"
    COMMENTED = "commented"
    FORCE_DISCONNECTED = "force_disconnected"


class Holder(StrEnum):
    """The means by which the customer was put on hold: the panel, or the phone's own key. A consultation holds by the
    panel; only its event says so."""

    PANEL = "panel"
    PHONE = "phone"


HELD_BY_CONSULT = "consult"
"""``held_by`` of the event of a customer who is put on hold by a consultation."""


class NoCalls(StrEnum):
    """The obstacles to a call for an agent, in the order in which a panel shows them."""

    NOT_READY = "not_ready"
    """Logged out, or in a status other than ready."""
    IN_A_CALL = "in_a_call"
    """The agent is in a call, or one that they sent on is about to come back."""
    PHONE_UNREACHABLE = "phone_unreachable"
    """No contact is registered, or the phone could not be called a moment ago."""
    PHONE_IN_USE = "phone_in_use"
    """A leg exists or is still ending, or the phone has refused a moment ago."""
    NO_QUEUE = "no_queue"
    PBX_UNAVAILABLE = "pbx_unavailable"
    """Every PBX that the phone is, or might be, registered with is away."""
    NO_PANEL = "no_panel"
    """Answer is in the panel, and none is open."""
    SERVICE_OFF = "service_off"
    """CTI-IB of all services of the agent's queues is off, or the phone call permission is missing."""


class AnswerMode(StrEnum):
    """How a call reaches an agent's phone."""

    PHONE = "phone"
    """The phone rings, and is lifted."""
    AUTO = "auto"
    """The panel alerts; Answer makes the phone answer by itself."""
    BROWSER = "browser"
    """The phone is in the panel."""


class PhoneState(StrEnum):
    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"


class Prompt(StrEnum):
    """The question of a panel to its agent."""

    AFTER_CALL = "after_call"
    """The question of ``after_call = "ask"``: Confirm means ready, Cancel means ticket (requirement F1)."""


class ConsultState(StrEnum):
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    """The agent talks to the customer, and the target has music."""
    JOINED = "joined"
    """Customer, agent and target talk together."""
    ALONE = "alone"
    """The customer has left; the agent talks to the target."""


class Record(StrEnum):
    """Whether conversations are recorded."""

    OFF = "off"
    ALWAYS = "always"
    ON_DEMAND = "on_demand"
    """From the moment at which the agent begins it."""


class MayAsk(StrEnum):
    """Requests that an agent may make, by the end of the command's path."""

    DIAL = "dial"
    ANSWER = "answer"
    DECLINE = "decline"
    HOLD = "hold"
    RESUME = "resume"
    CONSULT = "consult"
    CONNECT = "consult/connect"
    CANCEL = "consult/cancel"
    SWAP = "consult/swap"
    JOIN = "consult/join"
    LEAVE = "consult/leave"
    REMOVE = "consult/remove"
    TRANSFER = "transfer"
    RECALL = "recall"
    WARN = "warn"
    STOP_WARNING = "warn/stop"
    FORCE_DISCONNECT = "force-disconnect"
    HANG_UP = "hangup"
    DTMF = "dtmf"
    RECORDING_START = "recording/start"
    RECORDING_PAUSE = "recording/pause"
    RECORDING_RESUME = "recording/resume"
    RECORDING_STOP = "recording/stop"


SYSTEM = "system"
"""The actor of a ticket event that no person has caused."""
