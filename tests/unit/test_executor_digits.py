"""Digits that wait for those before them, when the connection breaks in between."""

import asyncio
from typing import Any, cast

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.executor import Executor
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.inspector import Inspector
from cti_bridge.ari.requests import Requests
from cti_bridge.ari.socket import EventSocket
from cti_bridge.ari.stuck import StuckLegs
from cti_bridge.domain.border import actions as a
from tests.support.ari import CALL, LEG


class Socket:
    """Notes the digits that are sent on it."""

    def __init__(self) -> None:
        self.digits: list[str] = []
        self.sent = asyncio.Event()

    def send(self, request: Any, *_: Any) -> None:
        self.digits.append(request.query["dtmf"])
        self.sent.set()


async def test_given_digits_when_the_connection_breaks_then_later_ones_of_the_leg_are_sent() -> None:
    counters, requests = Counters(), Requests("cti_bridge", Endpoints("PJSIP/{cti_number}", "PJSIP/{number}@trunk"))
    http = cast(AriHttp, None)
    stuck = StuckLegs("main", http, counters, lambda fact: None)
    executor = Executor(requests, http, cast(Inspector, None), stuck, lambda fact: None, counters)
    broken, present = Socket(), Socket()
    executor.connect(cast(EventSocket, broken))
    executor.submit([a.SendDigits("main", CALL, LEG, "1")])
    await executor.disconnect()
    executor.connect(cast(EventSocket, present))
    executor.submit([a.SendDigits("main", CALL, LEG, "2")])
    async with asyncio.timeout(5):
        await present.sent.wait()
    assert (broken.digits, present.digits) == ([], ["2"])
    await executor.disconnect()
