"""Who watches the core is handed what each fact has changed."""

from collections.abc import Mapping
from typing import Any

from cti_bridge.domain.border import facts
from cti_bridge.engine import Engine
from cti_bridge.idempotency import IdempotencyKeys
from tests.unit.floor import NODE, NUMBER, Driver, agent_entry, directory


class NoJournal:
    def record(self, *_: Any) -> None:
        pass

    async def committed(self) -> None:
        pass


async def test_given_a_watcher_then_it_sees_each_change_and_reads_what_the_core_holds() -> None:
    driver = Driver(directory(agent_entry(1001)))
    engine = Engine(
        driver.center, NoJournal(), lambda: driver.now, lambda actions: None, lambda: None, IdempotencyKeys()
    )
    seen: list[tuple[float, Mapping[tuple[str, str], object | None]]] = []
    engine.watchers.append(lambda at, changes: seen.append((at, changes)))

    engine.tell(facts.NodeSeen(NODE, "boot", driver.now, (), (), ()))
    engine.tell(facts.CallArrived(NODE, "leg", NUMBER, "+821012345678", "", driver.now))
    (call_id,) = engine.read(lambda floor: list(floor.calls))
    engine.tell(facts.LegEnded("leg", 16))

    assert [at for at, _ in seen] == [driver.now] * 3
    assert ("call", call_id) in seen[1][1]
    assert seen[2][1]["call", call_id] is None
    engine.close()
