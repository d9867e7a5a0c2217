"""The one place where refusals are named.

Refusal └── every subclass: an agent's request that is not allowed now. It has a stable ``code`` and an HTTP
``status``; its docstring is the text for clients that have none of their own. The panel has: ``problem.CODE`` in
``widget/i18n/``. Nothing has changed when it is raised.
"""


class Refusal(Exception):
    """This is not allowed."""

    code = "not_allowed_now"
    status = 409

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or ""))

    @property
    def detail(self) -> str:
        return str(self.args[0])


class NotAllowedNow(Refusal):
    """This is not possible in the present state."""


class CallChanged(Refusal):
    """That call is over for you; another one, or none, has taken its place."""

    code = "call_changed"


class OfferOver(Refusal):
    """That offer is over."""

    code = "offer_over"


class AnswerOnPhone(Refusal):
    """Lift the phone to answer this call."""

    code = "answer_on_phone"


class PhoneUnreachable(Refusal):
    """Your phone cannot be reached. Check that it is switched on and registered."""

    code = "phone_unreachable"


class NotFound(Refusal):
    """There is no such thing, or it is not yours."""

    code = "not_found"
    status = 404


class WrongRole(Refusal):
    """A supervisor may do this."""

    code = "wrong_role"
    status = 403


class MissingRight(Refusal):
    """You do not have the right that this takes."""

    code = "missing_right"
    status = 403


class OthersConcerned(Refusal):
    """Other services use this too, and only who supervises all of them may do this."""

    code = "others_concerned"
    status = 403


class NoPhonePermission(Refusal):
    """You do not have the phone call permission."""

    code = "no_phone_permission"
    status = 403


class InvalidBody(Refusal):
    """The request is not valid."""

    code = "invalid_body"
    status = 422


class Unauthenticated(Refusal):
    """Log in first."""

    code = "unauthenticated"
    status = 401


class VersionConflict(Refusal):
    """Somebody has changed it meanwhile."""

    code = "version_conflict"


class PbxUnavailable(Refusal):
    """The telephone system cannot be reached at the moment. Calls in progress go on."""

    code = "pbx_unavailable"
    status = 503


class StorageUnavailable(Refusal):
    """The storage cannot be reached at the moment. Calls go on."""

    code = "storage_unavailable"
    status = 503


class RecordingNotPaused(Refusal):
    """The recording could not be paused: it still records."""

    code = "recording_not_paused"
    status = 503


class OnLegalHold(Refusal):
    """The recording is under legal hold. Lift that first."""

    code = "on_legal_hold"


class NotRecorded(Refusal):
    """The recording could not be begun: the call is not recorded."""

    code = "not_recorded"
    status = 503


class ResumeOnPhone(Refusal):
    """The phone itself holds the call: resume it there."""

    code = "resume_on_phone"


class CustomerLeft(Refusal):
    """The customer has left the call."""

    code = "customer_left"


class PbxCannotMonitor(Refusal):
    """This version of the PBX breaks calls that are monitored. Another one is needed."""

    code = "pbx_cannot_monitor"


class TargetNotReady(Refusal):
    """That agent cannot take a call now."""

    code = "target_not_ready"


class TargetIsSelf(Refusal):
    """You cannot transfer a call to yourself."""

    code = "target_is_self"


class InvalidNumber(Refusal):
    """That is not a phone number."""

    code = "invalid_number"
    status = 422


class NumberNotAllowed(Refusal):
    """This service may not dial that number."""

    code = "number_not_allowed"
    status = 422


class CallingNumberNotConfirmed(Refusal):
    """That is not a confirmed calling number of your services."""

    code = "calling_number_not_confirmed"
    status = 422


class ServiceOff(Refusal):
    """Outbound calls are switched off for this service."""

    code = "service_off"
    status = 403


class LimitReached(Refusal):
    """Too many lines to outside are in use. Try again in a moment."""

    code = "limit_reached"
    status = 429


class ListFull(Refusal):
    """The list is full. Remove an entry first."""

    code = "list_full"
