"""A part that the bridge cannot live without has ended: the process ends too, within a time that is known."""

import ast
import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cti_bridge import app as app_module
from cti_bridge.app import CLOSE_WITHIN_S, END_WITHIN_S, App
from cti_bridge.domain.border.facts import TimePassed
from cti_bridge.exit_codes import ExitCode
from cti_bridge.running import run_until_over
from cti_bridge.settings import load_settings
from cti_bridge.storage.journal import Journal
from cti_bridge.storage.spool import SpoolFailed
from cti_bridge.supervisor import Supervisor, within
from tests.support.configuration import ENVIRONMENT, configuration

SOURCE = Path(__file__).parents[2] / "cti_bridge"
UNIT = Path(__file__).parents[2] / "config" / "cti-bridge.service"
NOWHERE = {
    "CTI_BRIDGE_DATABASE__URL": "postgresql://cti@127.0.0.1:1/none",
    "CTI_BRIDGE_ASTERISK__MAIN__URL": "http://127.0.0.1:1/ari",
    "CTI_BRIDGE_API__LISTEN": "127.0.0.1:0",
}

ENDS = {
    ("ari/node.py", "ari-{}-socket"): "the node's own task notices, and connects anew",
    ("ari/node.py", "ari-{}-reconcile"): "likewise",
    ("ari/node.py", "ari-{}-proof"): "likewise",
    ("ari/node.py", "ari-{}-orders"): "likewise",
    ("ari/node.py", "ari-{}-login"): "likewise",
    ("ari/node.py", "ari-{}-sounds"): "likewise",
    ("ari/lanes.py", "ari-lane"): "the orders of one call; the next of them begins another",
    ("ari/stuck.py", "ari-sign-of-life"): "it is awaited where it is made, or cancelled",
    ("ari/socket.py", "ari-socket-reader"): "the socket's own task notices, and ends",
    ("ari/socket.py", "ari-socket-writer"): "likewise",
    ("ari/executor.py", "ari-action"): "one order; the core looks again where it is not seen",
    ("ari/retrieves.py", "ari-retrieve"): "one look, over with its request; without an answer the retrieve is told",
    ("lookup/client.py", "lookup"): "one question, over in three seconds; its step has a deadline",
    ("storage/last_talks.py", "last talks"): "one question, answered in a second; no call waits for it any longer",
    ("api/gate.py", "connection"): "one connection; over with its handshake",
    ("api/once.py", "once"): "one request",
    ("api/events.py", "panel-sender"): "the panel's request notices, closes the socket, and the panel comes back",
    ("api/events.py", "panel-reader"): "likewise",
    ("reload.py", "reload"): "one reload; the log says what came of it",
    ("engine.py", "acknowledge"): "the answers of one batch",
    ("storage/ticket_desk.py", "load ticket"): "one ticket; logged, and loaded again when it is asked for",
    ("storage/writer.py", "last rows"): "the end of the writer",
    ("supervisor.py", "close {}"): "the end of a part",
    ("api/reports.py", "report"): "the request waits for it",
    ("own_spool.py", "spool closes"): "the end of the spool; the next role of the process waits for it",
    ("spare/fence.py", "who acts"): "one question; whatever ends it without an answer shuts the fence",
    ("spare/pair.py", "reload of a spare"): "one reload; the log says what came of it",
    ("spare/pair.py", "asked to end"): "it is awaited where it is made, with the role",
}
"""Tasks that nobody has to watch, and why."""


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[App]:
    """A bridge whose Postgres and PBX are away, which is no reason to end."""
    path = configuration(directory, "[spool]\npath = 'spool.db'\n") / "cti_bridge.toml"
    async with App(load_settings(path, {**ENVIRONMENT, **NOWHERE})) as app:
        yield app


async def end_of(app: App) -> int:
    async with asyncio.timeout(5):
        return await run_until_over(app)


