"""The numbers that an agent dials with, and those that they dial often (requirements A5, E2)."""

from typing import Any

from cti_bridge.api.numbers import Numbers
from cti_bridge.api.ports import FrequentNumber, FrequentNumbers, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import (
    CallingNumberList,
    Done,
    FrequentNumberBody,
    FrequentNumberList,
    FrequentNumberView,
    Nothing,
)

_OWN = "/me/frequent-numbers"


class OwnNumbers:
    def __init__(self, frequent: FrequentNumbers, directory: Present) -> None:
        self._frequent, self._directory = frequent, directory
        self._numbers = Numbers(directory)

    def routes(self) -> list[Route[Any]]:
        one = _OWN + "/{number_id}"
        return [
            Route("GET", "/calling-numbers", Nothing, self._calling, CallingNumberList, "Calling numbers with states"),
            Route("GET", _OWN, Nothing, self._list, FrequentNumberList, "The agent's frequent numbers"),
            Route("POST", _OWN, FrequentNumberBody, self._add, FrequentNumberView, "Add a frequent number"),
            Route("DELETE", one, Nothing, self._remove, Done, "Remove a frequent number"),
        ]

    async def _calling(self, asked: Asked[Nothing]) -> Answer:
        entry = self._directory().agents.get(asked.cti_id)
        services = entry.services if entry else ()
        numbers = [n for n in self._directory().calling_numbers.values() if n.service in services]
        return Answer([{"number": n.number, "service": n.service, "state": n.state} for n in numbers])

    async def _list(self, asked: Asked[Nothing]) -> Answer:
        return Answer([_view(number) for number in self._frequent.of(asked.cti_id)])

    async def _add(self, asked: Asked[FrequentNumberBody]) -> Answer:
        number = self._numbers.meant(asked.body.number, self._numbers.of_agent(asked.cti_id))
        return Answer(_view(await self._frequent.add(asked.cti_id, number, asked.body.label, asked.idempotency)))

    async def _remove(self, asked: Asked[Nothing]) -> Answer:
        await self._frequent.remove(asked.cti_id, asked.ids["number_id"], asked.idempotency)
        return Answer({})


def _view(number: FrequentNumber) -> dict[str, str]:
    return {"id": number.id, "number": number.number, "label": number.label}
