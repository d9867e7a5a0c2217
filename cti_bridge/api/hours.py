"""Opening hours as they are now, and their overrides by hand (requirement H3). All agents see them. Supervisors of all
services that use them set them, and the machine's operator."""

from collections.abc import Callable
from typing import Any

from cti_bridge.api.errors import invalid, not_found
from cti_bridge.api.ports import Engine, Present
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import HoursAnswer, HoursList, HoursOverrideBody, Nothing
from cti_bridge.domain.border.commands import DropHoursOverride, SetHoursOverride
from cti_bridge.domain.border.views import HoursView
from cti_bridge.domain.hours.opening import hours_views
from cti_bridge.domain.model.hours import OpenState
from cti_bridge.hours.zone import day_ends, moment


class OpeningHours:
    """``clock`` gives POSIX seconds."""

    def __init__(self, engine: Engine, directory: Present, clock: Callable[[], float]) -> None:
        self._engine, self._directory, self._clock = engine, directory, clock

    def routes(self) -> list[Route[Any]]:
        override = "/hours/{hours_id}/override"
        return [
            Route(
                "GET",
                "/hours",
                Nothing,
                self._list,
                HoursList,
                "Opening hours as they are now, and why",
                operator="too",
            ),
            Route(
                "PUT",
                override,
                HoursOverrideBody,
                self._set,
                HoursAnswer,
                "Set opening hours to open or closed, for supervisors of all services that use them",
                operator="too",
            ),
            Route(
                "DELETE",
                override,
                Nothing,
                self._drop,
                HoursAnswer,
                "Let the configured opening hours hold again, for supervisors of all services that use them",
                operator="too",
            ),
        ]

    async def _list(self, asked: Asked[Nothing]) -> Answer:
        return Answer(self._views())

    async def _set(self, asked: Asked[HoursOverrideBody]) -> Answer:
        hours_id, body, asker = asked.ids["hours_id"], asked.body, asked.by(self._directory())
        asker.need_hours(hours_id)
        until = self._until(hours_id, body)
        await self._engine.order(SetHoursOverride(hours_id, OpenState(body.state), until, asker.name, asked.address))
        return self._answer(hours_id)

    async def _drop(self, asked: Asked[Nothing]) -> Answer:
        hours_id, asker = asked.ids["hours_id"], asked.by(self._directory())
        asker.need_hours(hours_id)
        await self._engine.order(DropHoursOverride(hours_id, asker.name, asked.address))
        return self._answer(hours_id)

    def _until(self, hours_id: str, body: HoursOverrideBody) -> float | None:
        """Return the end that the body means, POSIX seconds; None: never. Raises a problem."""
        hours = self._directory().hours.get(hours_id)
        if hours is None:
            raise not_found()
        if "until" not in body.model_fields_set:
            return day_ends(hours.timezone, self._clock())
        if body.until is None:
            return None
        try:
            return moment(body.until, hours.timezone, self._clock())
        except ValueError:
            message = 'Write a time as in "14:00", "2026-12-25T14:00" or "2026-12-25T14:00:00Z".'
            raise invalid("The request is not valid.", [{"field": "until", "message": message}]) from None

    def _views(self) -> list[HoursView]:
        return self._engine.read(lambda floor: hours_views(floor, self._clock()))

    def _answer(self, hours_id: str) -> Answer:
        found = [one for one in self._views() if one.id == hours_id]
        if not found:
            raise not_found()  # A reload has removed them meanwhile.
        return Answer({"hours": found[0]})
