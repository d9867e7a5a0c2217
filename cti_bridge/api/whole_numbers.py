"""The whole number of a customer, which lists mask, for whoever has the right `unmask`. Each look is in the audit
(requirement M2)."""

from typing import Any, Protocol

from cti_bridge.api.errors import not_found
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import Answered, Nothing
from cti_bridge.domain.border.commands import NoteAct
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.words import Audited, Right

ServiceAndNumber = tuple[str | None, str | None]


class CallNumbers(Protocol):
    """Calls that are over."""

    async def get(self, call_id: str) -> ServiceAndNumber | None: ...


class NoCallNumbers:
    """Stands in where there is no Postgres: it knows of no call."""

    async def get(self, call_id: str) -> ServiceAndNumber | None:
        return None


class NumberAnswer(Answered):
    """``customer_number`` null: it is withheld, or the call has no customer."""

    customer_number: str | None


class WholeNumbers:
    """``over`` knows the calls that are over."""

    def __init__(self, engine: Engine, directory: Present, over: CallNumbers) -> None:
        self._engine, self._directory, self._over = engine, directory, over

    def routes(self) -> list[Route[Any]]:
        text = "The whole number of the customer of a call, for who has the right unmask; written down"
        return [Route("GET", "/calls/{call_id}/number", Nothing, self._number, NumberAnswer, text)]

    async def _number(self, asked: Asked[Nothing]) -> Answer:
        by, call_id = asked.by(self._directory()), asked.ids["call_id"]
        by.need(Right.UNMASK)
        found = self._engine.read(lambda floor: _present(floor, call_id)) or await self._over.get(call_id)
        if found is None or not by.sees_service(found[0]):
            raise not_found()
        await self._engine.order(NoteAct(Audited.NUMBER_SHOWN, call_id, asked.cti_id, asked.address))
        return Answer({"customer_number": found[1]})


def _present(floor: Floor, call_id: str) -> ServiceAndNumber | None:
    call = floor.calls.get(call_id)
    return None if call is None else (call.service, call.customer.number)
