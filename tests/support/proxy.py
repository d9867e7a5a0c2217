"""A TCP proxy that can be told to cut its connections or to fall silent, between the bridge and the PBX."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

CHUNK = 65536


class Proxy:
    """Passes connections on to (host, port), within ``async with``; ``port`` is where it listens."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._flowing = {True: asyncio.Event(), False: asyncio.Event()}
        self.let_flow()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.refuses = False
        """Breaks new connections, as a machine without that service does."""
        self.answers: bytes | None = None
        """What new connections are told, and then closed, instead of being passed on."""
        self.delay_s = 0.0
        """How long everything is under way, in each direction."""
        self.watched = b""
        """As soon as this came from the target, what is sent to it is kept in ``sent_after``."""
        self.sent_after: list[bytes] | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        self.let_flow()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def passes(self) -> bool:
        """Whether anything gets through, both ways."""
        return not self.refuses and self.answers is None and all(way.is_set() for way in self._flowing.values())

    def cut(self) -> None:
        """Break every connection, as a reset does. New ones are passed on."""
        for writer in list(self._writers):
            writer.transport.abort()

    def fall_silent(self, *, up: bool = True, down: bool = True) -> None:
        """Take everything and pass nothing on, connections left open; new ones are taken and get no answer either.
        Only one way where ``up``, to the target, or ``down``, from it, is false."""
        for silent, flowing in ((up, self._flowing[True]), (down, self._flowing[False])):
            if silent:
                flowing.clear()

    def let_flow(self) -> None:
        """Pass on again, first what was held back."""
        for flowing in self._flowing.values():
            flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        if self.refuses:
            writer.transport.abort()
            return
        if self.answers is not None:
            with contextlib.suppress(OSError):
                await reader.read(CHUNK)
                writer.write(self.answers)
                await writer.drain()
            writer.close()
            return
        self._writers.add(writer)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            up_reader, up_writer = await self._reach()
            self._writers.add(up_writer)
            await asyncio.gather(self._pass_on(reader, up_writer, up=True), self._pass_on(up_reader, writer, up=False))
            self._close(up_writer)
        self._close(writer)

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self._target)

    def _close(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.transport.abort()

    def _passes(self, data: bytes, *, up: bool) -> None:
        """Hears what is about to be passed on."""

    def _rewriter(self, *, up: bool) -> Callable[[bytes], bytes]:
        """Return what is passed on instead of the data of one connection, in one direction."""
        return lambda data: data

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        rewritten = self._rewriter(up=up)
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                self._passes(data, up=up)
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await self._flowing[up].wait()
                data = rewritten(data)
                if up and self.sent_after is not None:
                    self.sent_after.append(data)
                elif not up and self.watched and self.watched in data:
                    self.sent_after = []
                writer.write(data)
                await writer.drain()
        writer.close()