def created(path: Path) -> Iterator[tuple[str, bool]]:
    """Every task that a file makes: its name, and whether the function that makes it has it watched."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            watched = any(isinstance(call.func, ast.Attribute) and call.func.attr == "_watch" for call in calls)
            for call in calls:
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if name in ("create_task", "ensure_future"):
                    yield _name(call), watched


def _name(call: ast.Call) -> str:
    (name,) = [keyword.value for keyword in call.keywords if keyword.arg == "name"]
    if isinstance(name, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in name.values)
    if isinstance(name, ast.Attribute):
        return "{}"  # Whoever makes an Endless gives it a name.
    assert isinstance(name, ast.Constant)
    return str(name.value)


def test_every_task_is_watched_or_its_end_is_somebody_elses_business() -> None:
    files = [path for path in SOURCE.rglob("*.py") if "local" not in path.parts]
    found = {(path.relative_to(SOURCE).as_posix(), *task) for path in files for task in created(path)}
    assert {(file, name) for file, name, watched in found if not watched} == set(ENDS)
    assert len(found) > len(ENDS)


async def test_of_a_running_bridge_all_tasks_that_last_are_watched(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with running(tmp_path) as app:
        names = {task.get_name() for task in app.supervisor.watched}
        assert names >= {"ari-main", "API", "writer"}
        lasting = {task for task in asyncio.all_tasks() - before if task not in app.supervisor.watched}
        assert {task.get_name() for task in lasting if not task.done()} <= {"ari-action", "acknowledge"}
        assert not app.over.done()


@pytest.mark.parametrize("part", ["ari-main", "API", "writer", "read frequent numbers"])
async def test_given_a_part_that_ends_then_the_process_ends_with_a_code_that_it_is_started_again_on(
    part: str, tmp_path: Path
) -> None:
    async with running(tmp_path) as app:
        (task,) = [task for task in app.supervisor.watched if task.get_name() == part]
        task.cancel()
        code = await end_of(app)
    assert code == ExitCode.FAILED
    (line,) = [line for line in UNIT.read_text().splitlines() if line.startswith("RestartPreventExitStatus=")]
    assert str(int(code)) not in line.partition("=")[2].split()


async def test_given_a_spool_whose_commit_dies_then_the_process_ends(tmp_path: Path) -> None:
    async with running(tmp_path) as app:
        app.spool._commit_staged = _fails  # type: ignore[method-assign]
        app.spool.stage((), {("call", "x"): b"{}"})
        with pytest.raises(SpoolFailed):
            await app.spool.committed()
        assert await end_of(app) == ExitCode.FAILED


async def test_given_an_engine_that_cannot_record_what_it_decided_then_the_process_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as app:
        with monkeypatch.context() as fault:
            fault.setattr(Journal, "record", _raises)
            app.engine._changes["call", "x"] = object()
            app.engine.tell(TimePassed())
            assert await end_of(app) == ExitCode.FAILED
        app.engine._changes.clear()


async def test_given_an_engine_whose_timer_fails_then_the_process_ends_and_whoever_told_it_something_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as app:
        with monkeypatch.context() as fault:
            fault.setattr(app.engine.center, "next_deadline", _raises)
            app.engine.tell(TimePassed())
            assert await end_of(app) == ExitCode.FAILED


async def test_given_an_orderly_end_then_no_part_is_missed(tmp_path: Path) -> None:
    async with running(tmp_path) as app:
        app.end(ExitCode.OK)
        assert await end_of(app) == ExitCode.OK
    assert app.over.result() == ExitCode.OK
    assert app.supervisor.watched == frozenset()


async def _fails() -> None:
    raise RuntimeError("a fault of ours")


def _raises(*_: object) -> Any:
    raise RuntimeError("a fault of ours")


async def test_what_may_end_ends_nothing_and_only_the_first_end_counts() -> None:
    ended: list[str] = []
    supervisor = Supervisor(lambda: ended.append("ended"))
    done = asyncio.create_task(asyncio.sleep(0), name="may end")
    supervisor.watch(done, lambda: True)
    await done
    assert ended == []
    for _ in range(2):
        failing = asyncio.create_task(_fails(), name="may end, but not so")
        supervisor.watch(failing, lambda: True)
        await asyncio.gather(failing, return_exceptions=True)
    await asyncio.sleep(0)
    assert ended == ["ended"]
    assert supervisor.watched == frozenset()


# --------------------------------------------------------------------------------------------------------- ending


async def test_a_part_that_hangs_or_fails_while_it_is_closed_is_left() -> None:
    async def hangs() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if released.is_set():
                    return

    released = asyncio.Event()
    async with asyncio.timeout(5):
        await within("hangs", 0.01, hangs)
        await within("fails", 0.01, _fails)
    released.set()
    for task in asyncio.all_tasks():
        if task.get_name() == "close hangs":
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_given_a_part_that_hangs_while_it_is_closed_then_those_behind_it_are_closed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app_module.CLOSE_WITHIN_S, "writer", 0.01)
    monkeypatch.setattr("cti_bridge.storage.writer.Writer.stop", lambda _: asyncio.Event().wait())
    async with asyncio.timeout(5):
        for _ in range(2):  # The spool is free again.
            async with running(tmp_path) as app:
                hangs = app.writer._task
            assert hangs is not None
            hangs.cancel()
            await asyncio.wait((hangs,))


async def test_the_exit_code_is_known_before_anything_is_stopped(tmp_path: Path) -> None:
    told: list[int] = []
    async with running(tmp_path) as app:
        app._ending = told.append
        app.end(ExitCode.STEPPED_DOWN)
    assert told == [ExitCode.STEPPED_DOWN]


def test_systemd_waits_longer_than_an_end_may_take() -> None:
    (line,) = [line for line in UNIT.read_text().splitlines() if line.startswith("TimeoutStopSec=")]
    assert max(CLOSE_WITHIN_S.values()) < END_WITHIN_S < float(line.partition("=")[2])
