"""The meaning of the end of a leg, by its Q.850 cause and its SIP response.

Q.850 is ITU-T Q.850 (05/98), table 1; SIP codes are RFC 3261, section 21, and RFC 8197. Asterisk tells the final
response of a leg that was not answered. Of a leg that was up it tells the Reason of the BYE (RFC 3326). Where Asterisk
itself ended the leg, it tells the response to its last request within the call (seen).
"""

from cti_bridge.domain.model.words import OfferResult, Outcome

# Members that every call looks up, by names of the module: see the package.
_DECLINED, _UNREACHABLE = OfferResult.DECLINED, OfferResult.UNREACHABLE

_IN_USE = frozenset({486, 600})
"""Busy Here, Busy Everywhere: the phone is in another call. Some phones send it when their user rejects one, too."""
_A_PERSON_SAYS_NO = frozenset({603, 607})
"""Decline, Unwanted: what phones send when their user rejects a call."""
_IN_USE_Q850, _SAYS_NO_Q850 = 17, 21
_NO_ANSWER_Q850 = 19
_NO_RESPONSE_Q850, _TIMED_OUT_SIP = 18, 408
_SAYS_NOTHING_OF_ITSELF = frozenset({0, 408, 487, 503})
"""Not from the phone: nothing came, it was called off, or there is no way to it."""

_LOST_Q850 = frozenset({18, 20, 27, 38, 41, 44})
"""No user responding, subscriber absent, out of order, network out of order, temporary failure, and 44, which Asterisk
gives when no audio came for its ``rtp_timeout``."""
_LOST_SIP = frozenset({408, 481, 503})
"""The answers to a request within the call by which the other end has gone: the session was not refreshed in time
(RFC 4028) or nobody answered, the other end knows nothing of the call, or the connection to it is broken."""

_BY_SIP = {
    **dict.fromkeys((486, 600), Outcome.BUSY),
    **dict.fromkeys((408, 480, 487), Outcome.NO_ANSWER),
    **dict.fromkeys((401, 403, 407, 433, 603, 607, 608), Outcome.REJECTED),
    **dict.fromkeys((404, 410, 484, 485, 604), Outcome.INVALID_NUMBER),
}
_BY_Q850 = {
    17: Outcome.BUSY,
    18: Outcome.NO_ANSWER,
    19: Outcome.NO_ANSWER,
    21: Outcome.REJECTED,
    1: Outcome.INVALID_NUMBER,
    22: Outcome.INVALID_NUMBER,
    28: Outcome.INVALID_NUMBER,
}


def offer_result(hangup_cause: int, sip_code: int) -> OfferResult:
    """Return the result of an offer whose leg ended while it rang: busy, declined, missed or unreachable; withdrawn if
    nothing is known. Only a person declines: what a phone refuses by itself is not held against its agent."""
    if not hangup_cause and not sip_code:
        return OfferResult.WITHDRAWN
    if hangup_cause == _NO_ANSWER_Q850:
        return OfferResult.MISSED
    if sip_code in _IN_USE or (not sip_code and hangup_cause == _IN_USE_Q850):
        return OfferResult.BUSY
    says_no = sip_code in _A_PERSON_SAYS_NO if sip_code else hangup_cause == _SAYS_NO_Q850
    return _DECLINED if says_no else _UNREACHABLE


def refused_by_phone(hangup_cause: int, sip_code: int) -> bool:
    """Return whether the phone itself has refused, and no person: its agent is to know."""
    unreachable = offer_result(hangup_cause, sip_code) is _UNREACHABLE
    return unreachable and sip_code not in _SAYS_NOTHING_OF_ITSELF


def is_forwarding(sip_code: int) -> bool:
    """Return whether the phone wants its calls to go elsewhere."""
    return 300 <= sip_code < 400


def is_lost(hangup_cause: int, sip_code: int) -> bool:
    """Return whether a leg that was up has ended without its party hanging up. An orderly BYE is a hang-up, whatever
    else its Reason says (RFC 3326)."""
    return hangup_cause in _LOST_Q850 or sip_code in _LOST_SIP


def dial_outcome(hangup_cause: int, sip_code: int, *, rang: bool = True) -> Outcome:
    """Return the outcome of an unanswered call to an outside number: busy, no_answer, rejected, invalid_number, or
    unreachable. Nobody has not answered where nothing rang."""
    if not rang and (sip_code == _TIMED_OUT_SIP or (not sip_code and hangup_cause == _NO_RESPONSE_Q850)):
        return Outcome.UNREACHABLE
    return _BY_SIP.get(sip_code) or _BY_Q850.get(hangup_cause, Outcome.UNREACHABLE)
