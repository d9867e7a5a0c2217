"""Facts that take long are handled in turns of the event loop, in their order."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from cti_bridge import engine as module
from cti_bridge.domain.border import facts
from cti_bridge.engine import TURN_S, Engine
from cti_bridge.idempotency import IdempotencyKeys
from tests.unit.floor import Driver, agent_entry, directory
from tests.unit.test_engine_watchers import NoJournal

NODES = tuple(f"pbx{n}" for n in range(6))


async def turns(monkeypatch: pytest.MonkeyPatch, each_s: float) -> Sequence[Sequence[str]]:
    """The nodes that were seen in each turn, when all of them come at once and each takes so long."""
    driver = Driver(directory(agent_entry(1)))
    engine = Engine(
        driver.center, NoJournal(), lambda: driver.now, lambda actions: None, lambda: None, IdempotencyKeys()
    )
    passed_s = 0.0
    found: list[list[str]] = [[]]
    all_seen = asyncio.Event()

    def look(_: float, changes: Any) -> None:
        nonlocal passed_s
        passed_s += each_s
        found[-1] += [name for kind, name in changes if kind == "node"]
        if len(found) == 1 and len(found[0]) == 1:
            for node in NODES[1:]:
                engine.tell(seen(node))
        if NODES[-1] in found[-1]:
            all_seen.set()

    def seen(node: str) -> facts.NodeSeen:
        return facts.NodeSeen(node, "boot", driver.now, (), (), ())

    def next_turn() -> None:
        found.append([])
        if not all_seen.is_set():
            asyncio.get_running_loop().call_soon(next_turn)

    monkeypatch.setattr(module, "monotonic", lambda: passed_s)
    engine.watchers.append(look)
    engine.tell(seen(NODES[0]))
    next_turn()
    async with asyncio.timeout(5):
        await all_seen.wait()
    engine.close()
    return [turn for turn in found if turn]


async def test_given_facts_that_take_long_then_the_loop_has_turns_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await turns(monkeypatch, 0.6 * TURN_S)
    assert found == [["pbx0", "pbx1"], ["pbx2", "pbx3"], ["pbx4", "pbx5"]]


async def test_given_a_fact_longer_than_a_turn_then_each_turn_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await turns(monkeypatch, 2 * TURN_S) == [[node] for node in NODES]


async def test_given_facts_that_take_no_time_then_they_are_handled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await turns(monkeypatch, 0.0) == [list(NODES)]
