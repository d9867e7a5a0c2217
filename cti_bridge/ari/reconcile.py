"""The PBX's lists as facts. Pure; :mod:`cti_bridge.ari.lists` reads them."""

from collections.abc import Sequence

from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.models import Bridge, Channel, Endpoint
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.ari.translate import back, beginning
from cti_bridge.domain.border.facts import KeypadDialed, NodeSeen, SeenLeg
from cti_bridge.domain.model.ids import bridge_name


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
        made_at = self._pbx_clock.ours(channel.creationtime, asked_at)
        arrived = beginning(self._node, self._endpoints, channel, args, made_at) if in_app else None
        # Only we answer a keypad channel: this one has had its call already, and must not dial a second time.
        again = isinstance(arrived, KeypadDialed) and channel.state == "Up"
        return SeenLeg(
            leg_id=channel.leg_id(self._node),
            up=channel.state == "Up",
            ringing=channel.state == "Ringing",
            in_app=in_app,
            bridge_id=bridge_id,
            endpoint=self._endpoints.of_channel(channel.name),
            arrived=None if again else arrived,
            codec=channel.codec,
            back=back(self._node, channel, args) if in_app else None,
            emergency=arrived if again and isinstance(arrived, KeypadDialed) and arrived.emergency else None,
            made_at=made_at if made_at != asked_at else None,
        )

    def seen(
        self,
        boot_id: str,
        asked_at: float,
        channels: Sequence[Channel],
        bridges: Sequence[Bridge],
        endpoints: Sequence[Endpoint],
        version: str = "",
    ) -> NodeSeen:
        places = {identity: bridge.id for bridge in bridges for identity in bridge.channel_ids}
        return NodeSeen(
            node=self._node,
            boot_id=boot_id,
            asked_at=asked_at,
            legs=tuple(self.seen_leg(channel, places.get(channel.channel_id), asked_at) for channel in channels),
            bridges=tuple(bridge.id for bridge in bridges if bridge_name(bridge.id)),
            phones=tuple(self._phones(endpoints)),
            version=version,
        )

    def _phones(self, endpoints: Sequence[Endpoint]) -> list[tuple[str, bool]]:
        ours = [endpoint for endpoint in endpoints if endpoint.technology == self._endpoints.technology]
        named = [(self._endpoints.cti_number(endpoint.resource), endpoint.state) for endpoint in ours]
        return [(cti_number, state == "online") for cti_number, state in named if cti_number]
