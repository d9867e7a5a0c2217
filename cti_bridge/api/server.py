"""The API server: binds the route table to aiohttp, starts and stops it."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from socket import socket
from typing import Any

import msgspec
from aiohttp import web

from cti_bridge.api.acknowledged import Acknowledge, acknowledge
from cti_bridge.api.acting import ActingNow, acting_middleware
from cti_bridge.api.agents import Agents
from cti_bridge.api.auth import Authenticator, Caller
from cti_bridge.api.callbacks import Callbacks
from cti_bridge.api.calls import Calls
from cti_bridge.api.client_address import ClientAddresses
from cti_bridge.api.clients import Clients
from cti_bridge.api.connection import Times
from cti_bridge.api.cookie import ScreenCookie, SessionCookie
from cti_bridge.api.day import Days, OwnDay
from cti_bridge.api.emergency import Emergencies, NodesWithout, nobody_is_without
from cti_bridge.api.errors import Handler, problems_middleware, unauthenticated
from cti_bridge.api.events import AUTH_TIME_S, Events
from cti_bridge.api.feed import Feed
from cti_bridge.api.gate import Gate, gate_middleware
from cti_bridge.api.headers import header_setter, log_access
from cti_bridge.api.health import Health, Measure
from cti_bridge.api.help import Help
from cti_bridge.api.hours import OpeningHours
from cti_bridge.api.http_faults import HttpFaults
from cti_bridge.api.live import Live
from cti_bridge.api.login_limits import UsualPlaces
from cti_bridge.api.monitors import MonitorRoutes
from cti_bridge.api.openapi import describe
from cti_bridge.api.operator import Operator, OperatorRoutes
from cti_bridge.api.origin import Origins, origin_middleware
from cti_bridge.api.own_numbers import OwnNumbers
from cti_bridge.api.own_session import OwnSession, PanelConfig
from cti_bridge.api.pace import Pace
from cti_bridge.api.panel import PanelFiles, page_headers
from cti_bridge.api.panel_files import read_panel
from cti_bridge.api.passwords import Known, Passwords
from cti_bridge.api.paths import path_ids
from cti_bridge.api.ports import Engine, FrequentNumbers, Measurement, Present, TicketDesk
from cti_bridge.api.queues import Queues
from cti_bridge.api.recording_commands import RecordingCommands
from cti_bridge.api.recordings import Archive, Files, NoArchive, NoFiles, Recordings
from cti_bridge.api.reports import Reading, Reports
from cti_bridge.api.requests import LARGEST_BODY, idempotency_key, read_body, read_query
from cti_bridge.api.routes import Answer, Asked, Commands, Route
from cti_bridge.api.scenarios import Scenarios
from cti_bridge.api.session_use import SessionUse
from cti_bridge.api.sessions import Sessions
from cti_bridge.api.sounds import SoundFiles
from cti_bridge.api.streaming import FileAnswer, RangedAnswer, Streamed, send
from cti_bridge.api.supervision import Supervision
from cti_bridge.api.tickets import Tickets
from cti_bridge.api.tls import tls_context
from cti_bridge.api.topics import TOPICS
from cti_bridge.api.trace import LoginTrace
from cti_bridge.api.wallboard import Wallboard
from cti_bridge.api.watching import Alerts, name_of_client
from cti_bridge.api.watching import Wallboard as WallboardTopic
from cti_bridge.api.whole_numbers import CallNumbers, NoCallNumbers, WholeNumbers
from cti_bridge.api.why import Reasons
from cti_bridge.domain.model.directory import Client
from cti_bridge.supervisor import Watch, unwatched

BASE = "/api/v1"
_STOP_TIME_S = 5.0
_MOST_HEADERS, _LONGEST_HEADER = 64, 8190


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiConfig:
    """``port`` 0 takes a free one. ``tls_cert`` and ``tls_key`` are PEM files; both or none.
    ``password_hashes`` are argon2 hashes by CTI ID. ``allowed_origins`` are those of web pages on other
    hosts, e.g. ``https://crm.example.com``, which may show the panel in a frame. ``api_origins`` are those of pages
    that may use the API with the agent's cookie. ``trusted_proxies`` are addresses and networks."""

    host: str = "127.0.0.1"
    port: int = 8080
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allowed_origins: tuple[str, ...] = ()
    api_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    monitors: tuple[str, ...] | None = None
    """Addresses and networks; None: everybody."""
    password_hashes: Mapping[str, str]
    panel: PanelConfig = field(default_factory=PanelConfig)
    version: str = ""
    auth_time_s: float = AUTH_TIME_S
    times: Times = field(default_factory=Times)
    most_connections: int = 0
    """0: as many as the process's descriptors permit."""
    sockets: Sequence[socket] = ()
    """Sockets that listen already, in place of host and port."""


