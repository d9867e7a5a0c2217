"""Tells Asterisk that its files have changed, over ARI, and says what it takes over only when told in another way."""

from collections.abc import Iterable

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.counters import Counters
from cti_bridge.ari.http import LIST_TIMEOUT_S, AriHttp
from cti_bridge.ari.requests import Request

RESTART = "core restart gracefully"
"""Asterisk's command that waits for the end of all calls."""

_COMMANDS = {
    "agents.conf": "module reload res_pjsip.so",
    "phones.conf": "module reload res_pjsip.so",
    "media.conf": "module reload res_pjsip.so",
    "trunk.conf": "module reload res_pjsip.so",
    "globals.conf": "module reload pbx_config.so",
    "emergency.conf": "module reload pbx_config.so",
    "music.conf": "module reload res_musiconhold.so",
    "ari.conf": "module reload res_ari.so",
    "rtp.conf": "module reload res_rtp_asterisk.so",
    "http.conf": "module reload http",
    "indications.conf": "module reload indications",
}
"""The command for a file in ``cti/``. All others, and the transports, count at Asterisk's start only."""


def commands(names: Iterable[str]) -> list[str]:
    """Return Asterisk's commands that take the changed files over. A restart makes all others needless."""
    found = list(dict.fromkeys(_COMMANDS.get(name.removeprefix("cti/"), RESTART) for name in names))
    return [RESTART] if RESTART in found else found


async def carry_out(access: PbxAccess, wanted: Iterable[str]) -> list[str]:
    """Carry out the commands that ARI knows. Return the others, and those that failed."""
    http = AriHttp(access.url, access.username, access.password, Counters())
    left = []
    try:
        for command in wanted:
            module = command.removeprefix("module reload ")
            if (
                not module.endswith(".so")
                or not (await http.request(Request("PUT", f"/asterisk/modules/{module}"), LIST_TIMEOUT_S)).ok
            ):
                left.append(command)
    finally:
        await http.close()
    return left
