"""Has a PBX fetch the sounds that the bridge provides, before a caller hears one of them.

ARI has no request for that. But a message in a bridge of its own, from a place behind its end, is opened and heard by
nobody: Asterisk fetches the file, keeps it, and tells within milliseconds whether that went well (seen). Its events
come to an application of their own, so nothing else is disturbed. Each has a bridge of its own: a message that follows
another one in the same bridge now and then fails though its file is there (seen).
"""

import asyncio
import contextlib
from collections.abc import Iterable
from uuid import uuid4

import msgspec
from aiohttp import ClientWebSocketResponse, WSMsgType

from cti_bridge.ari.errors import PbxUnreachable
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.models import Playback
from cti_bridge.ari.requests import Request, bridge

GIVEN_UP_AFTER = 3
"""Failures one after the other, after which the rest counts as failed, too: each may cost seconds."""
FETCHED_WITHIN_S = 5.0
"""A server that hangs costs twice the time-out of res_http_media_cache.conf, which is 1 s."""
BEHIND_THE_END = str(24 * 3600 * 1000)
"""Milliseconds."""


class _Told(msgspec.Struct, frozen=True, gc=False):
    """The part that is read of an event."""

    type: str
    playback: Playback | None = None


_decoder = msgspec.json.Decoder(_Told)


async def fetch(http: AriHttp, app: str, addresses: Iterable[str]) -> list[str]:
    """Have the PBX fetch these addresses, and return those that it could not. ``app`` is the application of the
    bridge. Raises a PbxProblem when the PBX cannot be asked."""
    name = f"{app}-sounds"
    socket = await http.connect_events(name)
    try:
        missing: list[str] = []
        failures = 0
        for address in addresses:
            there = failures < GIVEN_UP_AFTER and await _fetched(http, socket, name, address)
            failures = 0 if there else failures + 1
            missing += [] if there else [address]
        return missing
    finally:
        with contextlib.suppress(Exception):
            await socket.close()


async def _fetched(http: AriHttp, socket: ClientWebSocketResponse[bool], name: str, address: str) -> bool:
    """Raises PbxUnreachable."""
    identity = f"cti-sounds-{uuid4().hex}"
    try:
        await http.request(Request("POST", bridge(identity), {"type": "mixing"}))
        events = {"eventSource": f"bridge:{identity}"}
        await http.request(Request("POST", f"/applications/{name}/subscription", events))
        query = {"media": f"sound:{address}", "offsetms": BEHIND_THE_END}
        reply = await http.request(Request("POST", bridge(identity, f"/play/{identity}"), query))
        return reply.ok and await _is_there(socket, identity)
    finally:
        await http.request(Request("DELETE", bridge(identity)))


async def _is_there(socket: ClientWebSocketResponse[bool], playback_id: str) -> bool:
    """Wait for the end of the message. Raises PbxUnreachable when the connection ends."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FETCHED_WITHIN_S):
            while True:
                frame = await socket.receive()
                if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                    raise PbxUnreachable("it ended the connection on which it tells of sounds")
                try:
                    event = _decoder.decode(frame.data)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue
                if event.type == "PlaybackFinished" and event.playback and event.playback.id == playback_id:
                    return event.playback.state == "done"
    return False
