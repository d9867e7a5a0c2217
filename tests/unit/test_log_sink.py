"""A log that cannot be written costs lines, which are counted, and nothing else."""

import io
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from cti_bridge import log_sink
from cti_bridge.log import configure_logging
from cti_bridge.log_sink import LogSink, standard_error

WITHIN_S = 5.0


class Reader:
    """Stands for what the sink writes to, and does as it is told."""

    def __init__(self) -> None:
        self.text = ""
        self.fails: OSError | None = None
        self.takes = threading.Event()
        """Cleared: a write waits."""
        self.takes.set()
        self.asked = threading.Event()
        self.most = 1 << 30
        self._changed = threading.Condition()

    def put(self, data: memoryview) -> int:
        self.asked.set()
        self.takes.wait()
        with self._changed:
            if self.fails is not None:
                self._changed.notify_all()
                raise self.fails
            taken = bytes(data[: self.most])
            self.text += taken.decode()
            self._changed.notify_all()
        return len(taken)

    def until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, WITHIN_S), self.text

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture
def reader() -> Reader:
    return Reader()


@contextmanager
def sink_to(reader: Reader) -> Iterator[LogSink]:
    sink = LogSink(reader.put)
    configure_logging("json", "info", sink.stream)
    try:
        yield sink
    finally:
        reader.takes.set()
        sink.close_within(WITHIN_S)


def say(what: str, **more: Any) -> None:
    structlog.get_logger().info(what, **more)


def test_given_a_reader_then_it_gets_every_line_in_order(reader: Reader) -> None:
    with sink_to(reader) as sink:
        for number in range(1000):
            say("event", number=number)
        reader.until(lambda: len(reader.lines) == 1000)
        assert [json.loads(line)["number"] for line in reader.lines] == list(range(1000))
    assert (sink.lost, sink.problem) == (0, None)


def test_given_a_reader_that_takes_a_few_bytes_at_a_time_then_no_line_is_torn(reader: Reader) -> None:
    reader.most = 7
    with sink_to(reader):
        for number in range(20):
            say("event", number=number)
        reader.until(lambda: reader.text.count("\n") == 20)
    assert [json.loads(line)["number"] for line in reader.lines] == list(range(20))


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), OSError(28, "No space left on device")])
def test_given_a_write_that_fails_then_nobody_who_logs_notices_and_the_lines_come_later(
    reader: Reader, error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_sink, "_RETRY_S", 0.01)
    reader.fails = error
    with sink_to(reader) as sink:
        say("one")
        logging.getLogger("aiohttp.server").error("two")
        reader.until(lambda: sink.problem is not None)
        assert sink.problem == f"log: lines cannot be written ({error.strerror}), 0 are lost"
        reader.fails = None
        reader.until(lambda: len(reader.lines) == 2)
        say("three")
        reader.until(lambda: len(reader.lines) == 3)
    assert sink.problem is None


def test_given_a_reader_that_stops_then_lines_beyond_the_bound_are_lost_and_counted_where_they_are_missing(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_sink, "MOST_BYTES", 10_000)
    monkeypatch.setattr(log_sink, "STUCK_AFTER_S", 0.0)
    reader.takes.clear()
    with sink_to(reader) as sink:
        say("event", number=0)
        assert reader.asked.wait(WITHIN_S)
        for number in range(1, 1000):
            say("event", number=number)
        assert sink.lost > 500
        lost = sink.lost
        assert [sink.problem] == [f"log: what reads it has stopped, {lost} lines are lost"]
        reader.takes.set()
        reader.until(lambda: "log_lines_lost" in reader.text)
        say("event", number=-1)
        reader.until(lambda: json.loads(reader.lines[-1]).get("number") == -1)
        events = [json.loads(line) for line in reader.lines]
        kept = [event["number"] for event in events[:-2]]
        assert kept == list(range(len(kept))) and len(kept) == 1000 - lost
        assert (events[-2]["event"], events[-2]["level"], events[-2]["lines"]) == ("log_lines_lost", "error", lost)
    assert (sink.lost, sink.problem) == (lost, None)


