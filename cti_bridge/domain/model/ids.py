"""Ids are ours, chosen before the request, from a source that is injected (deterministic in tests).

Calls, offers, tickets and rows are UUIDv7 (RFC 9562, section 5.7): sortable by the time they were made. The id of a
channel or a bridge of ours names its owner and its part there. So an object found on the PBX explains itself:

    cti-CALL-ROLE-RANDOM    cti-CALL-bridge    cti-CALL-softmix
    cti-CALL-recording-NUMBER                  what its caller says to a machine
    cti-CALL-conversation-NUMBER               what is recorded of its conversation
    cti-KIND-OWNER-ROLE-RANDOM                 the same for what belongs to something else than a call

This module does not know which roles there are: a role or a kind of a newer release is ours all the same.

Asterisk gives ids of its own to the channels that we do not create, ``SECOND.COUNTER``. Two PBXs may give the same id,
when both were started a moment ago and a call comes to each within a second. Such a leg is named with its PBX,
``main/1732863805.4``; ids of ours are unique by themselves. So the id of a leg stands for one leg of one PBX, wherever
it is a key. :func:`leg_of_channel` and :func:`channel_of_leg` are the two ways over that border.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

READY = 128
"""The number of UUIDs for which a bridge reads random bytes at once."""
CALL = "call"
"""The kind of an object that belongs to a call. It does not stand in the id."""

_LEG = re.compile(r"cti-(?:([a-z]+)-)?([0-9a-f-]{36})-([a-z][a-z_]*)-[0-9a-f]{12}")
_PLAYBACK = re.compile(r"cti-([0-9a-f-]{36})-play-[0-9a-f]{12}")
_RECORDING = re.compile(r"cti-([0-9a-f-]{36})-(recording|conversation)-[0-9]{1,9}")
_BRIDGE = re.compile(r"cti-(?:([a-z]+)-)?([0-9a-f-]{36})-([a-z][a-z_]*)")


_VARIANT = bytes(byte & 0x3F | 0x80 for byte in range(256))
"""RFC 9562, section 4.1: of the random half the two highest bits are 10."""
_RANDOM = re.compile(r".(...)(.{4})(.{12})")
"""The part behind the version, of 20 hexadecimal digits. The first of them is not needed."""


class Name(NamedTuple):
    """The parts of an id of ours. ``kind`` says what the owner is. ``role`` is the leg's part there, or which of its
    bridges it is."""

    kind: str
    owner: str
    role: str


class Ids:
    """Makes ids. ``random_bytes(n)`` returns n random bytes. Each call has a dozen UUIDs, so the random parts of the
    next ones are kept ready: ``ready`` of them come from one reading."""

    def __init__(self, random_bytes: Callable[[int], bytes], ready: int = 1) -> None:
        self._random = random_bytes
        self._most = ready
        self._parts: list[str] = []
        self._now: float | None = None
        self._time = ""

    def uuid(self, now: float) -> str:
        """A UUIDv7 for the time ``now`` (POSIX seconds)."""
        if now != self._now:
            # Several ids are made at one time, so the text of the time is kept.
            ms = int(now * 1000)
            self._now, self._time = now, f"{ms >> 16 & 0xFFFFFFFF:08x}-{ms & 0xFFFF:04x}-7"
        try:
            return self._time + self._parts.pop()
        except IndexError:
            self._parts = _random_parts(self._random(10 * self._most))
            return self._time + self._parts.pop()

    def leg(self, owner: str, role: str, kind: str = CALL) -> str:
        """Return the channel id of a new leg that we create for ``owner``, a call unless ``kind`` says otherwise. No id
        comes twice, not even after a restart that forgot the first one."""
        return f"{_of(owner, kind)}-{role}-{self._random(6).hex()}"

    def playback(self, call_id: str) -> str:
        return f"cti-{call_id}-play-{self._random(6).hex()}"


def _random_parts(random: bytes) -> list[str]:
    """Return parts that follow the version in a UUIDv7, one for ten random bytes each."""
    block = bytearray(random)
    block[2::10] = block[2::10].translate(_VARIANT)
    return list(map("-".join, _RANDOM.findall(block.hex())))


def _of(owner: str, kind: str) -> str:
    return f"cti-{owner}" if kind == CALL else f"cti-{kind}-{owner}"


# ------------------------------------------------------------------------------- legs


def leg_name(leg_id: str) -> Name | None:
    """Return the parts of a leg's id, or None when the leg is not of our making."""
    return _name(_LEG, leg_id)


def is_ours(leg_id: str) -> bool:
    """Whether the leg is of our making."""
    return leg_id.startswith("cti-") and _LEG.fullmatch(leg_id) is not None


def call_of_leg(leg_id: str) -> str | None:
    """Return the call of a leg that we made. None: the leg belongs to something else, or we did not make it."""
    name = leg_name(leg_id)
    return name.owner if name and name.kind == CALL else None


def leg_of_channel(node: str, channel_id: str) -> str:
    """Return the id of the leg that is this channel of the PBX ``node``."""
    return channel_id if is_ours(channel_id) else f"{node}/{channel_id}"


def channel_of_leg(leg_id: str) -> str:
    """Return the leg's id on its PBX."""
    return leg_id if is_ours(leg_id) else leg_id.partition("/")[2] or leg_id


# ------------------------------------------------------------------------------- bridges


def bridge_id(call_id: str, softmix: bool = False) -> str:
    """Return the id of a call's bridge. A softmix has another id: a call that must change its bridge makes the second
    before the first is destroyed."""
    return f"cti-{call_id}-softmix" if softmix else f"cti-{call_id}-bridge"


def bridge_ids(call_id: str) -> tuple[str, str]:
    """Both ids that the bridge of a call may have."""
    return bridge_id(call_id), bridge_id(call_id, softmix=True)


def bridge_name(identity: str) -> Name | None:
    """Return the parts of a bridge's id, or None when the bridge is not of our making."""
    return _name(_BRIDGE, identity)


def call_of_playback(playback_id: str) -> str | None:
    """The call id inside a playback id that we made."""
    found = _PLAYBACK.fullmatch(playback_id)
    return found[1] if found else None


def recording_name(call_id: str, number: int) -> str:
    """Return the name of a recording on its PBX. ``number`` tells the recordings of a call apart. The name can be made
    anew after a crash, so the same recording is never ordered twice."""
    return f"cti-{call_id}-recording-{number}"


def conversation_name(call_id: str, number: int) -> str:
    """Return the name of a recording of the call's conversation on its PBX, for the same reason."""
    return f"cti-{call_id}-conversation-{number}"


def is_conversation(name: str) -> bool:
    """Return whether this is the name of a recording of a conversation."""
    found = _RECORDING.fullmatch(name)
    return found is not None and found[2] == "conversation"


def call_of_recording(name: str) -> str | None:
    """The call id inside the name of a recording of ours."""
    found = _RECORDING.fullmatch(name)
    return found[1] if found else None


def _name(form: re.Pattern[str], identity: str) -> Name | None:
    found = form.fullmatch(identity)
    return Name(found[1] or CALL, found[2], found[3]) if found else None
