"""The recordings on one PBX, for the store (:mod:`cti_bridge.recordings.store`).

Source: ``/ari/api-docs/recordings.json`` of Asterisk 22.10.1.
"""

import asyncio
from collections.abc import Callable

import msgspec

from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.requests import Request, recording


class _Stored(msgspec.Struct):
    name: str


_stored = msgspec.json.Decoder(list[_Stored])


class PbxRecordings:
    """``away`` is the exception for a PBX that does not answer as it should. ``http`` serves large answers."""

    def __init__(self, http: AriHttp, away: type[Exception]) -> None:
        self._http, self._away = http, away

    async def runs(self, name: str) -> bool:
        """Return whether the recording still runs."""
        return await self._asked("GET", recording(name))

    async def stop(self, name: str) -> None:
        """End the recording."""
        await self._asked("POST", recording(name, operation="/stop"))

    async def delete(self, name: str) -> None:
        """Delete the file, if there is one."""
        await self._asked("DELETE", recording(name, "stored"))

    async def names(self) -> list[str]:
        """Return the names of all recordings that have ended, whoever has made them."""
        reply = await self._http.request(Request("GET", "/recordings/stored"), kind="Recordings")
        self._there(reply.status)
        try:
            return [found.name for found in _stored.decode(reply.body)]
        except msgspec.DecodeError:
            raise self._away("its list of recordings is not that of ARI") from None

    async def fetch(self, name: str, write: Callable[[bytes], object]) -> bool:
        """Hand the file to ``write``, piece by piece, in a thread. Return False when there is none."""
        status = await self._http.download(
            Request("GET", recording(name, "stored", "/file")), lambda piece: asyncio.to_thread(write, piece)
        )
        return self._there(status)

    async def _asked(self, method: str, path: str) -> bool:
        return self._there((await self._http.request(Request(method, path), kind="Recordings")).status)

    def _there(self, status: int) -> bool:
        if not 200 <= status < 300 and status != 404:
            raise self._away(f"it answered {status}" if status > 0 else "it does not answer")
        return status != 404
