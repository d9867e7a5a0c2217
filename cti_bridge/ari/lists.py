"""The PBX's channels, bridges and phones, read over HTTP: three lists, and single objects where a list fails.

One object that Asterisk cannot put into JSON (a byte in its texts is no UTF-8) makes the whole list answer 500. Such an
object by itself answers 200 with an empty body. ARI speaks of it nowhere else, neither in events nor in variables. But
the application still names its channels, and DELETE works (all seen on 22.10.1).

Lists never go over the event socket: a very large reply there may overflow a stack of Asterisk's.
"""

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, TypeVar
from urllib.parse import quote

import msgspec

from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.errors import PbxUnreachable
from cti_bridge.ari.http import LIST_TIMEOUT_S, AriHttp
from cti_bridge.ari.models import Application, Bridge, Channel, Endpoint
from cti_bridge.ari.reply import Reply
from cti_bridge.ari.requests import Request, bridge, channel
from cti_bridge.ari.unreadable import Unreadable, is_unreadable
from cti_bridge.domain.model.ids import leg_of_channel

T = TypeVar("T")

_channels = msgspec.json.Decoder(list[Channel])
_bridges = msgspec.json.Decoder(list[Bridge])
_endpoints = msgspec.json.Decoder(list[Endpoint])
_channel = msgspec.json.Decoder(Channel)
_bridge = msgspec.json.Decoder(Bridge)
_endpoint = msgspec.json.Decoder(Endpoint)
_application = msgspec.json.Decoder(Application)


class Held(NamedTuple):
    """The objects that a PBX holds. Where a list failed, only the useful ones: the application's channels and those of
    the agents' phones, the bridges that they are in, and the agents' phones."""

    channels: Sequence[Channel]
    bridges: Sequence[Bridge]
    endpoints: Sequence[Endpoint]


class Lists:
    """The lists of one PBX. ``phones`` are the CTI numbers whose phones are asked for when the list of endpoints
    fails."""

    def __init__(
        self, node: str, http: AriHttp, app: str, endpoints: Endpoints, phones: Sequence[str], unreadable: Unreadable
    ) -> None:
        self._node = node
        self._http = http
        self._application = f"/applications/{quote(app, safe='')}"
        self._path_of_agent = endpoints.path_of_agent
        self.take(phones)
        self._unreadable = unreadable
        self.failing: tuple[str, ...] = ()
        """The lists that the PBX could not give at the last reading."""

    def take(self, phones: Sequence[str]) -> None:
        """Ask for these phones from now on."""
        self._numbers: Sequence[str] = phones
        self._paths: list[str] | None = None

    @property
    def _phones(self) -> list[str]:
        """The paths of the agents' phones. They are made when first needed, for they may be ten thousand."""
        if self._paths is None:
            self._paths = [f"/endpoints/{self._path_of_agent(cti_number)}" for cti_number in self._numbers]
        return self._paths

    async def read(self) -> Held:
        """Read and return all objects. Raises PbxUnreachable when the PBX does not answer, or not as ARI describes. A
        cancellation changes nothing on the PBX."""
        channels, bridges, endpoints = await asyncio.gather(
            self._list("/channels", _channels), self._list("/bridges", _bridges), self._list("/endpoints", _endpoints)
        )
        found = {"channels": channels, "bridges": bridges, "endpoints": endpoints}
        self.failing = tuple(name for name, items in found.items() if items is None)
        if endpoints is None:
            endpoints = await self._those(self._phones, _endpoint)
        if channels is None or bridges is None:
            holds = await self._ask(self._application, _application)
            if channels is None:
                own, others = await asyncio.gather(
                    self._own_channels(holds.channel_ids), self._on_phones(endpoints, holds.channel_ids)
                )
                channels = [*own, *others]
            if bridges is None:
                bridges = await self._those([bridge(identity) for identity in holds.bridge_ids], _bridge)
        return Held(channels, bridges, endpoints)

    async def _list(self, path: str, decoder: msgspec.json.Decoder[list[T]]) -> list[T] | None:
        """Return the list, or None when its objects must be read one by one."""
        reply = await self._http.request(Request("GET", path), LIST_TIMEOUT_S)
        if reply.status == 500:
            return None
        if not reply.ok:
            raise PbxUnreachable(f"the lists of what it holds did not come: GET {path} answered {reply.status}")
        return _decoded(decoder, reply.body)

    async def _ask(self, path: str, decoder: msgspec.json.Decoder[T]) -> T:
        reply = await self._http.request(Request("GET", path), LIST_TIMEOUT_S)
        if not reply.ok:
            raise PbxUnreachable(f"what it holds could not be read: GET {path} answered {reply.status}")
        return _decoded(decoder, reply.body)

    async def _own_channels(self, identities: Sequence[str]) -> list[Channel]:
        return list(chain.from_iterable(await asyncio.gather(*map(self._own_channel, identities))))

    async def _own_channel(self, channel_id: str) -> list[Channel]:
        """Return the channel in a list, empty when it does not exist. One that cannot be read is ended, and the list is
        empty."""
        leg_id = leg_of_channel(self._node, channel_id)
        reply = await self._http.request(Request("GET", channel(leg_id)), LIST_TIMEOUT_S)
        if is_unreadable(reply):
            await self._unreadable.end(leg_id)
            return []
        return self._found(channel(leg_id), reply, _channel)

    async def _on_phones(self, endpoints: Sequence[Endpoint], own: Sequence[str]) -> list[Channel]:
        """Return the channels of the agents' phones that are not the application's."""
        phones = [one for one in endpoints if f"/endpoints/{quoted(one)}" in self._phones]
        wanted = [(phone, identity) for phone in phones for identity in phone.channel_ids if identity not in own]
        found = await asyncio.gather(*(self._on_phone(phone, identity) for phone, identity in wanted))
        return list(chain.from_iterable(found))

    async def _on_phone(self, phone: Endpoint, channel_id: str) -> list[Channel]:
        """Return the channel. One that cannot be read is not ours, and exists: only its name is known."""
        path = channel(leg_of_channel(self._node, channel_id))
        reply = await self._http.request(Request("GET", path), LIST_TIMEOUT_S)
        if is_unreadable(reply):
            return [Channel(channel_id, f"{phone.technology}/{phone.resource}")]
        return self._found(path, reply, _channel)

    async def _those(self, paths: Sequence[str], decoder: msgspec.json.Decoder[T]) -> list[T]:
        return list(chain.from_iterable(await asyncio.gather(*(self._one(path, decoder) for path in paths))))

    async def _one(self, path: str, decoder: msgspec.json.Decoder[T]) -> list[T]:
        """Return the object in a list, empty when it does not exist or cannot be read."""
        reply = await self._http.request(Request("GET", path), LIST_TIMEOUT_S)
        return [] if is_unreadable(reply) else self._found(path, reply, decoder)

    def _found(self, path: str, reply: Reply, decoder: msgspec.json.Decoder[T]) -> list[T]:
        if reply.status == 404:
            return []
        if not reply.ok:
            raise PbxUnreachable(f"what it holds could not be read: GET {path} answered {reply.status}")
        return [_decoded(decoder, reply.body)]


def quoted(phone: Endpoint) -> str:
    """``PJSIP/1001``, each part encoded for an address."""
    return f"{quote(phone.technology, safe='')}/{quote(phone.resource, safe='')}"


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes | str) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as failure:
        raise PbxUnreachable(f"its lists are not what ARI describes: {failure}") from None
