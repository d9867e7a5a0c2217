"""The numbers that a monitor alarms on."""

from types import SimpleNamespace
from typing import Any

import pytest

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.metrics import measure
from cti_bridge.storage.disk_pace import DiskPace
from cti_bridge.storage.writer import Writer
from tests.support.ari import ari_time
from tests.unit.floor import Driver, agent_entry, directory

NOTHING: Any = SimpleNamespace()
ENGINE: Any = SimpleNamespace(center=Driver(directory(agent_entry(1))).center, handled=0, faults=0, waiting=0)
SPOOL: Any = SimpleNamespace(
    backlog_oldest_at=None, backlog_rows=0, healthy=True, set_aside_entries=0, written_anew=0, pace=DiskPace()
)


def test_given_rows_that_postgres_refused_then_a_counter_says_how_many() -> None:
    writer = Writer(SPOOL, NOTHING, NOTHING)
    writer.rows_refused, writer.rows_written = 3, 500
    found = {one.name: one for one in measure(ENGINE, {}, SPOOL, writer, 0.0)}
    assert (found["cti_writer_rows_refused"].value, found["cti_writer_rows_refused"].counter) == (3, True)
    assert found["cti_writer_rows_written"].value == 500


def test_given_a_pbx_whose_clock_is_known_then_its_difference_is_measured_and_else_there_is_no_number() -> None:
    clock = PbxClock("main")
    clock.heard(ari_time(1_000_000.0 - 90), 1_000_000.0)
    nodes: Any = {
        name: SimpleNamespace(counters=Counters(), state="up", pbx_clock=its, stuck=0, lists_readable=True)
        for name, its in (("main", clock), ("other", PbxClock("other")))
    }
    found = [
        one
        for one in measure(ENGINE, nodes, SPOOL, Writer(SPOOL, NOTHING, NOTHING), 0.0)
        if one.name == "cti_pbx_clock_ahead_seconds"
    ]
    assert [one.labels for one in found] == [{"node": "main"}]
    assert found[0].value == pytest.approx(-90)
