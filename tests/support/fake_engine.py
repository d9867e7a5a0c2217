"""An engine without a core: it remembers what it was told and asked, and answers what the test wants."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from cti_bridge.api.ports import Listener, Watcher
from cti_bridge.domain.border.commands import Command, HouseCommand, LogIn, LogOut, PanelChanged, SessionUsed, SetStatus
from cti_bridge.domain.border.facts import SessionsAged
from cti_bridge.domain.border.notices import AgentChanged, Notice, SessionEnded
from cti_bridge.domain.border.views import AgentView, CallView, OfferView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.model.words import SessionOver

T = TypeVar("T")

AT = 1_795_230_000.25
"""The time of every fact: 2026-11-21T03:00:00.250Z."""


def agent_view(cti_id: str, **changed: Any) -> dict[str, Any]:
    return {
        "cti_id": cti_id,
        "name": f"Agent {cti_id}",
        "cti_number": "1001",
        "answer": "phone",
        "phone": "reachable",
        "status": "offline",
        "reason": None,
        "next_status": None,
        "state": "idle",
        "label": "Offline",
        "since": "2026-11-21T03:00:00.000Z",
        "ticket_processing_ends_at": None,
        "after_processing": None,
        "prompt": None,
        "missed": None,
        "offer": None,
        "call": None,
        "allowed_actions": [],
        "no_calls": ["not_ready"],
        "help_since": None,
        "waiting": 0,
        "monitor": None,
        **changed,
    }


def call_view(call_id: str, **changed: Any) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "direction": "inbound",
        "emergency": False,
        "service": "acme",
        "customer_number": "+821012345678",
        "customer_name": "Kim",
        "dialed_number": "+8225550000",
        "calling_number": None,
        "queue": "support",
        "waited_s": 1.0,
        "state": "talking",
        "rings": False,
        "since": "2026-11-21T03:00:00.000Z",
        "answered_at": None,
        "ticket_id": None,
        "marks": None,
        "warnings": 0,
        "held_by": [],
        "holding": [],
        "digits_to": [],
        "asked_by": "",
        "consult": None,
        "last_result": None,
        "category": None,
        "data": {},
        "way": [],
        "skills": {},
        "recording": None,
        "monitors": [],
        **changed,
    }


class FakeEngine:
    """``views``, ``offers`` and ``calls`` are what its views are as JSON."""

    def __init__(self, cti_ids: Sequence[str] = ("a1", "a2")) -> None:
        self.listeners: list[Listener] = []
        self.watchers: list[Watcher] = []
        self.floor: Any = None
        self.asked: list[Command] = []
        self.ordered: list[HouseCommand] = []
        self.keys: list[str | None] = []
        self.of_sessions: list[SessionUsed | SessionsAged] = []
        self.told: asyncio.Queue[PanelChanged] = asyncio.Queue()
        self.views = {cti_id: agent_view(cti_id) for cti_id in cti_ids}
        self.offers: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, str] = {}
        self.beside: set[str] = set()
        self.csrfs: dict[str, str] = {}
        self.refusal: Exception | None = None
        self.moves = 0

    def tell(self, fact: PanelChanged | SessionUsed | SessionsAged) -> None:
        if isinstance(fact, PanelChanged):
            self.told.put_nowait(fact)
        else:
            self.of_sessions.append(fact)

    async def ask(self, command: Command, idempotency: str | None = None) -> AgentView:
        if self.refusal is not None:
            raise self.refusal
        self.asked.append(command)
        self.keys.append(idempotency)
        if isinstance(command, LogIn):
            self._log_in(command)
        elif isinstance(command, LogOut):
            self._log_out(command)
        elif isinstance(command, SetStatus):
            self.views[command.cti_id] |= {"status": command.status, "label": command.status.capitalize()}
        return self.view(command.cti_id)

    async def order(self, command: HouseCommand) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.ordered.append(command)

    def view(self, cti_id: str) -> AgentView:
        return msgspec.convert(self.views[cti_id], AgentView)

    def offer_view(self, cti_id: str) -> OfferView | None:
        return msgspec.convert(self.offers.get(cti_id), OfferView | None)

    def call_view(self, cti_id: str, call_id: str) -> CallView | None:
        return msgspec.convert(self.calls.get(call_id), CallView | None)

    def read(self, view: Callable[[Floor], T]) -> T:
        return view(self.floor)

    def session_owner(self, session_digest: str) -> str | None:
        return self.sessions.get(session_digest)

    def is_beside(self, session_digest: str) -> bool:
        return session_digest in self.beside

    def csrf(self, cti_id: str) -> str:
        return self.csrfs.get(cti_id, "")

    def happen(self, *notices: Notice) -> None:
        """As after a fact."""
        for listener in self.listeners:
            listener(AT, notices)

    def change(self, cti_id: str, **changed: Any) -> None:
        """The view is another one each time."""
        self._moved(cti_id, changed)
        self.happen(AgentChanged(cti_id))

    def _moved(self, cti_id: str, changed: dict[str, Any]) -> None:
        self.moves += 1
        self.views[cti_id] |= {"since": iso(AT + self.moves)} | changed

    def _log_in(self, command: LogIn) -> None:
        if command.beside:
            self.beside.add(command.session)
            self.sessions[command.session] = command.cti_id
            return
        old = [s for s, owner in self.sessions.items() if owner == command.cti_id and s not in self.beside]
        for session in old:
            del self.sessions[session]
        self.sessions[command.session] = command.cti_id
        self.csrfs[command.cti_id] = command.csrf
        self._moved(command.cti_id, {"status": "business", "label": "Business"})
        over = SessionOver.TAKEOVER
        self.happen(*(SessionEnded(command.cti_id, session, over) for session in old), AgentChanged(command.cti_id))

    def _log_out(self, command: LogOut) -> None:
        del self.sessions[command.session]
        if command.session in self.beside:
            self.happen(SessionEnded(command.cti_id, command.session))
            return
        self.views[command.cti_id] |= {"status": "offline", "label": "Offline"}
        self.happen(SessionEnded(command.cti_id, command.session), AgentChanged(command.cti_id))
