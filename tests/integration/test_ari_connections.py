"""What is read in bulk keeps nobody from a connection to the PBX."""

from collections.abc import AsyncIterator

import pytest

from cti_bridge.ari.http import FEW
from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from tests.support.ari import CALL, LEG, Listener
from tests.support.fake_ari import Answer, FakeAri, Sent

AT_ONCE_S = 3.0
"""Less than a list may take."""
PHONES = [str(number) for number in range(1000, 1000 + 3 * FEW)]


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    ari = FakeAri()
    await ari.start()
    yield ari
    await ari.stop()


@pytest.fixture
async def listener(fake: FakeAri) -> AsyncIterator[Listener]:
    """A node that is up."""
    node = Listener(fake.url, phones=PHONES)
    await node.node.start()
    await node.next(f.NodeSeen)
    yield node
    await node.node.stop()


def asked_for_phones(fake: FakeAri) -> int:
    return sum(sent.uri.startswith("/endpoints/") for sent in fake.sent)


async def test_given_phones_that_are_read_one_by_one_and_hang_then_an_inspection_does_not_wait_for_them(
    fake: FakeAri, listener: Listener
) -> None:
    def answer(sent: Sent) -> Answer | None:
        if sent.uri.startswith("/endpoints/"):
            return None
        return (404, {}) if sent.method == "GET" else (204, None)

    fake.answers = answer
    fake.unreadable.add("/endpoints")

    listener.node.surprise()
    await fake.until(lambda: asked_for_phones(fake) >= FEW)
    listener.node.submit([a.InspectLeg("main", CALL, LEG)])

    assert await listener.next(f.LegEnded, within_s=AT_ONCE_S) == f.LegEnded(LEG)


async def test_given_phones_that_are_read_one_by_one_and_hang_then_a_channel_that_cannot_be_shown_is_ended_at_once(
    fake: FakeAri, listener: Listener
) -> None:
    fake.answers = lambda sent: None if sent.uri.startswith("/endpoints/") else (204, None)
    fake.unreadable |= {"/endpoints", f"/channels/{LEG}"}

    listener.node.surprise()
    await fake.until(lambda: asked_for_phones(fake) >= FEW)
    listener.node.submit([a.InspectLeg("main", CALL, LEG)])

    await fake.until(lambda: any(sent.method == "DELETE" for sent in fake.sent), within_s=AT_ONCE_S)