class ApiServer:
    """Serves from :meth:`start` to :meth:`stop`. ``storage_faults`` are the exceptions of engine and desk that mean
    that the storage is away (503). ``warnings`` and ``measure`` feed /readyz and /metrics. The desk's changes go to
    ``live.on_ticket``. ``acting`` says whether this bridge still acts, and ``pair`` describes both bridges."""

    def __init__(
        self,
        config: ApiConfig,
        engine: Engine,
        desk: TicketDesk,
        directory: Present,
        *,
        frequent_numbers: FrequentNumbers,
        problems: Callable[[], Sequence[str]] = tuple,
        warnings: Callable[[], Sequence[str]] = tuple,
        measure: Measure = tuple,
        storage_faults: tuple[type[Exception], ...] = (),
        clock: Callable[[], float] = time.time,
        watch: Watch = unwatched,
        places: UsualPlaces | None = None,
        operator: Operator | None = None,
        files: Files | None = None,
        archive: Archive | None = None,
        sounds: SoundFiles | None = None,
        nodes_without: NodesWithout = nobody_is_without,
        reports: Reading | None = None,
        days: Days | None = None,
        call_numbers: CallNumbers | None = None,
        alerts: Alerts = dict,
        acting: ActingNow | None = None,
        pair: Callable[[], Mapping[str, Any]] | None = None,
        acknowledge: Acknowledge | None = None,
    ) -> None:
        self._acting = acting
        self._acknowledge = acknowledge
        self._call_numbers, self._alerts = call_numbers or NoCallNumbers(), alerts
        self._reports, self._days = reports, days
        self._nodes_without = nodes_without
        self._sounds = sounds
        self._config, self._engine = config, engine
        self._watch, self._stopping = watch, False
        self._addresses = ClientAddresses(config.trusted_proxies)
        self._gate = Gate(self._addresses.is_proxy, config.times, config.most_connections)
        self._pace = Pace()
        self._faults = HttpFaults()
        self._serving: asyncio.Task[None] | None = None
        self._origins = Origins(config.allowed_origins, config.api_origins)
        self._cookie = SessionCookie(self._origins, with_tls=config.tls_cert is not None)
        self._auth = Authenticator(engine, self._cookie)
        self._screen = ScreenCookie(self._origins, with_tls=config.tls_cert is not None)
        self._clients = Clients(directory, self._origins, self._screen)
        self._feed = Feed({kind: make(engine, clock, alerts) for kind, make in TOPICS.items()}, clock)
        self.live = Live(engine, clock, directory, self._feed)
        self._events = Events(self.live, self._auth, self._clients, self._origins, self._gate, config.auth_time_s)
        self._files, self._archive = files or NoFiles(), archive or NoArchive()
        self._passwords = Passwords(config.password_hashes)
        self._trace = LoginTrace(directory, time.monotonic)
        self._sessions = Sessions(engine, directory, self._passwords, places=places, trace=self._trace)
        self._use = SessionUse(engine, self.live.has_panel)
        self._own_session = OwnSession(
            engine, directory, config.panel, config.allowed_origins, clock, config.password_hashes
        )
        self._operator = OperatorRoutes(operator, self._auth, self._addresses) if operator is not None else None
        self._health = Health(
            problems,
            lambda: [*warnings(), *self._gate.warnings()],
            [measure, self._measure],
            self._may_monitor,
            role=lambda: acting.role if acting is not None else "active",
            pair=pair,
        )
        self.routes = self._route_table(desk, directory, frequent_numbers, clock)
        self._panel = _panel(config)
        self._runner = web.AppRunner(
            self._application(storage_faults),
            access_log=None,
            shutdown_timeout=_STOP_TIME_S,
            max_headers=_MOST_HEADERS,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            logger=self._faults,
            auto_decompress=False,  # A small body must not become a large one.
        )

    async def start(self) -> tuple[str, int]:
        """Start to serve and return the address. Raises OSError when the address cannot be had, ssl.SSLError for
        unusable files."""
        await self._passwords.prepare()
        self._engine.listeners.extend([self.live.on_notices, self._trace.on_notices])
        if self._feed.topics:
            self._engine.watchers.append(self._feed.on_changes)
        await self._runner.setup()
        config = self._config
        handle = self._runner.server
        assert handle is not None
        # Not a site of the runner's: a task says when nobody is listened to any more.
        gate = self._gate
        host, port = gate.take(config.sockets) if config.sockets else await gate.listen(config.host, config.port)
        self._serving = asyncio.create_task(
            self._gate.serve(handle, tls_context(config.tls_cert, config.tls_key)), name="API"
        )
        self._watch(self._serving, lambda: self._stopping)
        self._panel.prepare()
        self._use.start()
        return host, port

    async def prepare(self, password_hashes: Mapping[str, str]) -> Known:
        """Do the slow part of :meth:`take`."""
        return await self._passwords.read(password_hashes)

    def take(self, panel: PanelConfig, known: Known) -> None:
        """Take over other passwords and settings of panels. The directory is asked for each time. The rest of the
        configuration stays that of the start."""
        self._passwords.take(known)
        self._own_session.take(panel, known.hashes)

    async def stop(self) -> None:
        """Close event sockets with 1001, and let requests end for at most 5 s."""
        self._use.stop()
        for listener in (self.live.on_notices, self._trace.on_notices):
            if listener in self._engine.listeners:
                self._engine.listeners.remove(listener)
        if self._feed.on_changes in self._engine.watchers:
            self._engine.watchers.remove(self._feed.on_changes)
        self._stopping = True
        if self._serving is not None:
            self._gate.close()
            self._serving.cancel()
        await self._runner.cleanup()
        if self._serving is not None:
            await asyncio.gather(self._serving, return_exceptions=True)
        self._passwords.close()
        self._panel.close()

    def _route_table(
        self, desk: TicketDesk, directory: Present, frequent: FrequentNumbers, clock: Callable[[], float]
    ) -> list[Route[Any]]:
        command = Commands(self._engine)
        return [
            *self._sessions.routes(command),
            *self._own_session.routes(),
            *Calls(self._engine, directory).routes(command),
            *RecordingCommands(self._engine).routes(command),
            *Agents(self._engine, directory).routes(),
            *OwnNumbers(frequent, directory).routes(),
            *Tickets(desk, directory).routes(),
            *OpeningHours(self._engine, directory, clock).routes(),
            *Emergencies(self._engine, directory, clock, self._nodes_without).routes(),
            *Queues(self._engine, directory, clock).routes(),
            *Recordings(self._engine, directory, self._archive, self._files).routes(),
            *Callbacks(self._engine).routes(),
            *Reports(self._reports, directory).routes(),
            *OwnDay(self._days).routes(),
            *Scenarios(self._engine, directory, clock).routes(),
            *Reasons(self._engine, directory, clock).routes(),
            *Supervision(self._engine, directory).routes(),
            *Help(self._engine, directory).routes(command),
            *Wallboard(self._engine, directory, WallboardTopic(self._engine, clock, self._alerts)).routes(),
            *MonitorRoutes(self._engine, directory).routes(),
            *self._clients.routes(),
            *WholeNumbers(self._engine, directory, self._call_numbers).routes(),
        ]

    def _application(self, storage_faults: tuple[type[Exception], ...]) -> web.Application:
        origins = self._origins
        middlewares = [
            gate_middleware(self._gate),
            log_access,
            problems_middleware(storage_faults),
            origin_middleware(origins),
        ]
        if self._acting is not None:
            middlewares.append(acting_middleware(self._acting))
        app = web.Application(middlewares=middlewares, client_max_size=LARGEST_BODY)
        app.on_response_prepare.append(header_setter(origins, with_tls=self._config.tls_cert is not None))
        app.on_shutdown.append(self._close_sockets)
        for route in self.routes:
            app.router.add_route(route.method, BASE + route.path, self._handler(route))
        app.router.add_route("GET", BASE + "/events", self._events.handle)
        app.router.add_route("GET", BASE + "/wallboard/events", self._events.handle_wallboard)
        app.router.add_route("GET", BASE + "/openapi.json", self._describe)
        if self._operator is not None:
            app.router.add_routes(self._operator.routes(BASE))
        app.router.add_routes(self._health.routes())
        app.router.add_routes(self._panel.routes())
        if self._sounds is not None:
            app.router.add_routes(self._sounds.routes())
        return app

    def _handler(self, route: Route[Any]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            own_page = self._origins.is_own(request)
            if route.panel_only and not own_page:
                raise self._origins.refuse(request)
            client = self._client(route, request)
            caller = self._caller(route, request) if client is None else None
            if client is not None:
                self._gate.logged_in(request)
                self._pace.check(name_of_client(client))
            if caller is not None:
                self._gate.logged_in(request)
                self._pace.check(caller.cti_id)
                self._use.note(caller)
            ids = path_ids(request.match_info)
            key = idempotency_key(request, caller.cti_id) if caller else None
            body = await read_body(request, route.schema) if route.writes else read_query(request, route.schema)
            cti_id, session = (caller.cti_id, caller.session) if caller else ("", "")
            is_operators = caller is None and client is None and not route.public
            address, left = self._addresses.of(request), _left(request)
            asked = Asked(body, cti_id, session, ids, key, address, own_page, is_operators, client, left)
            answer = await route.run(asked)
            if isinstance(answer, FileAnswer):
                return answer.response()
            if isinstance(answer, RangedAnswer):
                return await answer.send(request)
            if isinstance(answer, Streamed):
                return await send(request, answer)
            response = self._response(request, answer)
            if route.writes:
                await acknowledge(response, self._acknowledge)
            return response

        return handle

    def _client(self, route: Route[Any], request: web.Request) -> Client | None:
        """Return the client that asks; None: none does. Whoever is logged in here is asked for before a screen is.
        Raises a problem."""
        if route.scope is None:
            return None
        if "Authorization" in request.headers:
            return self._clients.by_header(request, route.scope)
        return None if self._auth.by_cookie(request) else self._clients.by_cookie(request, route.scope)

    def _caller(self, route: Route[Any], request: web.Request) -> Caller | None:
        """Return the agent who asks; None: the operator does, or anybody may. Raises a problem."""
        if route.public:
            return None
        if route.operator == "alone" and self._operator is None:
            raise unauthenticated("Nobody can show the token of an operator here.")
        if self._operator is not None and (
            route.operator == "alone" or (route.operator == "too" and self._operator.is_operators(request))
        ):
            self._operator.check(request)
            return None
        return self._auth.caller(request)

    def _response(self, request: web.Request, answer: Answer) -> web.Response:
        body = msgspec.json.encode(answer.content)
        response = web.Response(status=answer.status, body=body, content_type="application/json")
        if answer.cookie is not None:
            self._cookie.set(request, response, answer.cookie)
        if answer.screen is not None:
            self._screen.set(request, response, answer.screen)
        if answer.cursor is not None:
            # Relative to the request (RFC 8288, section 3.1): a proxy may serve us under another path.
            response.headers["Link"] = (
                f'<?{request.rel_url.update_query(cursor=answer.cursor).raw_query_string}>; rel="next"'
            )
        return response

    @cached_property
    def description(self) -> dict[str, Any]:
        """The API's description, made when it is first asked for, which takes a tenth of a second."""
        return describe(self.routes, "cti-bridge", self._config.version or "0", BASE)

    async def _describe(self, request: web.Request) -> web.StreamResponse:
        if not self._may_monitor(request):
            self._auth.caller(request)
        document = await asyncio.to_thread(lambda: msgspec.json.encode(self.description))
        return web.Response(body=document, content_type="application/json")

    async def _close_sockets(self, _: web.Application) -> None:
        self.live.close_all()
        self._events.close_unauthenticated()

    def _may_monitor(self, request: web.Request) -> bool:
        """Return whether the request may ask for metrics and readiness, and without a login for the API's
        description."""
        allowed = self._config.monitors
        return allowed is None or self._addresses.is_from_here(request) or self._addresses.is_within(request, allowed)

    def _measure(self) -> Sequence[Measurement]:
        return [
            Measurement("cti_panels", "Event sockets that are open", self.live.panels),
            Measurement(
                "cti_slow_readers",
                "Event sockets closed for reading too slowly",
                self.live.slow_readers + self._feed.slow_readers,
                counter=True,
            ),
            Measurement(
                "cti_refused_logins", "Logins with wrong credentials", self._sessions.refused_logins, counter=True
            ),
            *self._trace.measure(),
            *self._gate.measure(),
            Measurement("cti_malformed_requests", "Requests that are no HTTP", self._faults.malformed, counter=True),
            Measurement(
                "cti_requests_refused", "Requests of agents that ask too often", self._pace.refused, counter=True
            ),
        ]


def _left(request: web.Request) -> Callable[[], bool]:
    return lambda: request.transport is None or request.transport.is_closing()


def _panel(config: ApiConfig) -> PanelFiles:
    phone = config.panel.phone
    return PanelFiles(read_panel, page_headers(config.allowed_origins, phone.origin if phone else ""))
