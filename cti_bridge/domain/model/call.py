"""The call: one customer's way through the house, from the first ring to the outcome.

States, and who moves a call into them; C1 and the like are requirements (``docs/requirements.md``):

in_scenario   a step of the scenario plays a message or waits for a key (C1, H2); an inbound call begins here
in_dialplan   a step of the scenario has handed the call to the dialplan of the PBX, which gives it back (H2)
waiting       in the queue, with music: by a step of the scenario, or after an offer that failed
ringing       offered to one agent (C3): by ``waiting`` when call and agent are there
accepted      the agent pressed Answer, and the phone is called to answer by itself (answer mode auto)
connecting    the agent's leg is up and both are on their way into the bridge, a few milliseconds; or the agent still
              hears the message of the queue, and the customer the music (I9)
talking       both were seen in the bridge (C4): only now the ticket is opened and the agent is Talking
dialing_agent, dialing_customer
              outbound: the agent's own phone rings first (D1), then the customer's, in one bridge with the agent,
              who hears the ringing or the early media (D2); a number dialled on the phone begins with the second
warning       a message plays to both, and then they talk again (E6): the optional step before a force disconnect
on_hold       the customer has music, the agent is alone (E1)
consult_ringing, consult_talking, consult_alone
              the customer has music, the target rings, then talks to the agent (E3); alone when the customer has left;
              an emergency service rings on when the customer has left
consult_swapped
              the agent has swapped: they talk to the customer, and the target has music (E11)
three_together
              customer, agent and target talk (E10)
joining       the agent makes room, the customer enters to the target: a few milliseconds, any failure leads back
transfer_ringing
              the agent has left, or a step of the scenario transfers (H2): the target rings; or the sender's phone is
              waited for (E5)
transfer_confirming
              an outside number that a step of the scenario rings has answered, and hears that it is to press 1; the
              customer still hears the ringing (H2)
transferred   the customer talks to an outside number
internal_ringing, internal_talking
              a colleague is called without a customer (E12): behind dialing_agent, their phone rings, then the two talk
internal_on_hold, internal_held
              the one who has called holds, and the colleague has music; or the other way round
agent_lost    the agent's phone has vanished and is rung again; ``held_by`` says whether the customer was on hold;
              an emergency service that was called, or is the target, is kept for the agent
announcing    a last message plays to the customer, then the call ends
ended         the outcome is known; the call is kept until its last leg has ended

An offer that fails in ringing, accepted or connecting leads back to waiting with the place kept (requirements C5, C6).
The longest wait acts only in waiting. It is looked at again when a call comes back to waiting. Ended is
final: every later fact only clears away legs.
"""

from enum import StrEnum

from msgspec import Struct, field

from cti_bridge.domain.model.course import Course, Spent
from cti_bridge.domain.model.ids import bridge_id
from cti_bridge.domain.model.parts import Customer, Dialling, TargetResult, Wait
from cti_bridge.domain.model.prompt import Prompt
from cti_bridge.domain.model.recorder import Recorder
from cti_bridge.domain.model.stretch import Stretch, TransferUnderWay
from cti_bridge.domain.model.talks import Past
from cti_bridge.domain.model.visit import Visit
from cti_bridge.domain.model.way import Way
from cti_bridge.domain.model.words import Direction, EndedBy, Holder, OfferKind, Outcome


class CallState(StrEnum):
    IN_SCENARIO = "in_scenario"
    IN_DIALPLAN = "in_dialplan"
    WAITING = "waiting"
    RINGING = "ringing"
    ACCEPTED = "accepted"
    CONNECTING = "connecting"
    DIALING_AGENT = "dialing_agent"
    DIALING_CUSTOMER = "dialing_customer"
    TALKING = "talking"
    WARNING = "warning"
    INTERNAL_RINGING = "internal_ringing"
    INTERNAL_TALKING = "internal_talking"
    INTERNAL_ON_HOLD = "internal_on_hold"
    INTERNAL_HELD = "internal_held"
    AGENT_LOST = "agent_lost"
    ON_HOLD = "on_hold"
    CONSULT_RINGING = "consult_ringing"
    CONSULT_TALKING = "consult_talking"
    CONSULT_SWAPPED = "consult_swapped"
    THREE_TOGETHER = "three_together"
    CONSULT_ALONE = "consult_alone"
    JOINING = "joining"
    TRANSFER_RINGING = "transfer_ringing"
    TRANSFER_CONFIRMING = "transfer_confirming"
    TRANSFERRED = "transferred"
    ANNOUNCING = "announcing"
    ENDED = "ended"


