"""Alerts that calls make on a real Asterisk: on a supervisor's live page, in the log and in the metrics, and over again
(rules of the floor: thresholds are alerts).

A trunk or a recording that failed is told for ten minutes: that it is over then shows `unit/test_alerts_of_the_house`.
A recording that fails takes a PBX whose disk is full: `test_recovery_full_disk`. Limits of many calls at once, and the
hours in which a queue is closed, are in the unit tests as well.
"""

import asyncio
from typing import Any

from tests.acceptance.calls import dialed
from tests.acceptance.monitoring import head_of
from tests.acceptance.side_by_side import SideBySide
from tests.acceptance.test_callback_step import asked, registered
from tests.support.agent_client import AgentClient, Json
from tests.support.stack import Desk, Stack

side_by_side = SideBySide()


async def live_page(desk: Desk) -> AgentClient:
    """The supervisor of the room opens the live page."""
    head = head_of(desk).client
    await head.open_panel(f"live:{head.cti_id}")
    return head


async def comes(stack: Stack, head: AgentClient, kind: str, where: str, **fields: Any) -> Json:
    """Wait until the alert is on the live page. It stands in the log and in the metrics as well."""
    alert = await head.row("alerts", f"{kind} {where}", **fields)
    await stack.bridge.logs('"event": "alert"', f'"kind": "{kind}"', f'"{where}"')
    metric = [line for line in await stack.bridge.metrics() if line.startswith("cti_alert{")]
    assert [line for line in metric if f'kind="{kind}"' in line and f'="{where}"' in line and line.endswith(" 1.0")]
    return alert


async def over(stack: Stack, head: AgentClient, alert: Json) -> None:
    """Wait until it is on the live page no more. The log says so too."""
    await head.no_row("alerts", alert["id"])
    await stack.bridge.logs('"event": "alert_over"', f'"kind": "{alert["kind"]}"', f'"{alert["queue"]}"')


@side_by_side
async def test_given_nobody_works_and_a_call_that_waits_then_both_are_alerts_until_an_agent_takes_it(
    stack: Stack,
) -> None:
    async with stack.desk("alert-waits") as desk:
        (queue,) = desk.furnished.queues
        head = await live_page(desk)
        await head.no_row("alerts", f"nobody_works {queue}")
        for one in desk.agents:
            await one.client.set_status("rest")
        customer = await desk.call()
        nobody, waits = await asyncio.gather(
            comes(stack, head, "nobody_works", queue, level="alarm", service=desk.furnished.service),
            comes(stack, head, "longest_wait", queue, level="alarm", count=1, limit_s=2.0),
        )
        await desk.agent.ready()
        phone = await desk.agent.lift()
        await asyncio.gather(over(stack, head, nobody), over(stack, head, waits))
        await phone.hang_up()
        await customer.call.ended()


@side_by_side
async def test_given_a_call_back_that_nobody_makes_then_it_is_an_alert_until_it_is_done(stack: Stack) -> None:
    async with stack.desk("alert-callback", ready=False) as desk:
        (queue,) = desk.furnished.queues
        head = await live_page(desk)
        customer = await asked(desk)
        await customer.call.send_digits("1")
        found = await registered(desk, customer, customer.number)
        overdue = await comes(stack, head, "callbacks_overdue", queue, level="warn", count=1, limit_s=1.0)
        done = {"status": "done", "version": found["version"]}
        await desk.agent.client.request("PATCH", f"/callbacks/{found['callback_id']}", done)
        await over(stack, head, overdue)


@side_by_side
async def test_given_phones_that_go_together_and_a_trunk_that_lets_nothing_ring_then_these_are_alerts(
    stack: Stack,
) -> None:
    async with stack.desk("alert-lines") as desk:
        head = await live_page(desk)
        for _ in range(2):
            _, phone, _ = await dialed(desk, desk.outside(503))
            await phone.ended()
            await desk.agent.client.label("Ready")
        await comes(stack, head, "trunk_failed", "main", level="alarm", service=None, queue=None)
        phones = [one.phone for one in desk.agents[:2]]
        await asyncio.gather(*(phone.unregister() for phone in phones))
        gone = await comes(stack, head, "phones_gone", desk.furnished.queues[0], level="alarm", count=2, of=3)
        await asyncio.gather(*(phone.register() for phone in phones))
        await over(stack, head, gone)
