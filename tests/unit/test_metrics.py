"""The numbers that a monitor alarms on."""

from types import SimpleNamespace
from typing import Any

from cti_bridge.metrics import measure
from cti_bridge.storage.writer import Writer
from tests.unit.floor import Driver, agent_entry, directory


def test_given_rows_that_postgres_refused_then_a_counter_says_how_many() -> None:
    nothing: Any = SimpleNamespace()
    engine: Any = SimpleNamespace(center=Driver(directory(agent_entry(1))).center, handled=0, faults=0, waiting=0)
    spool: Any = SimpleNamespace(backlog_oldest_at=None, backlog_rows=0, healthy=True)
    writer = Writer(spool, nothing, nothing)
    writer.rows_refused, writer.rows_written = 3, 500
    found = {one.name: one for one in measure(engine, {}, spool, writer, 0.0)}
    assert (found["cti_writer_rows_refused"].value, found["cti_writer_rows_refused"].counter) == (3, True)
    assert found["cti_writer_rows_written"].value == 500