_S = CallState
_LET_GO = frozenset({_S.WAITING, _S.IN_SCENARIO, _S.ANNOUNCING, _S.ENDED})
"""The next states of a call that has lost its agent: back to a queue, to a step for whom no queue takes back, to a last
message, or to its end."""

CONSULTING = frozenset({_S.CONSULT_RINGING, _S.CONSULT_TALKING, _S.CONSULT_ALONE})
"""States in which the agent does not hear the customer, for they consult."""
WITH_TARGET = CONSULTING | {_S.CONSULT_SWAPPED, _S.THREE_TOGETHER}
"""States of a consultation: the agent leads the call, and there is a target."""

TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    _S.IN_SCENARIO: frozenset({_S.IN_DIALPLAN, _S.WAITING, _S.TRANSFER_RINGING, _S.ANNOUNCING, _S.ENDED}),
    _S.IN_DIALPLAN: frozenset({_S.IN_SCENARIO, _S.ENDED}),
    _S.WAITING: frozenset({_S.WAITING, _S.IN_SCENARIO, _S.RINGING, _S.ANNOUNCING, _S.ENDED}),
    _S.RINGING: _LET_GO | {_S.ACCEPTED, _S.CONNECTING},
    _S.ACCEPTED: _LET_GO | {_S.CONNECTING},
    _S.CONNECTING: _LET_GO | {_S.TALKING},
    _S.DIALING_AGENT: frozenset({_S.DIALING_CUSTOMER, _S.INTERNAL_RINGING, _S.ENDED}),
    _S.DIALING_CUSTOMER: frozenset({_S.TALKING, _S.AGENT_LOST, _S.ENDED}),
    _S.TALKING: _LET_GO | {_S.WARNING, _S.ON_HOLD, _S.CONSULT_RINGING, _S.TRANSFER_RINGING, _S.AGENT_LOST},
    _S.WARNING: frozenset({_S.TALKING, _S.ON_HOLD, _S.AGENT_LOST, _S.ANNOUNCING, _S.ENDED}),
    _S.AGENT_LOST: _LET_GO
    | CONSULTING
    | {_S.DIALING_CUSTOMER, _S.TALKING, _S.ON_HOLD, _S.JOINING, _S.TRANSFER_RINGING},
    _S.ON_HOLD: _LET_GO | {_S.TALKING, _S.CONSULT_RINGING, _S.TRANSFER_RINGING, _S.AGENT_LOST},
    _S.CONSULT_RINGING: frozenset(
        {_S.CONSULT_TALKING, _S.CONSULT_ALONE, _S.ON_HOLD, _S.TALKING, _S.TRANSFER_RINGING, _S.AGENT_LOST, _S.ENDED}
    ),
    _S.CONSULT_TALKING: frozenset(
        {
            *(_S.CONSULT_SWAPPED, _S.THREE_TOGETHER, _S.CONSULT_ALONE),
            *(_S.ON_HOLD, _S.TALKING, _S.JOINING, _S.AGENT_LOST, _S.ENDED),
        }
    ),
    _S.CONSULT_SWAPPED: frozenset(
        {
            *(_S.CONSULT_TALKING, _S.THREE_TOGETHER, _S.CONSULT_ALONE),
            *(_S.TALKING, _S.JOINING, _S.AGENT_LOST, _S.ENDED),
        }
    ),
    _S.THREE_TOGETHER: frozenset({_S.CONSULT_ALONE, _S.TALKING, _S.JOINING, _S.ENDED}),
    _S.CONSULT_ALONE: frozenset({_S.AGENT_LOST, _S.ENDED}),
    _S.JOINING: _LET_GO | {_S.TALKING, _S.TRANSFERRED, _S.ON_HOLD, _S.CONSULT_ALONE, _S.RINGING, _S.TRANSFER_RINGING},
    _S.TRANSFER_RINGING: _LET_GO | {_S.JOINING, _S.RINGING, _S.TRANSFER_CONFIRMING},
    _S.TRANSFER_CONFIRMING: _LET_GO | {_S.JOINING},
    _S.TRANSFERRED: frozenset({_S.ENDED}),
    _S.INTERNAL_RINGING: frozenset({_S.INTERNAL_TALKING, _S.ENDED}),
    _S.INTERNAL_TALKING: frozenset({_S.INTERNAL_ON_HOLD, _S.INTERNAL_HELD, _S.ENDED}),
    _S.INTERNAL_ON_HOLD: frozenset({_S.INTERNAL_TALKING, _S.ENDED}),
    _S.INTERNAL_HELD: frozenset({_S.INTERNAL_TALKING, _S.ENDED}),
    _S.ANNOUNCING: frozenset({_S.ENDED}),
    _S.ENDED: frozenset(),
}

