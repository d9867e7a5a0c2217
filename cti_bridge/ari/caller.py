"""The caller's number, and whether the caller withholds it. Pure.

ARI's ``caller`` has the number and does not say whether it may be shown. So the dialplan does, by two more arguments of
``Stasis()`` (``asterisk/etc/extensions.conf``, ``[cti-caller]``). An older dialplan sends neither. Then only the word
in place of a number tells.

A number that is withheld, or that identifies nobody, counts as no number. If the network vouches for a withheld number,
it is kept apart, for marks alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cti_bridge.ari.models import CallerId
from cti_bridge.ari.text import clean
from cti_bridge.numbers.e164 import identifies

VOUCHED = "network"
"""The last argument, when the network itself names the caller (P-Asserted-Identity, Remote-Party-ID)."""

_SHOWN = "allowed"
"""The first letters of the presentations that let the number be shown. The others are prohib… and unavailable."""


class Caller(NamedTuple):
    number: str | None
    name: str
    withheld_number: str | None


def caller(caller_id: CallerId, args: Sequence[str]) -> Caller:
    """Return the caller. ``args`` are those of ``Stasis()``: inbound, the dialled number, the presentation, and the
    party that vouches for it."""
    number = clean(caller_id.number)
    presentation, voucher = (*args[2:4], "", "")[:2]
    if not identifies(number):
        return Caller(None, "", None)
    if presentation and not presentation.startswith(_SHOWN):
        return Caller(None, "", number if voucher == VOUCHED else None)
    return Caller(number, clean(caller_id.name), None)
