"""The emergency switch of a service (requirement H8): supervisors of the service set it, and the machine's operator.
Agents see whether it is on."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from cti_bridge.api.errors import Problem, invalid, not_found
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import EmergencyBody, Nothing, ServiceAnswer, ServiceList
from cti_bridge.domain.border.commands import DropEmergency, SetEmergency
from cti_bridge.domain.border.views import ServiceNowView
from cti_bridge.domain.hours.emergency_switch import service_views
from cti_bridge.domain.model.directory import Service
from cti_bridge.hours.zone import day_ends, moment
from cti_bridge.sounds.message import SOUND, written
from cti_bridge.trial.zone import zone_of_service

NodesWithout = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the connected PBXs that do not have a sound (its name without ``sound:``)."""


async def nobody_is_without(sound: str) -> Sequence[str]:
    """The sound is on all PBXs, as far as anybody knows."""
    return ()


class Emergencies:
    """``clock`` gives POSIX seconds."""

    def __init__(
        self, engine: Engine, directory: Present, clock: Callable[[], float], nodes_without: NodesWithout
    ) -> None:
        self._engine, self._directory, self._clock = engine, directory, clock
        self._nodes_without = nodes_without

    def routes(self) -> list[Route[Any]]:
        switch = "/services/{service_id}/emergency"
        return [
            Route(
                "GET",
                "/services",
                Nothing,
                self._list,
                ServiceList,
                "The own services, and whether their emergency switches are on",
                operator="too",
            ),
            Route(
                "PUT",
                switch,
                EmergencyBody,
                self._set,
                ServiceAnswer,
                "Let all callers of a service hear one message in place of their scenarios, for its supervisors",
                operator="too",
            ),
            Route(
                "DELETE",
                switch,
                Nothing,
                self._drop,
                ServiceAnswer,
                "Let callers of a service take their scenarios again, for its supervisors",
                operator="too",
            ),
        ]

    async def _list(self, asked: Asked[Nothing]) -> Answer:
        return Answer(self._views(asked.by(self._directory()).services))

    async def _set(self, asked: Asked[EmergencyBody]) -> Answer:
        asker, body = asked.by(self._directory()), asked.body
        service = asker.need_service(asked.ids["service_id"])
        until = self._until(service, body)
        message = await self._message(body.message)
        await self._engine.order(SetEmergency(service.id, message, until, asker.name, asked.address))
        return self._answer(service.id)

    async def _drop(self, asked: Asked[Nothing]) -> Answer:
        asker = asked.by(self._directory())
        service = asker.need_service(asked.ids["service_id"])
        await self._engine.order(DropEmergency(service.id, asker.name, asked.address))
        return self._answer(service.id)

    def _until(self, service: Service, body: EmergencyBody) -> float | None:
        """Return the end that the body means, POSIX seconds; None: never. Raises a problem."""
        zone = zone_of_service(self._directory(), service.id).name
        if "until" not in body.model_fields_set:
            return day_ends(zone, self._clock())
        if body.until is None:
            return None
        try:
            return moment(body.until, zone, self._clock())
        except ValueError:
            message = 'Write a time as in "14:00", "2026-12-25T14:00" or "2026-12-25T14:00:00Z".'
            raise _wrong("until", message) from None

    async def _message(self, text: str | None) -> str:
        """Return the message of the body; empty: the one that is prepared. A sound that a PBX does not have would be
        silence to each caller. Raises a problem."""
        if text is None:
            return ""
        if not text.startswith(SOUND):
            message = (
                'Name a sound of the PBX, "sound:NAME". Texts are prepared in the configuration, [services.emergency].'
            )
            raise _wrong("message", message)
        try:
            message = written(text)
        except ValueError as error:
            raise _wrong("message", f"{error}.") from None
        if nodes := await self._nodes_without(text.removeprefix(SOUND)):
            raise _wrong("message", f"The PBX {', '.join(nodes)} has no such sound.")
        return message

    def _views(self, services: Iterable[str]) -> list[ServiceNowView]:
        directory = self._directory()
        zones = {name: zone_of_service(directory, name).name for name in services}
        return self._engine.read(lambda floor: service_views(floor, self._clock(), zones))

    def _answer(self, service_id: str) -> Answer:
        found = self._views([service_id])
        if not found:
            raise not_found()  # A reload has removed it meanwhile.
        return Answer({"service": found[0]})


def _wrong(field: str, message: str) -> Problem:
    return invalid("The request is not valid.", [{"field": field, "message": message}])