SPENT: dict[CallState, Spent] = {
    **dict.fromkeys((_S.WAITING, _S.RINGING, _S.ACCEPTED, _S.CONNECTING), Spent.WAIT),
    **dict.fromkeys((_S.TALKING, _S.CONSULT_SWAPPED, _S.THREE_TOGETHER), Spent.TALK),
    _S.INTERNAL_TALKING: Spent.TALK,
    **dict.fromkeys((_S.INTERNAL_ON_HOLD, _S.INTERNAL_HELD), Spent.HOLD),
    **dict.fromkeys((_S.ON_HOLD, _S.CONSULT_RINGING, _S.CONSULT_TALKING, _S.AGENT_LOST), Spent.HOLD),
}
"""Time of the customer by the state, and of the two of an internal call; the others count as none."""

CONVERSES_INTERNALLY = frozenset({_S.INTERNAL_TALKING, _S.INTERNAL_ON_HOLD, _S.INTERNAL_HELD})
"""States of an internal call that the colleague has answered."""
INTERNAL = CONVERSES_INTERNALLY | {_S.INTERNAL_RINGING}

OFFERED = frozenset({_S.RINGING, _S.ACCEPTED, _S.CONNECTING})
"""States in which an offer of the queue, or a recall, rings."""


SECRET_VALUE = "****"
"""Stands in `Call.variables` in place of a secret value. A call of the checkpoint is on disk."""

LegId = str
"""The id of one leg of one PBX (:mod:`cti_bridge.domain.model.ids`)."""


class Role(StrEnum):
    """The part that a leg plays in its call. ``docs/architecture.md`` names the files that a new one touches."""

    CUSTOMER = "customer"
    AGENT = "agent"
    TARGET = "target"


# Members that every call looks up, by names of the module: see the package.
_AGENT, _CUSTOMER, _TARGET = Role.AGENT, Role.CUSTOMER, Role.TARGET


ROLES = tuple(Role)
"""To go through: a tuple takes a fifth of the time of an enum."""


class Place(StrEnum):
    """The place of a party, that is, the audio that it hears."""

    NOWHERE = "nowhere"
    RINGING = "ringing"
    """The leg is not answered yet."""
    MUSIC = "music"
    MESSAGE = "message"
    RINGBACK = "ringback"
    SILENCE = "silence"
    BRIDGE = "bridge"
    DIALPLAN = "dialplan"
    """The dialplan of the PBX has the leg. Nothing is ordered of it, but to hang up."""
    UNKNOWN = "unknown"
    """The place is to be ordered anew: after a reconnect, or after a failure."""


