"""The mark that the bridge which acts leaves at a PBX: a global variable of Asterisk's, for its application.

Source: ``/ari/api-docs/asterisk.json`` of Asterisk 22.10.1. The variable goes with a restart of Asterisk.
"""

import json

from cti_bridge.ari.errors import PbxUnreachable
from cti_bridge.ari.http import AriHttp
from cti_bridge.ari.reply import Reply
from cti_bridge.ari.requests import Request


class PbxMark:
    """The mark of the bridge that acts, at one PBX, for one application. ``http`` asks no gatekeeper."""

    def __init__(self, http: AriHttp, app: str) -> None:
        self._http = http
        # The name may hold letters, digits and _ alone: Asterisk would take brackets for a function.
        self._name = "CTI_BRIDGE_ACTS_" + app.replace("-", "_")

    async def read(self) -> str:
        """Return the mark; empty: there is none, as after a start of Asterisk. Raises PbxUnreachable."""
        reply = await self._http.request(Request("GET", "/asterisk/variable", {"variable": self._name}))
        self._check(reply)
        try:
            found = json.loads(reply.body)["value"]
        except (ValueError, LookupError, TypeError):
            raise PbxUnreachable("its answer about a global variable is not that of ARI") from None
        return found if isinstance(found, str) else ""

    async def write(self, mark: str) -> None:
        """Leave the mark. Raises PbxUnreachable."""
        query = {"variable": self._name, "value": mark}
        self._check(await self._http.request(Request("POST", "/asterisk/variable", query)))

    @staticmethod
    def _check(reply: Reply) -> None:
        if not reply.ok:
            what = f"it answered {reply.status}" if reply.status > 0 else "there was no answer"
            raise PbxUnreachable(f"its global variables cannot be used: {what}")
