"""Whether a PBX has a class of hold music. ARI lists none and refuses no unknown one: it answers 204 and plays nothing
(seen). The file itself is asked for by a function of the dialplan, on a channel that calls nobody."""

import asyncio
from collections.abc import Iterable
from urllib.parse import quote
from uuid import uuid4

from cti_bridge.ari.errors import PbxProblem
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.reply import Reply
from cti_bridge.ari.requests import Request

MODULE = "func_config.so"
"""The module of the function AST_CONFIG."""


async def unknown_classes(http: AriHttp, classes: Iterable[str]) -> list[str] | None:
    """Return those of the classes that ``musiconhold.conf`` does not have; None when the PBX cannot be asked.

    A channel lives only while somebody holds its application, so one of our own is opened for it, which no call knows.
    """
    if not is_running(await http.request(Request("GET", f"/asterisk/modules/{MODULE}"))):
        return None
    name = f"cti_probe_{uuid4().hex[:12]}"
    try:
        socket = await http.connect_events(name)
    except PbxProblem:
        return None
    try:
        query = {"endpoint": "Local/probe@default", "app": name, "channelId": name}
        if not (await http.request(Request("POST", "/channels/create", query))).ok:
            return None
        wanted = sorted(set(classes))
        known = await asyncio.gather(*(_is_known(http, name, one) for one in wanted))
        return [one for one, is_there in zip(wanted, known, strict=True) if not is_there]
    finally:
        await http.request(Request("DELETE", f"/channels/{name}"))
        await socket.close()


async def _is_known(http: AriHttp, channel: str, name: str) -> bool:
    """Return False only where the function says that there is no such value, which is a 500 (seen)."""
    function = quote(f"AST_CONFIG(musiconhold.conf,{name},mode)", safe="")
    reply = await http.request(Request("GET", f"/channels/{channel}/variable?variable={function}"))
    return reply.status != 500


def is_running(module: Reply) -> bool:
    """Return whether a module runs. One that is not loaded is 404, one that exists and does not run 409 or another
    status (seen)."""
    return module.ok and b'"Running"' in bytes(module.body if isinstance(module.body, bytes) else module.body.encode())
