"""What an id says: of whom a leg or a bridge of ours is, and on which PBX a leg that we did not make is."""

from random import Random
from uuid import RFC_4122, UUID

import pytest

from cti_bridge.domain.model.call import Role
from cti_bridge.domain.model.ids import (
    CALL,
    READY,
    Ids,
    Name,
    bridge_ids,
    bridge_name,
    call_of_leg,
    channel_of_leg,
    is_ours,
    leg_name,
    leg_of_channel,
)

OWNER = "01a1fc83-f663-7689-93d1-164bd7ce684b"
THEIRS = (
    "1795237869.4",
    "main-1795237869.4",
    "main/1795237869.4",
    "a/b/c",
    "cti-probe-0123456789abcdef0123456789abcdef",
    f"cti-{OWNER}-agent-85f0f6e9cfc7;2",
    f"cti-{OWNER}-agent-85f0f6e9cfc7\n",
    f"cti-{OWNER}-AGENT-85f0f6e9cfc7",
    "cti-",
    "é%2f ?#&,",
)
"""What may stand there: Asterisk's own, with a ``systemname`` before it, and what a hostile one may think of."""


def ids() -> Ids:
    return Ids(lambda n: b"\x0a" * n)


@pytest.mark.parametrize("ready", [1, 3, READY])
def test_uuids_are_of_version_7_and_of_their_time_however_many_are_read_at_once(ready: int) -> None:
    chance, made = Random(1), []
    ours = Ids(chance.randbytes, ready)
    for n in range(2 * READY + 1):
        at_ms = 1_800_000_000_000 + n // 5
        made.append(UUID(ours.uuid(at_ms / 1000)))
        assert (made[-1].version, made[-1].variant, made[-1].int >> 80) == (7, RFC_4122, at_ms)
    assert len(set(made)) == len(made)
    assert len({one.int & 2**62 - 1 for one in made}) == len(made)


@pytest.mark.parametrize("role", [*Role, "monitor", "barge_in"])
def test_a_leg_of_ours_says_its_call_and_its_role_also_one_of_a_newer_release(role: str) -> None:
    leg_id = ids().leg(OWNER, role)
    assert leg_name(leg_id) == Name(CALL, OWNER, role)
    assert is_ours(leg_id)
    assert call_of_leg(leg_id) == OWNER


def test_a_leg_of_something_else_than_a_call_says_of_what() -> None:
    leg_id = ids().leg(OWNER, "supervisor", "monitor")
    assert leg_name(leg_id) == Name("monitor", OWNER, "supervisor")
    assert call_of_leg(leg_id) is None


@pytest.mark.parametrize("identity", bridge_ids(OWNER))
def test_a_bridge_of_ours_says_its_call(identity: str) -> None:
    assert bridge_name(identity) == Name(CALL, OWNER, identity.rsplit("-", 1)[1])


def test_a_bridge_of_something_else_says_of_what() -> None:
    assert bridge_name(f"cti-monitor-{OWNER}-ear") == Name("monitor", OWNER, "ear")
    assert bridge_name(f"cti-{OWNER}") is None
    assert bridge_name("3a1f") is None


def test_the_ids_of_calls_are_what_the_first_release_made() -> None:
    """Legs that it left on a PBX are found again."""
    assert ids().leg(OWNER, Role.TARGET) == f"cti-{OWNER}-target-0a0a0a0a0a0a"
    assert bridge_ids(OWNER) == (f"cti-{OWNER}-bridge", f"cti-{OWNER}-softmix")


@pytest.mark.parametrize("channel_id", THEIRS)
def test_a_channel_that_we_did_not_make_is_another_leg_on_each_pbx_and_keeps_its_id_there(channel_id: str) -> None:
    legs = [leg_of_channel(node, channel_id) for node in ("main", "second")]
    assert len(set(legs)) == 2
    assert [channel_of_leg(leg_id) for leg_id in legs] == [channel_id] * 2
    assert not any(is_ours(leg_id) for leg_id in legs)


def test_no_two_channels_of_two_pbxs_are_one_leg() -> None:
    """Whatever is in an id of the one, it cannot look like one of the other."""
    channels = [*THEIRS, *(f"second/{channel_id}" for channel_id in THEIRS)]
    legs = {leg_of_channel(node, channel_id) for node in ("main", "second") for channel_id in channels}
    assert len(legs) == 2 * len(set(channels))


def test_a_channel_that_we_made_is_the_same_leg_whoever_tells_of_it() -> None:
    leg_id = ids().leg(OWNER, Role.AGENT)
    assert leg_of_channel("main", leg_id) == leg_id
    assert channel_of_leg(leg_id) == leg_id
