"""What the PBX holds, as facts: `seen` is pure, `ask` reads the lists over HTTP.

Lists never go over the event socket: a very large reply there may overflow a stack of Asterisk's.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.errors import PbxUnreachable
from cti_bridge.ari.http import LIST_TIMEOUT_S, AriHttp
from cti_bridge.ari.models import Bridge, Channel, Endpoint
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.ari.requests import Request
from cti_bridge.ari.translate import beginning
from cti_bridge.domain.facts import CallArrived, KeypadDialed, NodeSeen, SeenLeg
from cti_bridge.domain.ids import call_of_bridge

_channels = msgspec.json.Decoder(list[Channel])
_bridges = msgspec.json.Decoder(list[Bridge])
_endpoints = msgspec.json.Decoder(list[Endpoint])


class Observer:
    """Reads ARI's models as the node ``node`` of application ``app``; ``pbx_clock`` reads its times."""

    def __init__(self, node: str, app: str, endpoints: Endpoints, pbx_clock: PbxClock) -> None:
        self._node = node
        self._app = app
        self._endpoints = endpoints
        self._pbx_clock = pbx_clock

    def seen_leg(self, channel: Channel, bridge_id: str | None, asked_at: float) -> SeenLeg:
        """One channel. It is in our application while the dialplan's present application is our Stasis()."""
        app, *args = channel.dialplan.app_data.split(",")
        in_app = channel.dialplan.app_name == "Stasis" and app == self._app
        return SeenLeg(
            leg_id=channel.id,
            up=channel.state == "Up",
            ringing=channel.state == "Ringing",
            in_app=in_app,
            bridge_id=bridge_id,
            endpoint=self._endpoints.of_channel(channel.name),
            arrived=self._arrival(channel, args, asked_at) if in_app else None,
            codec=channel.codec,
        )

    def _arrival(self, channel: Channel, args: Sequence[str], asked_at: float) -> CallArrived | KeypadDialed | None:
        arrived_at = self._pbx_clock.ours(channel.creationtime, asked_at)
        found = beginning(self._node, self._endpoints, channel, args, arrived_at)
        # Only we answer a keypad channel: this one has had its call already, and must not dial a second time.
        return None if isinstance(found, KeypadDialed) and channel.state == "Up" else found

    def seen(
        self,
        boot_id: str,
        asked_at: float,
        channels: Sequence[Channel],
        bridges: Sequence[Bridge],
        endpoints: Sequence[Endpoint],
    ) -> NodeSeen:
        places = {leg: bridge.id for bridge in bridges for leg in bridge.channels}
        return NodeSeen(
            node=self._node,
            boot_id=boot_id,
            asked_at=asked_at,
            legs=tuple(self.seen_leg(channel, places.get(channel.id), asked_at) for channel in channels),
            bridges=tuple(bridge.id for bridge in bridges if call_of_bridge(bridge.id)),
            phones=tuple(self._phones(endpoints)),
        )

    def _phones(self, endpoints: Sequence[Endpoint]) -> list[tuple[str, bool]]:
        ours = [endpoint for endpoint in endpoints if endpoint.technology == self._endpoints.technology]
        named = [(self._endpoints.cti_number(endpoint.resource), endpoint.state) for endpoint in ours]
        return [(cti_number, state == "online") for cti_number, state in named if cti_number]


async def ask(http: AriHttp, observer: Observer, boot_id: str, asked_at: float) -> NodeSeen:
    """Read the three lists at once. Raises PbxUnreachable when one does not come, or is not what ARI describes."""
    replies = await asyncio.gather(
        *(http.request(Request("GET", path), LIST_TIMEOUT_S) for path in ("/channels", "/bridges", "/endpoints"))
    )
    if not all(reply.ok for reply in replies):
        raise PbxUnreachable(f"the lists of what it holds did not come: {[reply.status for reply in replies]}")
    try:
        channels = _channels.decode(replies[0].body)
        bridges = _bridges.decode(replies[1].body)
        endpoints = _endpoints.decode(replies[2].body)
    except (msgspec.DecodeError, UnicodeDecodeError) as failure:
        raise PbxUnreachable(f"its lists are not what ARI describes: {failure}") from None
    return observer.seen(boot_id, asked_at, channels, bridges, endpoints)
