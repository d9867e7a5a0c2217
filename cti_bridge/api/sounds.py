"""The sounds that the bridge provides to PBXs. A PBX shows no credentials when it fetches one, so the name of a file is
what nobody guesses, the SHA-256 of what it was made of; there is no list of them."""

import asyncio
import contextlib
from pathlib import Path

from aiohttp import web

from cti_bridge.sounds.provided import PATH, Provided

_KEPT_S = 365 * 86_400
"""A name has never another content."""


class SoundFiles:
    """Serves the sounds of the present configuration and of the one before, of which a call may still hear one."""

    def __init__(self, provided: Provided) -> None:
        self._directory = provided.directory
        self._names, self._before = frozenset(provided.names), frozenset[str]()
        self._runner: web.AppRunner | None = None

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH + "{name:[0-9a-f]{64}}.wav", self._file, allow_head=True)]

    def take(self, provided: Provided) -> None:
        """Serve those of another configuration."""
        self._names, self._before = frozenset(provided.names), self._names

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Serve them at an address of their own, by plain HTTP, and return it. Raises OSError."""
        app = web.Application()
        app.router.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        found = self._runner.addresses[0]
        return found[0], found[1]

    async def stop(self) -> None:
        """Serve nothing any more at the address of their own."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def tidy(self) -> None:
        """Remove what neither configuration needs."""
        await asyncio.to_thread(self._remove, self._names | self._before)

    def _remove(self, needed: frozenset[str]) -> None:
        with contextlib.suppress(OSError):
            for file in self._directory.glob("*.wav"):
                if file.stem not in needed:
                    file.unlink(missing_ok=True)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        path = Path(self._directory, f"{name}.wav")
        # A file that is gone answers 404, too.
        if name not in self._names | self._before:
            raise web.HTTPNotFound
        headers = {"Content-Type": "audio/wav", "Cache-Control": f"public, max-age={_KEPT_S}, immutable"}
        return web.FileResponse(path, headers=headers)
