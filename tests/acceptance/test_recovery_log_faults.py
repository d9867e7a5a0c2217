"""The log cannot be written, and one more thing goes wrong: callers are served all the same."""

import asyncio
import fcntl
import os
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from cti_bridge.exit_codes import ExitCode
from tests.support.agent_client import Refused
from tests.support.stack import Agent, Desk, Stack

WITHIN_S = 15.0
PIPE_BYTES = 4096


@contextmanager
def no_room(directory: Path) -> Iterator[Path]:
    """A disk that is full from the first line on."""
    yield Path("/dev/full")


@contextmanager
def no_reader(directory: Path) -> Iterator[Path]:
    """A pipe whose reader goes as soon as it is written to."""
    path = directory / "log.fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    leaving = asyncio.get_running_loop()

    def leave() -> None:
        leaving.remove_reader(reader)
        os.close(reader)

    leaving.add_reader(reader, leave)
    try:
        yield path
    finally:
        path.unlink()


@contextmanager
def stopped_reader(directory: Path) -> Iterator[Path]:
    """A pipe that is full before the bridge starts, whose reader is there and reads nothing."""
    path = directory / "log.fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 512)
    try:
        yield path
    finally:
        os.close(writer)
        os.close(reader)
        path.unlink()


Log = Callable[[Path], "contextmanager[Path]"]  # type: ignore[valid-type]
LOGS = {
    "lines cannot be written (No space left on device)": no_room,
    "lines cannot be written (Broken pipe)": no_reader,
    "what reads it has stopped": stopped_reader,
}
"""What /readyz says, and what is wrong."""


CLOSED = ("sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh")


@asynccontextmanager
async def logging_to(stack: Stack, output: Path, through: Sequence[str] = ()) -> AsyncIterator[None]:
    """The bridge started anew with its log there, then with its log as before. ``through`` as of `Bridge`."""
    await stack.bridge.stop()
    stack.bridge.output, stack.bridge.through = output, through
    await stack.bridge.start()
    try:
        yield
    finally:
        code = await stack.bridge.stop()
        stack.bridge.output, stack.bridge.through = stack.bridge.log, ()
        await stack.bridge.start()
    assert code == ExitCode.OK


async def _until(stack: Stack, path: str, is_so: Callable[[str], bool]) -> None:
    """Wait until the bridge says so; it is another process, and has to be asked."""
    text = ""
    try:
        async with asyncio.timeout(WITHIN_S), aiohttp.ClientSession() as http:
            while True:
                async with http.get(stack.bridge.url + path) as response:
                    text = await response.text()
                if is_so(text):
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{path} still says: {text}") from None


# ------------------------------------------------------------------------------------------- what else goes wrong


async def pbx_fails(stack: Stack, agent: Agent) -> None:
    """The event socket breaks."""
    stack.proxy.fall_silent()
    stack.proxy.cut()
    await stack.bridge.not_ready(WITHIN_S)
    stack.proxy.let_flow()
    await stack.bridge.ready()


async def postgres_fails(stack: Stack, agent: Agent) -> None:
    """Postgres goes, which is noticed by the next row, and comes back."""
    await stack.postgres.kill()
    try:
        await agent.client.set_status("rest")
        await _until(stack, "/readyz", lambda text: '"database: ' in text)
    finally:
        await stack.postgres.start()
    await _until(stack, "/readyz", lambda text: '"database: ' not in text)


async def spool_fails(stack: Stack, agent: Agent) -> None:
    """The disk takes no byte more, and then takes them again."""
    unlimited = resource.prlimit(stack.bridge.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stack.bridge.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    try:
        with pytest.raises(Refused) as refused:
            await agent.client.set_status("rest")
        assert refused.value.status == 503
    finally:
        resource.prlimit(stack.bridge.pid, resource.RLIMIT_FSIZE, unlimited)
    await _until(stack, "/metrics", lambda text: "\ncti_spool_healthy 1.0\n" in text)


FAULTS: tuple[Callable[[Stack, Agent], Awaitable[None]], ...] = (pbx_fails, postgres_fails, spool_fails)


async def _is_served(desk: Desk) -> None:
    """A caller is answered by the agent, and both hear each other."""
    agent = desk.agent
    await agent.ready()
    customer = await desk.call()
    on_phone = await agent.lift()
    await asyncio.gather(customer.call.hears(agent.tone_hz), on_phone.hears(customer.tone_hz))
    await customer.call.hang_up()
    await agent.client.label("Business (Ticket Processing)")


@pytest.mark.parametrize("problem", LOGS)
async def test_given_a_log_that_cannot_be_written_when_one_more_thing_fails_then_the_next_caller_is_served(
    stack: Stack, problem: str, tmp_path: Path
) -> None:
    with LOGS[problem](tmp_path) as output:
        async with stack.desk("log-faults", ready=False) as desk:
            async with logging_to(stack, output):
                pid = stack.bridge.pid
                for fault in FAULTS:
                    await desk.agent.client.open_panel()
                    await fault(stack, desk.agent)
                    await _is_served(desk)
                assert stack.bridge.pid == pid and stack.bridge.is_running
                await _until(stack, "/readyz", lambda text: f'"log: {problem}' in text)
                since = time.monotonic()
            assert time.monotonic() - since < 15
            await desk.agent.client.open_panel()


async def test_given_no_standard_streams_at_all_when_things_fail_then_callers_are_served_and_the_bridge_ends_as_asked(
    stack: Stack,
) -> None:
    """Descriptors 0 to 2 closed: they would be the event loop's otherwise, which aborts when it closes them."""
    async with stack.desk("log-faults", ready=False) as desk:
        async with logging_to(stack, stack.bridge.log, CLOSED):
            assert [os.readlink(f"/proc/{stack.bridge.pid}/fd/{number}") for number in range(3)] == [os.devnull] * 3
            for fault in FAULTS:
                await desk.agent.client.open_panel()
                await fault(stack, desk.agent)
                await _is_served(desk)
        await desk.agent.client.open_panel()
