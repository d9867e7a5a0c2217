"""Customers who are to be called, and the messages that they have left (requirements J1, J6): for agents of their
queues and supervisors of their services. Those of others do not exist."""

from itertools import islice
from typing import Any

from cti_bridge.api.cursors import cursor_of, place_at
from cti_bridge.api.errors import not_found
from cti_bridge.api.ports import Engine
from cti_bridge.api.routes import Answer, Asked, Route
from cti_bridge.api.schemas import CallbackAnswer, CallbackList, CallbackPatch, CallbacksQuery, Nothing
from cti_bridge.domain.border.commands import CallbackDone
from cti_bridge.domain.border.views import CallbackView
from cti_bridge.domain.views.callbacks import callback_views
from tickets.store import Place

PAGE = 50


class Callbacks:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def routes(self) -> list[Route[Any]]:
        one = "/callbacks/{callback_id}"
        return [
            Route(
                "GET",
                "/callbacks",
                CallbacksQuery,
                self._list,
                CallbackList,
                "Customers of the own queues (supervisors: services) who are to be called, oldest first; 50 a page",
                pages=True,
            ),
            Route("GET", one, Nothing, self._get, CallbackAnswer, "A customer who is to be called"),
            Route("PATCH", one, CallbackPatch, self._done, CallbackAnswer, "Mark it as done"),
        ]

    async def _list(self, asked: Asked[CallbacksQuery]) -> Answer:
        query = asked.body
        wanted = {"kind": query.kind, "status": query.status, "queue": query.queue}
        named = {name: value for name, value in wanted.items() if value is not None}
        behind = place_at(query.cursor) if query.cursor is not None else None
        found = (
            (place, view)
            for place, view in self._views(asked.cti_id)
            if all(getattr(view, name) == value for name, value in named.items())
            and (behind is None or (place.created_at, place.id) > (behind.created_at, behind.id))
        )
        page = list(islice(found, PAGE + 1))
        more = len(page) > PAGE
        return Answer([view for _, view in page[:PAGE]], cursor=cursor_of(page[PAGE - 1][0]) if more else None)

    async def _get(self, asked: Asked[Nothing]) -> Answer:
        return self._answer(asked)

    async def _done(self, asked: Asked[CallbackPatch]) -> Answer:
        self._answer(asked)
        command = CallbackDone(asked.cti_id, asked.ids["callback_id"], asked.body.version)
        await self._engine.ask(command, asked.idempotency)
        return self._answer(asked)

    def _answer(self, asked: Asked[Any]) -> Answer:
        wanted = asked.ids["callback_id"]
        view = next((view for _, view in self._views(asked.cti_id) if view.callback_id == wanted), None)
        if view is None:
            raise not_found()
        return Answer({"callback": view})

    def _views(self, cti_id: str) -> list[tuple[Place, CallbackView]]:
        """Return the entries that the agent may see, each with its place, oldest first."""
        views = self._engine.read(lambda floor: callback_views(floor, cti_id))
        placed = [(Place(round(placed_at, 6), view.callback_id), view) for placed_at, view in views]
        return sorted(placed, key=lambda one: (one[0].created_at, one[0].id))
