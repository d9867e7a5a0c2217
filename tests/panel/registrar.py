"""A registrar for the phone in the page: SIP over WebSocket (RFC 7118), which takes every phone or none."""

from __future__ import annotations

from aiohttp import WSMsgType, web

_KEPT = ("via", "from", "call-id", "cseq")
EXPIRES_S = 600


def answer(request: str, takes: bool) -> str:
    """The response to a REGISTER (RFC 3261, section 10.3)."""
    lines = request.split("\r\n\r\n")[0].split("\r\n")[1:]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    said = [f"{name}: {headers[name]}" for name in _KEPT] + [f"To: {headers['to']};tag=registrar", "Content-Length: 0"]
    if takes:
        said += [f"Contact: {headers['contact']};expires={EXPIRES_S}"]
    return "\r\n".join([f"SIP/2.0 {'200 OK' if takes else '403 Forbidden'}", *said, "", ""])


async def registrar(request: web.Request, takes: bool) -> web.WebSocketResponse:
    """Serve one phone."""
    socket = web.WebSocketResponse(protocols=("sip",))
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT and message.data.startswith("REGISTER "):
            await socket.send_str(answer(message.data, takes))
    return socket
