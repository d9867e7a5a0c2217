"""Why a call waits, and why an agent is given none (requirement I8): for supervisors of their services, for the
machine's operator, and for agents of themselves."""

from collections.abc import Callable
from typing import Any

from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import CallsQuery, WaitingList, WhyAnswer, WhyQuery
from cti_bridge.api.why_words import Language, in_words
from cti_bridge.domain.floor.floor import Floor
from cti_bridge.domain.model.call import Call
from cti_bridge.domain.model.reasons import Reason
from cti_bridge.domain.model.timestamps import iso
from cti_bridge.domain.queue.why_agent import why_no_calls
from cti_bridge.domain.queue.why_call import Looked, in_order, why_call_waits
from cti_bridge.numbers.e164 import mask

MOST = 100
"""The most calls of an answer. All are looked at in one turn."""


class Reasons:
    """``clock`` gives POSIX seconds."""

    def __init__(self, engine: Engine, directory: Present, clock: Callable[[], float]) -> None:
        self._engine, self._directory, self._clock = engine, directory, clock

    def routes(self) -> list[Route[Any]]:
        return [
            Route(
                "GET",
                "/calls",
                CallsQuery,
                self._waiting,
                WaitingList,
                "The first 100 calls that wait, the next one first, each with its reasons; for supervisors",
                operator="too",
            ),
            Route(
                "GET",
                "/calls/{call_id}/why",
                WhyQuery,
                self._of_call,
                WhyAnswer,
                "Why a call waits, for supervisors",
                operator="too",
            ),
            Route(
                "GET",
                "/agents/{cti_id}/why",
                WhyQuery,
                self._of_agent,
                WhyAnswer,
                "Why an agent is given no call, for the agent and for supervisors",
                operator="too",
            ),
        ]

    async def _waiting(self, asked: Asked[CallsQuery]) -> Answer:
        asker = asked.by(self._directory())
        asker.need_supervisor()
        now, language = self._clock(), asked.body.lang

        def views(floor: Floor) -> list[dict[str, Any]]:
            looked: Looked = {}
            return [
                _waiting_view(floor, call, now, language, looked) for call in in_order(floor, asker.sees_call, MOST)
            ]

        return Answer(self._engine.read(views))

    async def _of_call(self, asked: Asked[WhyQuery]) -> Answer:
        asker, call_id, now = asked.by(self._directory()), asked.ids["call_id"], self._clock()

        def found(floor: Floor) -> list[Reason]:
            return why_call_waits(floor, asker.need_call(floor.calls.get(call_id)), now)

        return Answer({"reasons": _written(self._engine.read(found), asked.body.lang)})

    async def _of_agent(self, asked: Asked[WhyQuery]) -> Answer:
        cti_id, now = asked.ids["cti_id"], self._clock()
        asked.by(self._directory()).need_self_or_supervised(cti_id)
        reasons = self._engine.read(lambda floor: why_no_calls(floor, floor.agent(cti_id), now))
        return Answer({"reasons": _written(reasons, asked.body.lang)})


def _waiting_view(floor: Floor, call: Call, now: float, language: Language, looked: Looked) -> dict[str, Any]:
    number = call.customer.number
    return {
        "call_id": call.id,
        "service": call.service,
        "queue": call.queue,
        "customer_number": mask(number) if number is not None else None,
        "since": iso(call.wait.since or call.state_since),
        "waited_s": round(max(0.0, now - (call.wait.since or call.state_since)), 1),
        "reasons": _written(why_call_waits(floor, call, now, looked), language),
    }


def _written(reasons: list[Reason], language: Language) -> list[dict[str, str]]:
    return [{"code": str(reason.code), "text": in_words(reason, language)} for reason in reasons]