class Stage(StrEnum):
    """How far a leg has come. Only a leg that we make is ever ordered or dialed. A caller's leg begins as up, and so
    does that of an agent who dials on the phone."""

    ORDERED = "ordered"
    DIALED = "dialed"
    UP = "up"
    ENDING = "ending"


class Leg(Struct, gc=False):
    """One channel. ``place`` was ordered last, ``in_bridge`` was seen."""

    id: str
    role: Role
    cti_id: str | None = None
    stage: Stage = Stage.ORDERED
    place: Place = Place.RINGING
    in_bridge: bool = False
    leaving: int = 0
    """The orders out of its bridge that were not seen to take effect."""
    leaving_at: float | None = None
    """The time of the last one."""
    playback_id: str | None = None
    playing: bool = False
    """The message has begun to play."""
    repeats: int = 0
    """The number of times that the leg was dialled again."""
    confirmed_at: float | None = None
    """The time at which the PBX last showed that the leg exists."""
    dialed_at: float | None = None
    rang: bool = False
    """The other end has rung (180), or has played something before it answered (183)."""
    early: bool = False
    """The other end plays something before it answers."""
    packets: int | None = None
    """The audio packets that had come from the leg when it was looked."""
    packets_at: float | None = None
    """The time of the first look that showed so many."""
    phone_holds: bool = False
    """The phone holds by its own key."""
    early_hold: bool = False
    """The PBX takes the leg for one that holds, since it played something one way before it answered."""
    hold_asked: bool = False
    """Keys may have been pressed unseen. The PBX was asked whether the phone holds, and has not answered yet."""
    codec: str = ""
    """The codec of its audio, by the PBX's name. Empty while it is not known."""
    unseen_since: float | None = None
    """The leg was missing when the PBX was back. Since then nobody has seen it."""
    dialplan_goes_on: bool = False
    """An emergency number was dialled on this phone. When we let go of the phone, it is not hung up: the dialplan goes
    on."""


class Offer(Struct, gc=False):
    """One agent rung for one call. ``expires_at`` is the end of the pickup time, or of the time to accept."""

    id: str
    cti_id: str
    offered_at: float
    expires_at: float
    leg_id: str | None = None
    accepted: bool = False
    """The agent pressed Answer, and the phone is called to answer by itself."""
    kind: OfferKind = OfferKind.QUEUE
    queue: str | None = None
    """The queue that the call is offered from."""
    visit_id: str | None = None
    """The visit to that queue."""
    accepted_at: float | None = None
    """The agent lifted the phone, or pressed Answer."""
    hangup_cause: int | None = None
    """Q.850 cause of the leg that ended while it rang."""
    sip_code: int | None = None
    by_hand: bool = False
    """The phone did not answer by itself, and the agent was told to lift it."""


class Target(Struct, gc=False):
    """The other party of a consultation or a transfer: an agent (``cti_id``) or an outside ``number``."""

    number: str
    cti_id: str | None = None
    expires_at: float = 0.0
    by_step: bool = False
    """A step of the scenario transfers to it, and no agent."""
    confirm: bool = False
    """The called party has to press 1 to take the call."""
    ring_s: float | None = None
    """The seconds for which it rings. None: as long as any target."""
    most_s: float | None = None
    """The seconds for which it may talk to the customer. None: as the service says."""


class End(Struct, gc=False):
    """The end of the call; None while the call goes on."""

    at: float | None = None
    outcome: Outcome | None = None
    by: EndedBy | None = None
    announced: Outcome | None = None
    """The outcome to come, while the last message plays."""
    state: CallState | None = None
    """The state in which the call has ended."""
    hangup_cause: int | None = None
    """Q.850 cause of the leg whose end ended the call; None: unknown, or no leg's."""
    sip_code: int | None = None
    seen_late: bool = False
    """Nobody saw the end. ``at`` is the last moment at which the call was known to go on."""


