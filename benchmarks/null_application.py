"""The least that an ARI application can do for a call, as a program of its own, beside which the bridge is measured.

It answers, plays music, calls the agent who has been idle longest, joins both and ends what is left. It keeps nothing,
checks nothing, repeats nothing. Libraries, requests and events are the bridge's: aiohttp, msgspec, uvloop, orders
on the event socket, the phones' states subscribed.
"""

import argparse
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
import msgspec
import uvloop

APP = "cti_bridge"
PASSWORD = "NULL_APPLICATION_PASSWORD"
"""The environment variable with ARI's password."""
READY = "ready"
"""Printed once, as soon as calls are served."""

EVENTS = (
    "StasisStart",
    "StasisEnd",
    "ChannelCreated",
    "ChannelStateChange",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "ChannelHold",
    "ChannelUnhold",
    "ChannelDestroyed",
    "PlaybackStarted",
    "PlaybackFinished",
    "PeerStatusChange",
    "ContactStatusChange",
    "ChannelUserevent",
    "RESTResponse",
    "ApplicationReplaced",
)


class _Caller(msgspec.Struct, frozen=True, gc=False):
    number: str = ""


class _Channel(msgspec.Struct, frozen=True, gc=False):
    id: str
    state: str = ""
    caller: _Caller = _Caller()


class _Event(msgspec.Struct, gc=False):
    type: str
    channel: _Channel | None = None
    args: tuple[str, ...] = ()


@dataclass(slots=True)
class _Call:
    customer: str
    agent: str
    leg: str
    bridge: str
    joined: bool = False


class NullApplication:
    """Serves the calls that come over ``ws`` with these agents. A caller for whom nobody is free waits."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse[bool], agents: Sequence[str]) -> None:
        self._ws = ws
        self._idle = deque(agents)
        self._waiting: deque[_Channel] = deque()
        self._calls: dict[str, _Call] = {}
        """By each of the two channels."""
        self._next = 0
        self._decode = msgspec.json.Decoder(_Event).decode
        self._encode = msgspec.json.Encoder().encode

    async def run(self) -> None:
        """Return when the socket is closed."""
        while True:
            message = await self._ws.receive()
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return
            event = self._decode(message.data)
            if event.channel is not None:
                await self._on(event, event.channel)

    async def _on(self, event: _Event, channel: _Channel) -> None:
        if event.type == "StasisStart":
            if event.args[:1] == ("inbound",):
                await self._arrived(channel)
            elif channel.id in self._calls:
                await self._order("POST", f"/channels/{channel.id}/dial", {"timeout": "60"})
        elif event.type == "ChannelStateChange" and channel.state == "Up":
            call = self._calls.get(channel.id)
            if call is not None and call.leg == channel.id and not call.joined:
                await self._join(call)
        elif event.type in ("StasisEnd", "ChannelDestroyed"):
            await self._ended(channel, event.type)

    async def _arrived(self, customer: _Channel) -> None:
        await self._order("POST", f"/channels/{customer.id}/answer")
        await self._order("POST", f"/channels/{customer.id}/moh", {"mohClass": "default"})
        self._waiting.append(customer)
        await self._offer()

    async def _offer(self) -> None:
        while self._waiting and self._idle:
            customer, agent = self._waiting.popleft(), self._idle.popleft()
            self._next += 1
            call = _Call(customer.id, agent, f"null-{self._next}", f"null-bridge-{self._next}")
            self._calls[call.customer] = self._calls[call.leg] = call
            query = {"endpoint": f"PJSIP/{agent}", "app": APP, "appArgs": "leg", "channelId": call.leg}
            shown = {
                "CONNECTEDLINE(num)": customer.caller.number,
                "CONNECTEDLINE(name)": "",
                "CONNECTEDLINE(num-pres)": "allowed",
            }
            await self._order("POST", "/channels/create", query | {"originator": customer.id}, {"variables": shown})

    async def _join(self, call: _Call) -> None:
        call.joined = True
        await self._order("DELETE", f"/channels/{call.customer}/moh")
        await self._order("POST", f"/bridges/{call.bridge}", {"type": "mixing"})
        query = {"channel": f"{call.customer},{call.leg}", "inhibitConnectedLineUpdates": "true"}
        await self._order("POST", f"/bridges/{call.bridge}/addChannel", query)

    async def _ended(self, channel: _Channel, event: str) -> None:
        call = self._calls.pop(channel.id, None)
        if call is None:
            return
        other = call.leg if channel.id == call.customer else call.customer
        if other in self._calls:
            await self._order("DELETE", f"/channels/{other}")
            await self._order("DELETE", f"/bridges/{call.bridge}")
        else:
            self._idle.append(call.agent)
            await self._offer()

    async def _order(
        self, method: str, path: str, query: dict[str, str] | None = None, body: dict[str, object] | None = None
    ) -> None:
        self._next += 1
        order = {
            "type": "RESTRequest",
            "request_id": str(self._next),
            "method": method,
            "uri": path[1:] + (f"?{urlencode(query)}" if query else ""),
        }
        if body is not None:
            order |= {"content_type": "application/json", "message_body": self._encode(body).decode()}
        await self._ws.send_frame(self._encode(order), aiohttp.WSMsgType.TEXT)


async def serve(url: str, username: str, password: str, agents: Sequence[str]) -> None:
    """Connect to the PBX and serve until the socket is closed."""
    auth = {"Authorization": aiohttp.encode_basic_auth(username, password)}
    async with aiohttp.ClientSession(headers=auth) as session:
        query = {"app": APP, "subscribeAll": "false"}
        async with session.ws_connect(f"{url}/events", params=query, decode_text=False) as ws:
            application = f"{url}/applications/{APP}"
            allowed = {"allowed": [{"type": name} for name in EVENTS]}
            async with session.put(f"{application}/eventFilter", json=allowed) as answer:
                answer.raise_for_status()
            async with session.post(f"{application}/subscription", params={"eventSource": "endpoint:PJSIP"}) as answer:
                answer.raise_for_status()
            print(READY, flush=True)  # noqa: T201
            await NullApplication(ws, agents).run()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.null_application", description=__doc__)
    parser.add_argument("url", help="ARI's address")
    parser.add_argument("username")
    parser.add_argument("agents", nargs="+", help="CTI numbers")
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.url, arguments.username, os.environ[PASSWORD], arguments.agents))


if __name__ == "__main__":
    main()
