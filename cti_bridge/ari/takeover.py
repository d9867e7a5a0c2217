"""Whether a PBX lets one call take another's place (INVITE with Replaces, RFC 3891).

Asterisk does it past dialplan and application, whatever ``allow_transfer`` says. ``asterisk/etc/pjsip.conf`` refuses
such requests by an endpoint of their own, ``[cti-replaces]``. ARI shows settings of res_pjsip by name.
"""

import asyncio
from collections.abc import Mapping

import msgspec

from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.requests import Request

NAME = "cti-replaces"
LACKING = (
    f"what refuses INVITE with Replaces: take [{NAME}] and endpoint_identifier_order from our pjsip.conf, and restart "
    "Asterisk; before that, any phone or trunk can put another line into a call"
)


class Setting(msgspec.Struct, frozen=True, gc=False):
    """One setting of an object."""

    attribute: str
    value: str = ""


_settings = msgspec.json.Decoder(list[Setting])


async def can_be_replaced(http: AriHttp) -> bool:
    """Return whether the PBX lets one call replace another. False when it cannot be told: the settings may be where ARI
    does not see them, or under another name."""
    paths = (f"identify/{NAME}", f"endpoint/{NAME}", "global/global")
    identify, endpoint, order = await asyncio.gather(*(_read(http, path) for path in paths))
    if identify is None or endpoint is None:
        return False
    matches = identify.get("match_header", "").lower().startswith("replaces:") and identify.get("endpoint") == NAME
    asked = order.get("endpoint_identifier_order", "header") if order else "header"
    return not (matches and endpoint.get("acl") and asked.split(",")[0].strip() == "header")


async def _read(http: AriHttp, path: str) -> Mapping[str, str] | None:
    """Return the settings of an object, empty when it does not exist; None when they do not come."""
    reply = await http.request(Request("GET", f"/asterisk/config/dynamic/res_pjsip/{path}"))
    if reply.status == 404:
        return {}
    try:
        return {one.attribute: one.value for one in _settings.decode(reply.body)} if reply.ok else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