def test_given_a_reader_that_stops_when_the_process_ends_then_it_is_not_waited_for(reader: Reader) -> None:
    reader.takes.clear()
    sink = LogSink(reader.put)
    sink.write("one\n")
    sink.close_within(0.05)
    sink.write("too late\n")
    assert sink.lost >= 1
    reader.takes.set()


def test_given_a_disk_that_is_full_when_the_process_ends_then_the_lines_are_counted_as_lost(reader: Reader) -> None:
    reader.fails = OSError(28, "No space left on device")
    sink = LogSink(reader.put)
    sink.write("one\ntwo\n")
    sink.close_within(WITHIN_S)
    assert sink.lost == 2


def test_given_what_stderr_gets_in_pieces_then_it_becomes_whole_lines(reader: Reader) -> None:
    sink = LogSink(reader.put)
    for piece in ("Trace", "back\n  File", " x\nend", "\n"):
        sink.write(piece)
    sink.close_within(WITHIN_S)
    assert reader.lines == ["Traceback", "  File x", "end"]


def test_given_a_pipe_that_is_non_blocking_and_full_then_its_reader_is_waited_for_in_the_thread_alone() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with os.fdopen(read, "rb") as reading:
        sink = LogSink(lambda data: os.write(write, data), write)
        for number in range(20_000):
            sink.write(f"{number}\n")
        found = [int(reading.readline()) for _ in range(20_000)]
        assert found == list(range(20_000))
        sink.close_within(WITHIN_S)
    os.close(write)


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


@pytest.mark.parametrize("value", [Unspeakable(), {"deep": Unspeakable()}, "lone \udcff surrogate"])
@pytest.mark.parametrize("form", ["json", "console"])
def test_given_what_cannot_be_rendered_or_encoded_then_logging_does_not_raise(
    reader: Reader, value: Any, form: Any
) -> None:
    sink = LogSink(reader.put)
    configure_logging(form, "info", sink.stream)
    say("odd", value=value)
    logging.getLogger("aiohttp.server").error("%d", value)
    logging.getLogger("aiohttp.server").error("%s", value)
    sink.close_within(WITHIN_S)
    assert "odd" in reader.lines[0]


def test_given_a_loop_of_data_then_logging_does_not_raise(reader: Reader) -> None:
    endless: dict[str, Any] = {}
    endless["self"] = endless
    with sink_to(reader):
        say("odd", value=endless)
        reader.until(lambda: bool(reader.lines))
    event = json.loads(reader.lines[0])
    assert (event["event"], event["of"], event["fault"]) == ("log_line_failed", "odd", "RecursionError")


def test_standard_error_goes_through_the_sink_and_is_itself_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    former = io.StringIO()
    monkeypatch.setattr(sys, "stderr", former)
    hooks = sys.unraisablehook, threading.excepthook
    with standard_error() as sink:
        assert sys.stderr is sink.stream
        sys.stderr.write("as the interpreter does\n")
    assert sys.stderr is former
    assert (sys.unraisablehook, threading.excepthook) == hooks
    assert former.getvalue() == "as the interpreter does\n"


def test_a_process_without_standard_error_logs_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with standard_error() as sink:
        sink.write("nowhere\n")
    assert sink.lost == 0


def test_a_thread_that_fails_is_told_as_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    former = io.StringIO()
    monkeypatch.setattr(sys, "stderr", former)
    with standard_error() as sink:
        configure_logging("json", "info", sink.stream)
        failing = threading.Thread(target=lambda: int("+8225551234 is no number"), name="worker")
        failing.start()
        failing.join()
    event = json.loads(former.getvalue())
    assert (event["event"], event["thread"]) == ("thread_failed", "worker")
    assert "5551" not in event["exception"]
