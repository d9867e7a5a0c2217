"""A phone that is muted counts as muted when the PBX has proved it (requirement L2), against an Asterisk on command."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from cti_bridge.domain.border import actions as a
from cti_bridge.domain.border import facts as f
from tests.support.ari import CALL, LEG, Listener
from tests.support.fake_ari import FakeAri, Sent

MUTE = a.MuteLeg("main", CALL, LEG, muted=True, number=3)


@pytest.fixture
async def fake() -> AsyncIterator[FakeAri]:
    ari = FakeAri()
    await ari.start()
    yield ari
    await ari.stop()


@pytest.fixture
async def listener(fake: FakeAri) -> AsyncIterator[Listener]:
    node = Listener(fake.url)
    await node.node.start()
    await node.next(f.NodeSeen)
    yield node
    await node.node.stop()


def answering(mute: int, variable: int) -> Any:
    def answers(sent: Sent) -> tuple[int, None]:
        if "/mute" in sent.uri:
            return mute, None
        return (variable if "/variable" in sent.uri else 204), None

    return answers


@pytest.mark.parametrize(
    ("mute", "variable", "fact"),
    [
        (204, 204, f.LegMuted(LEG, muted=True, number=3)),
        (204, 404, f.LegEnded(LEG)),
        (404, 204, f.LegEnded(LEG)),
    ],
)
async def test_a_muted_phone_is_told_when_an_order_behind_it_was_carried_out(
    fake: FakeAri, listener: Listener, mute: int, variable: int, fact: f.Fact
) -> None:
    fake.answers = answering(mute, variable)
    listener.node.submit([MUTE])
    assert await listener.next(type(fact)) == fact
    about = [sent.uri.partition("?")[0].rpartition("/")[2] for sent in fake.sent if LEG in sent.uri]
    assert about == (["mute", "variable"] if mute == 204 else ["mute"])


async def test_it_is_tried_again_when_nothing_proves_it(fake: FakeAri, listener: Listener) -> None:
    fake.answers = answering(204, 500)
    listener.node.submit([MUTE])
    failed = await listener.next(f.ActionFailed)
    assert (failed.leg_id, failed.ordered) == (LEG, MUTE)
