"""Notices: news for an agent's panel or for the operator. The agent's own view is none of them: ``agent.changed``
follows from the changed agents by itself."""

from msgspec import Struct

from cti_bridge.domain.model.call import Role
from cti_bridge.domain.model.differences import Differences
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.domain.model.words import EndedBy, OfferResult, Outcome, OverrideEnd, SessionOver


class OfferMade(Struct, frozen=True, gc=False):
    cti_id: str
    offer_id: str


class OfferEnded(Struct, frozen=True, gc=False):
    cti_id: str
    offer_id: str
    result: OfferResult


class CallConnected(Struct, frozen=True, gc=False):
    cti_id: str
    call_id: str


class CallEnded(Struct, frozen=True, gc=False):
    """``role``: the agent's own in the call, agent or target."""

    cti_id: str
    call_id: str
    role: Role
    outcome: Outcome
    ended_by: EndedBy


class SessionEnded(Struct, frozen=True, gc=False):
    """The session is over: its event sockets are closed."""

    cti_id: str
    session: str
    why: SessionOver = SessionOver.LOGOUT


class AgentChanged(Struct, frozen=True, gc=False):
    """The agent's view is another one now."""

    cti_id: str


class Told(Struct, frozen=True, gc=False):
    """A word to the agent: a stable ``code`` and a text."""

    cti_id: str
    code: str
    text: str


class RecordingReady(Struct, frozen=True, gc=False):
    """A conversation in which the agent has talked, and which they may hear, is stored. ``missing_s``: so many seconds
    of talk are not in it; None: it is whole."""

    cti_id: str
    recording_id: str
    call_id: str
    ticket_id: str | None
    service: str
    length_s: float | None
    missing_s: float | None


class PhoneRefused(Struct, frozen=True, gc=False):
    """To the operator: an agent's phone has refused a call by itself, with this SIP response."""

    cti_id: str
    sip_code: int


class TrunkFailed(Struct, frozen=True, gc=False):
    """To the operator: a leg to outside has come to nothing before anything rang. 0, 0: nothing at all came back."""

    node: str
    hangup_cause: int
    sip_code: int


class RecordingFailed(Struct, frozen=True, gc=False):
    """To the operator: a conversation is not recorded though it should be. ``reason`` says why, in words. ``service``
    empty: none is known."""

    node: str
    call_id: str
    reason: str
    service: str = ""


class NumberUnknown(Struct, frozen=True, gc=False):
    """To the operator: a call came for a number without a scenario. The number is as the PBX sent it."""

    node: str
    number: str


class OverrideChanged(Struct, frozen=True, gc=False):
    """To the operator: opening hours were set by hand, or that is over, as ``ended`` says."""

    hours: str
    state: OpenState | None
    until: float | None
    by: str
    ended: OverrideEnd | None = None


class EmergencyChanged(Struct, frozen=True, gc=False):
    """To the operator: the emergency of a service was switched on by hand, or that is over, as ``ended`` says.
    ``message`` is what its callers hear."""

    service: str
    message: str | None
    until: float | None
    by: str
    ended: OverrideEnd | None = None


class ConfigurationTaken(Struct, frozen=True, gc=False):
    """To the operator: another configuration is in force."""

    differences: Differences
    moved_calls: int
    """The number of calls that have another queue now."""
    calls_without_queue: int
    """The number of calls whose queue was removed and that had no other to go to."""
    leaving: tuple[str, ...]
    """The agents (``cti_id``) in a conversation who may not use a phone any more."""
    logged_out: tuple[str, ...]
    overrides_ended: tuple[str, ...] = ()
    """The opening hours that are no more and had an override."""


AgentNotice = OfferMade | OfferEnded | CallConnected | CallEnded | SessionEnded | AgentChanged | Told | RecordingReady
OperatorNotice = (
    PhoneRefused
    | TrunkFailed
    | RecordingFailed
    | NumberUnknown
    | OverrideChanged
    | EmergencyChanged
    | ConfigurationTaken
)
Notice = AgentNotice | OperatorNotice
