"""A registrar for the phone in the page: SIP over WebSocket (RFC 7118), which takes every phone or none, and rings
those it took."""

from __future__ import annotations

from aiohttp import WSMsgType, web

_KEPT = ("via", "from", "call-id", "cseq")
EXPIRES_S = 600


def _headers(request: str) -> dict[str, str]:
    lines = request.split("\r\n\r\n")[0].split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def answer(request: str, takes: bool) -> str:
    """The response to a REGISTER (RFC 3261, section 10.3)."""
    headers = _headers(request)
    said = [f"{name}: {headers[name]}" for name in _KEPT] + [f"To: {headers['to']};tag=registrar", "Content-Length: 0"]
    if takes:
        said += [f"Contact: {headers['contact']};expires={EXPIRES_S}"]
    return "\r\n".join([f"SIP/2.0 {'200 OK' if takes else '403 Forbidden'}", *said, "", ""])


def invite(register: str, call_id: str) -> str:
    """A call to the phone that sent this REGISTER (RFC 3261, section 13.2). It asks the phone for an offer, so it needs
    no session description."""
    headers = _headers(register)
    target = headers["contact"].partition("<")[2].partition(">")[0]
    said = [
        f"Via: SIP/2.0/WS phones.example;branch=z9hG4bK{call_id}",
        f"From: <sip:pbx@phones.example>;tag={call_id}",
        f"To: {headers['to']}",
        f"Call-ID: {call_id}",
        "CSeq: 1 INVITE",
        "Contact: <sip:pbx@phones.example;transport=ws>",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return "\r\n".join([f"INVITE {target} SIP/2.0", *said, "", ""])


class Registrar:
    """The phones that are registered."""

    def __init__(self) -> None:
        self._phones: dict[web.WebSocketResponse, str] = {}
        self._calls = 0

    async def serve(self, request: web.Request, takes: bool) -> web.WebSocketResponse:
        """One phone, until it goes."""
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT and message.data.startswith("REGISTER "):
                await socket.send_str(answer(message.data, takes))
                if takes:
                    self._phones[socket] = message.data
        self._phones.pop(socket, None)
        return socket

    async def ring(self) -> None:
        """Call every phone."""
        self._calls += 1
        for socket, register in self._phones.items():
            await socket.send_str(invite(register, f"call-{self._calls}"))
