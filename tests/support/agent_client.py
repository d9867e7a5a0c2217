"""An agent at the API: commands over HTTP, events over the WebSocket."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

WITHIN_S = 30.0
Json = dict[str, Any]


class Refused(Exception):
    """The API refused, with ``status`` and the problem's ``code``."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem}")
        self.status = status
        self.code = problem.get("code", "")


class AgentClient:
    """One agent's panel. ``url`` is the base address of the bridge."""

    def __init__(self, url: str, cti_id: str, password: str) -> None:
        self._url, self.cti_id, self._password = url, cti_id, password
        self._http = aiohttp.ClientSession()
        self._token = ""
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self.agent: Json = {}
        self.events: list[Json] = []
        self.tables: defaultdict[str, dict[str, Json]] = defaultdict(dict)
        """The rows of a topic of tables that the panel listens to, by section and id."""
        self.close_code: int | None = None

    async def close(self) -> None:
        """Give up the connections; the session stays."""
        await self.close_panel()
        await self._http.close()

    # ---- commands

    async def request(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Ask the API, below /api/v1. Raises Refused."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        sent: dict[str, Any] = {} if body is None else {"json": body}
        async with self._http.request(method, f"{self._url}/api/v1{path}", headers=headers, **sent) as response:
            answer = await response.json(content_type=None)
            if response.status >= 400:
                raise Refused(response.status, answer)
            return answer

    async def command(self, method: str, path: str, body: Any = None) -> Json:
        """A command that answers with the agent's view."""
        answer: Json = (await self.request(method, path, body))["agent"]
        return answer

    async def audio(self, recording_id: str, bytes_: str = "") -> tuple[int, Mapping[str, str], bytes]:
        """The audio of a message, or a range of its bytes as ``0-99``: status, headers, body."""
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Range": f"bytes={bytes_}"} if bytes_ else {})
        url = f"{self._url}/api/v1/recordings/{recording_id}/audio"
        async with self._http.get(url, headers=headers) as response:
            return response.status, response.headers, await response.read()

    async def log_in(self) -> Json:
        """Log in; a session elsewhere ends."""
        self._token = ""
        answer = await self.request("POST", "/login", {"cti_id": self.cti_id, "password": self._password})
        self._token = answer["token"]
        self.agent = answer["agent"]
        return self.agent

    async def log_out(self) -> None:
        """Log out."""
        await self.request("POST", "/logout")

    async def me(self) -> Json:
        """The agent's view now."""
        return await self.command("GET", "/me")

    async def set_status(self, status: str, reason: str | None = None) -> Json:
        """Choose a status; during a call the one for after it."""
        return await self.command("PUT", "/me/status", {"status": status} | ({"reason": reason} if reason else {}))

    async def ready(self) -> Json:
        """Choose ready."""
        return await self.set_status("ready")

    async def answer(self, offer_id: str) -> Json:
        """Press Answer."""
        return await self.command("POST", f"/offers/{offer_id}/answer")

    async def decline(self, offer_id: str) -> Json:
        """Press Cancel."""
        return await self.command("POST", f"/offers/{offer_id}/decline")

    async def hang_up(self, call_id: str) -> Json:
        """Press Hang up."""
        return await self.command("POST", f"/calls/{call_id}/hangup")

    async def dial(self, number: str, calling_number: str) -> str:
        """Press Dial up; returns the call's id."""
        body = {"number": number, "calling_number": calling_number}
        call_id: str = (await self.request("POST", "/me/dial", body))["call_id"]
        return call_id

    async def on_call(self, call_id: str, what: str, **body: Any) -> Json:
        """A command on a call: hold, resume, hangup, recall, consult, consult/connect, transfer, dtmf, and so on."""
        return await self.command("POST", f"/calls/{call_id}/{what}", body or None)

    async def hold(self, call_id: str) -> Json:
        """Press Hold."""
        return await self.on_call(call_id, "hold")

    async def resume(self, call_id: str) -> Json:
        """Press Resume."""
        return await self.on_call(call_id, "resume")

    async def consult(self, call_id: str, **target: str) -> Json:
        """Call somebody else meanwhile; the target is ``number`` or ``agent``."""
        return await self.on_call(call_id, "consult", **target)

    async def connect(self, call_id: str) -> Json:
        """Press Connect to Customer."""
        return await self.on_call(call_id, "consult/connect")

    async def cancel(self, call_id: str) -> Json:
        """End the consultation."""
        return await self.on_call(call_id, "consult/cancel")

    async def transfer(self, call_id: str, **target: str) -> Json:
        """Send the call on directly; the target is ``number`` or ``agent``."""
        return await self.on_call(call_id, "transfer", **target)

    async def recall(self, call_id: str) -> Json:
        """Take a direct transfer back."""
        return await self.on_call(call_id, "recall")

    async def warn(self, call_id: str) -> Json:
        """Press Warn."""
        return await self.on_call(call_id, "warn")

    async def stop_warning(self, call_id: str) -> Json:
        """Cut the warning short."""
        return await self.on_call(call_id, "warn/stop")

    async def force_disconnect(self, call_id: str, reason: str, note: str = "") -> Json:
        """Press Force disconnect."""
        return await self.on_call(call_id, "force-disconnect", reason=reason, **({"note": note} if note else {}))

    async def dtmf(self, call_id: str, digits: str) -> Json:
        """Press keys of the panel."""
        return await self.on_call(call_id, "dtmf", digits=digits)

    async def calling_numbers(self) -> list[Json]:
        """The calling numbers of the agent's services."""
        numbers: list[Json] = await self.request("GET", "/calling-numbers")
        return numbers

    async def frequent_numbers(self) -> list[Json]:
        """The agent's own list."""
        numbers: list[Json] = await self.request("GET", "/me/frequent-numbers")
        return numbers

    async def add_frequent_number(self, number: str, label: str) -> Json:
        """Add one to it."""
        added: Json = await self.request("POST", "/me/frequent-numbers", {"number": number, "label": label})
        return added

    async def remove_frequent_number(self, identity: str) -> None:
        """Take one off it."""
        await self.request("DELETE", f"/me/frequent-numbers/{identity}")

    async def colleagues(self, q: str = "") -> list[Json]:
        """The agents who are ready, by search."""
        agents: list[Json] = await self.request("GET", f"/agents?status=ready&q={q}")
        return agents

    async def ticket(self, ticket_id: str) -> Json:
        """Read a ticket."""
        answer: Json = (await self.request("GET", f"/tickets/{ticket_id}"))["ticket"]
        return answer

    async def comment(self, ticket_id: str, text: str) -> Json:
        """Comment on a ticket."""
        answer: Json = (await self.request("POST", f"/tickets/{ticket_id}/comments", {"text": text}))["ticket"]
        return answer

    async def set_ticket(self, ticket_id: str, status: str, version: int) -> Json:
        """Set a ticket's status."""
        body = {"status": status, "version": version}
        answer: Json = (await self.request("PATCH", f"/tickets/{ticket_id}", body))["ticket"]
        return answer

    # ---- events

    async def open_panel(self, *topics: str) -> None:
        """Connect the event socket and wait for its snapshot. ``topics`` are those beside the agent's own."""
        await self.close_panel()
        count = len(self.events)
        address = f"{self._url}/api/v1/events?topics={','.join(('agent', *topics))}"
        headers = {"Authorization": f"Bearer {self._token}"}
        self._socket = await self._http.ws_connect(address, headers=headers, heartbeat=10)
        self._reader = asyncio.create_task(self._read(self._socket), name=f"panel-{self.cti_id}")
        await self._until(lambda: len(self.events) > count, "the snapshot")

    async def close_panel(self) -> None:
        """Close the event socket."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
        self._socket = self._reader = None

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            event = message.json()
            event["seen_at"] = time.monotonic()
            if "agent" in event:
                self.agent = event["agent"]
            if "topic" in event:
                self._take_rows(event)
            async with self._changed:
                self.events.append(event)
                self._changed.notify_all()
        async with self._changed:
            self.close_code = socket.close_code
            self._changed.notify_all()

    def _take_rows(self, event: Json) -> None:
        if event["type"] == "snapshot":
            self.tables.clear()
        for section, rows in event.items():
            if isinstance(rows, list):
                self.tables[section] |= {row.get("id") or row.get("call_id") or row["cti_id"]: row for row in rows}
        for section, ids in event.get("gone", {}).items():
            for id_ in ids:
                self.tables[section].pop(id_, None)

    async def row(self, section: str, id_: str, within_s: float = WITHIN_S, **fields: Any) -> Json:
        """Wait until a row of a table is there, whose fields are as given."""
        await self._until(
            lambda: (row := self.tables[section].get(id_)) and fields.items() <= row.items(),
            f"{id_} {fields or ''} in {self.tables[section]}",
            within_s,
        )
        return self.tables[section][id_]

    async def no_row(self, section: str, id_: str, within_s: float = WITHIN_S) -> None:
        """Wait until a table has no such row."""
        await self._until(lambda: id_ not in self.tables[section], f"{section} without {id_}", within_s)

    async def _until(self, came: Callable[[], Any], what: str, within_s: float = WITHIN_S) -> None:
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(came)
        except TimeoutError:
            seen = f"{[event['type'] for event in self.events]}, {self.agent}"
            raise AssertionError(f"{self.cti_id} did not see {what} within {within_s} s but {seen}") from None

    async def event(self, kind: str, within_s: float = WITHIN_S, **fields: Any) -> Json:
        """Wait for the next event of a kind, whose fields are as given, and forget what came before it."""
        found: list[int] = []

        def look() -> bool:
            for index, event in enumerate(self.events):
                if event["type"] == kind and all(event.get(name) == value for name, value in fields.items()):
                    found.append(index)
                    return True
            return False

        await self._until(look, f"{kind} {fields or ''}", within_s)
        event = self.events[found[0]]
        del self.events[: found[0] + 1]
        return event

    async def closed(self, within_s: float = WITHIN_S) -> int:
        """Wait until the bridge closes the event socket, and return with which code."""
        await self._until(lambda: self.close_code is not None, "the end of the panel", within_s)
        assert self.close_code is not None
        return self.close_code

    async def label(self, label: str, within_s: float = WITHIN_S) -> Json:
        """Wait until the agent is shown with this label."""
        await self._until(lambda: self.agent.get("label") == label, f"the label {label!r}", within_s)
        return self.agent

    async def shows(self, check: Callable[[Json], bool], what: str, within_s: float = WITHIN_S) -> Json:
        """Wait until the agent's view is as wanted."""
        await self._until(lambda: check(self.agent), what, within_s)
        return self.agent
