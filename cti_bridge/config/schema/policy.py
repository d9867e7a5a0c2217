"""The rules of the house."""

from typing import Annotated, Literal

from pydantic import Field

from cti_bridge.config.kinds import EmergencyNumber, IdleSeconds, Seconds, SecondsOrNone, Word
from cti_bridge.config.schema.section import Section


class NotTakenSettings(Section):
    """``missed``, ``declined``, ``busy`` and ``unreachable`` of [policy]: what becomes of an agent who did not take an
    offered call."""

    most: Annotated[int, Field(ge=0, le=1000)]
    """So many in a row, and the agent leaves ready. An answered call or a login begins the count anew. 0: never."""
    then: Literal["business", "ready", "rest"] | None = None
    """The status then. None: ``after_missed``."""
    pause_s: SecondsOrNone
    """The seconds without an offer for an agent who stays ready; at least 5, so that a phone that refuses at once is
    not called without end."""


class NotTakenOnceSettings(NotTakenSettings):
    most: Annotated[int, Field(ge=0, le=1000)] = 1
    """As in NotTakenSettings."""
    pause_s: SecondsOrNone = 0
    """As in NotTakenSettings."""


class BusySettings(NotTakenSettings):
    most: Annotated[int, Field(ge=0, le=1000)] = 0
    """As in NotTakenSettings. The agent is not to blame."""
    pause_s: Seconds = 30
    """As in NotTakenSettings: the agent's own call takes a while."""


class UnreachableSettings(NotTakenSettings):
    most: Annotated[int, Field(ge=0, le=1000)] = 0
    """As in NotTakenSettings. The agent is not to blame."""
    pause_s: Seconds = 10
    """As in NotTakenSettings. It ends when the phone registers."""


class PolicySettings(Section):
    """[policy]: the rules of the house."""

    default_status: Literal["business", "ready", "rest"] = "business"
    """An agent's status after login."""
    business_reasons: Annotated[list[Word], Field(min_length=1)] = [
        "education",
        "report",
        "meeting",
        "ticket",
        "chat",
        "monitor",
    ]
    """The reasons that an agent can choose for business."""
    rest_reasons: list[Word] = []
    """The reasons that an agent can choose for rest. Empty: rest has none."""
    after_missed: Literal["business", "ready", "rest"] = "business"
    """The status of an agent who leaves ready since calls were not taken, where ``then`` says none."""
    missed: NotTakenOnceSettings = NotTakenOnceSettings()
    """The pickup time was over."""
    declined: NotTakenOnceSettings = NotTakenOnceSettings()
    """The agent has said no: Cancel in the panel, or the phone's key (SIP 603)."""
    busy: BusySettings = BusySettings()
    """The phone says that it is in use (SIP 486, 600)."""
    unreachable: UnreachableSettings = UnreachableSettings()
    """The phone could not be rung, or refuses by itself."""
    after_call: Literal["ticket", "ready", "ask"] = "ticket"
    """The status after a conversation: Business (Ticket Processing), ready, or Ticket Processing and the question."""
    ticket_processing_limit_s: SecondsOrNone = 0
    """The longest Ticket Processing, in seconds; then the agent is ready. 0: without end."""
    open_ticket: Literal["connect", "ring"] = "connect"
    """The moment at which the panel moves to the ticket."""
    cancel_resumes: bool = False
    """Whether Cancel of a consultation resumes the call; otherwise the agent stays On Hold."""
    agent_lost_s: Seconds = 20
    """The seconds for which a phone that was lost in a conversation is rung again."""
    node_lost_s: SecondsOrNone = 120
    """The seconds after which calls at a PBX that cannot be reached end for agents whom another PBX reaches, so that
    they can work there. A call that goes on there, unseen, is hung up when that PBX is back. 0: never."""
    ticket_processing_warn_s: SecondsOrNone = 300
    """The seconds of ticket processing from which on supervisors see it as long. 0: never."""
    hold_reminder_s: SecondsOrNone = 120
    """The seconds of hold after which the panel reminds the agent. 0: never."""
    show_monitoring: bool = False
    """Whether agents see who monitors their call, and how."""
    session_idle_s: IdleSeconds = 28_800
    """The seconds without a panel, a call and a request after which an agent is logged out, at least 120, for requests
    are noted once a minute. 0: never."""
    session_longest_s: Annotated[float, Field(ge=0, le=2_592_000, allow_inf_nan=False)] = 86_400
    """The seconds after the login after which an agent is logged out, in a call when it ends. 0: never."""
    force_disconnect_reasons: Annotated[list[Word], Field(min_length=1)] = [
        "abusive_language",
        "threat",
        "sexual_harassment",
        "other",
    ]
    """The reasons that an agent can choose for a force disconnect."""
    emergency_numbers: list[EmergencyNumber] | None = None
    """Dialled as they are, by everybody, whatever else is set. None: those of the countries of the calling numbers and
    scenarios."""
