"""Ids are ours, chosen before the request, from a source that is injected (deterministic in tests).

Calls, offers, tickets and rows are UUIDv7 (RFC 9562, section 5.7): sortable by the time they were made. The ids of
channels and bridges that we create carry the call and the role, so that an object found on the PBX explains itself.
"""

import re
from collections.abc import Callable

_LEG = re.compile(r"cti-([0-9a-f-]{36})-([a-z_]+)-([0-9a-f]{12})")
"""With any role: a newer release may have left legs of roles that this one does not know."""
_PLAYBACK = re.compile(r"cti-([0-9a-f-]{36})-play-[0-9a-f]{12}")
_BRIDGE = re.compile(r"cti-([0-9a-f-]{36})-(?:bridge|softmix)")


class Ids:
    """Makes ids. ``random_bytes(n)`` returns n random bytes."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random = random_bytes

    def uuid(self, now: float) -> str:
        """A UUIDv7 for the time ``now`` (POSIX seconds)."""
        bits = (int(now * 1000) & (2**48 - 1)) << 80 | int.from_bytes(self._random(10), "big")
        bits = bits & ~(0xF << 76) | 0x7 << 76
        bits = bits & ~(0x3 << 62) | 0x2 << 62
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def leg(self, call_id: str, role: str) -> str:
        """The channel id of a new leg that we create for ``call_id``. Never the same twice, not even after a restart
        that forgot the first one."""
        return f"cti-{call_id}-{role}-{self._random(6).hex()}"

    def playback(self, call_id: str) -> str:
        return f"cti-{call_id}-play-{self._random(6).hex()}"


def bridge_id(call_id: str, softmix: bool = False) -> str:
    """The bridge of a call. One that is made as softmix has another id: a call that must change its bridge makes the
    second before the first is gone."""
    return f"cti-{call_id}-softmix" if softmix else f"cti-{call_id}-bridge"


def bridge_ids(call_id: str) -> tuple[str, str]:
    """Both ids that the bridge of a call may have."""
    return bridge_id(call_id), bridge_id(call_id, softmix=True)


def call_of_leg(leg_id: str) -> str | None:
    """The call id inside a channel id that we made, or None when the channel is not of our making."""
    found = _LEG.fullmatch(leg_id)
    return found[1] if found else None


def role_of_leg(leg_id: str) -> str | None:
    """The role inside a channel id that we made; it may be one that this release does not know."""
    found = _LEG.fullmatch(leg_id)
    return found[2] if found else None


def call_of_bridge(identity: str) -> str | None:
    """The call id inside a bridge id that we made, or None when the bridge is not of our making."""
    found = _BRIDGE.fullmatch(identity)
    return found[1] if found else None


def call_of_playback(playback_id: str) -> str | None:
    """The call id inside a playback id that we made."""
    found = _PLAYBACK.fullmatch(playback_id)
    return found[1] if found else None