class Call(Struct, gc=False):
    """All times are POSIX seconds of the engine's clock."""

    id: str
    node: str
    direction: Direction
    customer: Customer
    dialed_number: str
    arrived_at: float
    state: CallState
    state_since: float
    service: str | None = None
    queue: str | None = None
    wait: Wait = field(default_factory=Wait)
    prompt: Prompt | None = None
    """The message that plays."""
    way: Way | None = None
    """The way through the scenario. None: the call came from no scenario."""
    visit: Visit | None = None
    """The present or last visit to a queue."""
    answered_at: float | None = None
    version: int = 0
    event_seq: int = 0
    cti_id: str | None = None
    """The agent who is in the call or is offered it."""
    offer: Offer | None = None
    target: Target | None = None
    sender: str | None = None
    """The agent to whom a direct transfer comes back when it fails."""
    last_result: TargetResult | None = None
    """The result of the last consultation or transfer that failed."""
    recalled: bool = False
    """The present offer goes back to the sender."""
    dialling: Dialling = field(default_factory=Dialling)
    ticket_id: str | None = None
    ticket_owner: str | None = None
    """A CTI ID."""
    end: End = field(default_factory=End)
    course: Course = field(default_factory=Course)
    stretch: Stretch | None = None
    """The parties in the present state. None: nobody beside the customer."""
    transfer: TransferUnderWay | None = None
    """The consultation or transfer that goes on."""
    legs: dict[str, Leg] = field(default_factory=dict)
    parties: dict[Role, LegId] = field(default_factory=dict)
    """The leg that plays each role now. A leg that is on its way out may stand in ``legs`` and play none."""
    has_bridge: bool = False
    softmix: bool = False
    """The call's bridge is one that mixes, because two of its parties had different codecs. It stays so."""
    warnings: int = 0
    """The number of warnings of a force disconnect that the customer has heard begin."""
    held_by: list[Holder] = field(default_factory=list)
    """The holders of the customer: panel, phone, or both."""
    lost_until_at: float | None = None
    """The time until which the agent whose phone was lost is rung again."""
    participants: list[str] = field(default_factory=list)
    """CTI IDs of all who were in the conversation."""
    deadlines: dict[str, float] = field(default_factory=dict)
    """Deadlines that only their procedures read (:mod:`cti_bridge.domain.follows.due`)."""
    priority: int = 0
    """Added to the priority of the call's queue."""
    skills: dict[str, int] = field(default_factory=dict)
    """The skills that the call asks of its agent, with the least level of each."""
    relax_s: dict[str, float] = field(default_factory=dict)
    """The seconds of waiting after which a skill is not asked for any more; those without are always asked for."""
    category: str | None = None
    language: str | None = None
    """The language of the messages that the caller hears. None: that of the PBX."""
    learned_at: float | None = None
    """The time at which the bridge first saw a call that had come while no bridge ran, and whose checkpoint may be of
    another clock. None: at its arrival."""
    past: Past | None = None
    """The talks with the customer's number. None: nobody has asked for them."""
    variables: dict[str, str] = field(default_factory=dict)
    """The values that the scenario has learnt, by name. Agents see them. The value of a secret one is
    never here (:data:`SECRET_VALUE`)."""

    recorder: Recorder | None = None
    """The recorder of the conversation. None: nobody has wanted it recorded."""

    @property
    def bridge_id(self) -> str:
        """The id of the bridge that the call has, or will have."""
        return bridge_id(self.id, self.softmix)

    def leg_of(self, role: Role) -> Leg | None:
        """Return the leg that plays ``role`` now, or None. A leg that is on its way out plays none."""
        return self.legs.get(self.parties.get(role, ""))

    @property
    def customer_leg(self) -> LegId | None:
        """The leg that plays the customer now."""
        return self.parties.get(_CUSTOMER)

    @property
    def agent_leg(self) -> LegId | None:
        """The leg of the agent who leads the call or is offered it."""
        return self.parties.get(_AGENT)

    @property
    def target_leg(self) -> LegId | None:
        """The leg of the target of a consultation or a transfer."""
        return self.parties.get(_TARGET)
