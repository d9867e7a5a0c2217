"""The entries of the route table, and the input and output of a handler.

A command to the engine is one line of table and one schema::

    command("POST", "/calls/{call_id}/dtmf", DigitsBody, digits_of, "Send digits")
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from cti_bridge.api.paths import check_path
from cti_bridge.api.ports import Engine
from cti_bridge.api.schemas import AgentAnswer
from cti_bridge.api.streaming import FileAnswer, RangedAnswer, Streamed
from cti_bridge.domain.border.commands import Command
from cti_bridge.domain.model.directory import Client, Directory
from cti_bridge.domain.model.words import Scope
from cti_bridge.domain.rights.asker import Asker

B = TypeVar("B", bound=BaseModel)

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Asked(Generic[B]):
    """An authenticated and valid request. ``body`` is the query's for a GET."""

    body: B
    cti_id: str = ""
    session: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    idempotency: str | None = None
    address: str = ""
    own_page: bool = True
    """False: a page of another origin asks."""
    operator: bool = False
    """The machine's operator asks, not an agent."""
    client: Client | None = None
    """A client asks, not an agent."""
    left: Callable[[], bool] = lambda: False
    """Says whether the client has disconnected, and nobody waits for the answer."""

    def by(self, directory: Directory) -> Asker:
        """Return who asks, and with it what they may."""
        if self.client is not None:
            return Asker(directory, None, self.client)
        return Asker(directory, None if self.operator else self.cti_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """``content`` is anything that msgspec encodes. ``cookie`` is the session cookie to set; an empty one removes it.
    ``cursor`` is where a list goes on, when this was a page of it and there is more."""

    content: Any
    status: int = 200
    cookie: str | None = None
    screen: str | None = None
    """The cookie of a screen, likewise."""
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Route(Generic[B]):
    """One operation. ``path`` is below /api/v1; :mod:`cti_bridge.api.paths` describes its parameters."""

    method: str
    path: str
    schema: type[B]
    run: Callable[[Asked[B]], Awaitable[Answer | Streamed | FileAnswer | RangedAnswer]]
    answer: type[BaseModel] | str
    """The model of a JSON answer; the media type of any other answer."""
    summary: str
    public: bool = False
    panel_only: bool = False
    """Pages of other origins are refused, also those that may use the API."""
    status: int = 200
    """The status of a successful answer."""
    pages: bool = False
    """The answer is a page of a list; its query has a ``cursor``."""
    scope: Scope | None = None
    """The scope with which a client may ask, beside agents; None: no client may."""
    operator: Literal["no", "too", "alone"] = "no"
    """Whether the machine's operator may ask, beside agents or alone (:mod:`cti_bridge.api.operator`)."""

    def __post_init__(self) -> None:
        check_path(self.path)

    @property
    def writes(self) -> bool:
        return self.method in WRITES


class Commands:
    """Makes the routes whose whole work is one command to the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(
        self, method: str, path: str, schema: type[B], build: Callable[[Asked[B]], Command], summary: str
    ) -> Route[B]:
        async def run(asked: Asked[B]) -> Answer:
            return Answer({"agent": await self._engine.ask(build(asked), asked.idempotency)})

        return Route(method, path, schema, run, AgentAnswer, summary)
