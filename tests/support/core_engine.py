"""The core behind the API, without a loop: each command is done when it is asked, and the spool has it at once."""

from collections.abc import Callable
from typing import TypeVar

from cti_bridge.api.ports import Listener, Watcher
from cti_bridge.domain.border.commands import Command, HouseCommand, PanelChanged, SessionUsed
from cti_bridge.domain.border.facts import SessionsAged
from cti_bridge.domain.border.views import AgentView, CallView, OfferView
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.views.snapshot import agent_view, call_view, offer_view
from tests.unit.floor import Driver

T = TypeVar("T")


class CoreEngine:
    """``driver`` may be another one at any time."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.listeners: list[Listener] = []
        self.watchers: list[Watcher] = []

    def tell(self, fact: PanelChanged | SessionUsed | SessionsAged) -> None:
        self.driver.tell(fact)

    async def ask(self, command: Command, idempotency: str | None = None) -> AgentView:
        self.driver.tell(command)
        return self.view(command.cti_id)

    async def order(self, command: HouseCommand) -> None:
        self.driver.tell(command)

    def view(self, cti_id: str) -> AgentView:
        return agent_view(self._floor, cti_id)

    def offer_view(self, cti_id: str) -> OfferView | None:
        call = self._floor.calls.get(self._floor.agent(cti_id).call_id or "")
        return offer_view(call) if call is not None else None

    def call_view(self, cti_id: str, call_id: str) -> CallView | None:
        call = self._floor.calls.get(call_id)
        return call_view(self._floor, call) if call is not None and call.cti_id == cti_id else None

    def read(self, view: Callable[[Floor], T]) -> T:
        return view(self._floor)

    def session_owner(self, session_digest: str) -> str | None:
        return self._floor.by_session.get(session_digest)

    def is_beside(self, session_digest: str) -> bool:
        return False

    def csrf(self, cti_id: str) -> str:
        return self._floor.agent(cti_id).csrf

    @property
    def _floor(self) -> Floor:
        return self.driver.center.floor
