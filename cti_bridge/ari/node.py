"""One Asterisk as the bridge sees it: connected, kept connected, reconciled, and given actions.

A connection begins with the login, the event socket, its filter and subscription. Then an event that we ordered has to
come. Then the lists are read and NodeSeen is told, with the events that came meanwhile. From then on events are told as
they come. Any fault ends the connection. NodeLost is told once, and a new connection is made. Only a second controller
ends it for good.

Where two bridges share a PBX, each connection asks a gatekeeper first (:mod:`cti_bridge.ari.gatekeeper`).

The lists are read again while the connection lives. Facts wait for them, but not for long. Late lists are not told, for
they may be older than the facts that were told meanwhile. They are asked for again, less and less often.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from urllib.parse import quote

import structlog
from aiohttp import ClientWebSocketResponse

from cti_bridge.ari.access import PbxAccess
from cti_bridge.ari.backoff import Backoff
from cti_bridge.ari.counters import Counters
from cti_bridge.ari.deferred import Deferred
from cti_bridge.ari.endpoints import Endpoints
from cti_bridge.ari.errors import LOGIN_REFUSALS, PbxHangs, PbxProblem, PbxRefusedLogin, PbxUnreachable
from cti_bridge.ari.event_proof import EventProof
from cti_bridge.ari.executor import Executor
from cti_bridge.ari.gatekeeper import Gatekeeper, Nobody
from cti_bridge.ari.http import MANY, AriHttp
from cti_bridge.ari.inspector import Inspector
from cti_bridge.ari.lists import Lists
from cti_bridge.ari.mark import PbxMark
from cti_bridge.ari.models import Event
from cti_bridge.ari.pbx_clock import PbxClock
from cti_bridge.ari.probe import Probe, login, look_around
from cti_bridge.ari.reconcile import Observer
from cti_bridge.ari.recordings import PbxRecordings
from cti_bridge.ari.requests import Request, Requests
from cti_bridge.ari.retrieves import Retrieves
from cti_bridge.ari.socket import EventSocket
from cti_bridge.ari.sounds import SoundsOfPbx
from cti_bridge.ari.stuck import StuckLegs
from cti_bridge.ari.translate import ORDERED, USED_TYPES, Translator
from cti_bridge.ari.unreadable import Unreadable
from cti_bridge.domain.border.actions import Action
from cti_bridge.domain.border.facts import NodeLost, NodeSeen, PbxFact
from cti_bridge.sounds.provided import AtPbx
from cti_bridge.supervisor import Watch, unwatched

RECONCILE_EVERY_S = 30.0
"""The pause between two readings of the lists, in seconds; also the longest pause after lists that did not come."""
SURPRISE_PAUSE_S = 1.0
"""The least pause between two readings, in seconds, however many surprises there are."""

_UNREAD_AFTER_S = 3 * RECONCILE_EVERY_S
_STABLE_AFTER_S = 2.0
_LATE_S = 60.0
"""An attempt to open the event socket that was given up can still reach an overloaded PBX within this time. It then
takes the application over from the connection that was made after it. ApplicationReplaced then means ourselves."""

log = structlog.get_logger(__name__)


class State(StrEnum):
    STOPPED = "stopped"
    CONNECTING = "connecting"
    UP = "up"
    """Connected and reconciled."""
    REPLACED = "replaced"
    """Another controller has taken the application over: no request is sent any more."""


class Node:
    """``tell`` gets every fact and must only queue it. ``clock`` gives POSIX seconds. ``on_replaced`` is called once
    when another controller has taken over; never take the PBX back then, or both take turns for ever. ``phones`` are
    the CTI numbers of the agents. ``gatekeeper`` says whether something may be sent."""

    def __init__(
        self,
        access: PbxAccess,
        tell: Callable[[PbxFact], None],
        clock: Callable[[], float],
        on_replaced: Callable[[], None] | None = None,
        media: Sequence[str] = (),
        phones: Sequence[str] = (),
        watch: Watch = unwatched,
        sounds: AtPbx | None = None,
        gatekeeper: Gatekeeper | None = None,
    ) -> None:
        self.name = access.name
        self.counters = Counters()
        self.pbx_clock = PbxClock(access.name)
        self.state = State.STOPPED
        self.problem: str | None = None
        """In words, the reason why the node is not up; None when it is."""
        self.lacks: tuple[str, ...] = ()
        """In words, what the PBX lacks and whom that harms."""
        self.media_checked = asyncio.Event()
        self._app = access.app
        self._tell = tell
        self._clock = clock
        self._on_replaced = on_replaced
        self._media = media
        self._unchecked = False
        self._watch = watch
        endpoints = Endpoints(access.agent_endpoint, access.trunk_endpoint)
        self._technology = endpoints.technology
        self._gatekeeper = gatekeeper or Nobody()
        client = partial(AriHttp, access.url, access.username, access.password, self.counters)
        self._http = client(gatekeeper=self._gatekeeper)
        self._orders = client(MANY, self._gatekeeper)
        self._bulk = client(gatekeeper=self._gatekeeper)
        """The client for large or many answers. No request that somebody waits for takes it."""
        self._asking = client()
        """The client for the mark. It asks no gatekeeper, for the answer is what a gatekeeper waits for."""
        self.mark = PbxMark(self._asking, access.app)
        self._proof: EventProof | None = None
        self._translator = Translator(access.name, endpoints, self.counters, self.pbx_clock)
        self._observer = Observer(access.name, access.app, endpoints, self.pbx_clock)
        self._unreadable = Unreadable(access.name, self._http, self.counters)
        self._lists = Lists(access.name, self._bulk, access.app, endpoints, phones, self._unreadable)
        inspector = Inspector(self._http, self._observer, self._unreadable, clock)
        self._retrieves = Retrieves(inspector.holds, self._deliver)
        self.sounds = SoundsOfPbx(access.name, access.app, self._bulk, sounds or AtPbx())
        requests = Requests(access.app, endpoints, lambda: self.sounds.present)
        self._stuck = StuckLegs(access.name, self._orders, self.counters, self._deliver)
        self._executor = Executor(requests, self._orders, inspector, self._stuck, self._deliver, self.counters)
        self._held: Deferred | None = None
        self._failing: tuple[str, ...] = ()
        self._lists_failed = False
        self._read_at = 0.0
        self._surprised = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connections = 0
        self._replaced = self._stopping = self._told_lost = False
        self._gave_up_at = -_LATE_S

    # --- for the outside

    def clock_moved(self, by_s: float) -> None:
        """Our clock was set by ``by_s`` seconds, forward or back."""
        self.pbx_clock.moved(by_s)
        if self._held is not None:
            self._held.clock_moved(by_s)

    async def start(self) -> None:
        """Begin to connect. Returns at once; NodeSeen tells when the node is connected."""
        self.state, self._stopping = State.CONNECTING, False
        self._task = asyncio.create_task(self._run(), name=f"ari-{self.name}")
        self._watch(self._task, lambda: self._stopping or self._replaced)

    async def stop(self) -> None:
        """Close everything. Calls go on."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._close_http()
        if not self._replaced:
            self.state = State.STOPPED

    async def lacks_sound(self, sound: str) -> bool:
        """Return whether the PBX says that it does not have the sound. One that does not answer says nothing."""
        if self.state is not State.UP:
            return False
        return (await self._http.request(Request("GET", f"/sounds/{quote(sound, safe='')}"))).status == 404

    async def _close_http(self) -> None:
        for http in self._clients:
            await http.close()

    @property
    def _clients(self) -> tuple[AriHttp, ...]:
        return self._http, self._orders, self._bulk, self._asking

    def configured(self, media: Sequence[str], phones: Sequence[str], sounds: AtPbx | None = None) -> None:
        """Take other messages, phones and sounds over. The PBX is soon checked for them."""
        self._unchecked = list(media) != list(self._media)
        self._media = media
        self.sounds.take(sounds or AtPbx())
        self._lists.take(phones)
        self.surprise()

    def submit(self, actions: Sequence[Action]) -> None:
        """Carry actions out, in order per call. While the node is not up they are thrown away."""
        self._executor.submit(actions)

    @property
    def warnings(self) -> tuple[str, ...]:
        """In words, faults with which calls go on."""
        failing = [f"its list of {name} fails, and is read one by one" for name in self._failing]
        unread = [] if self.lists_readable else ["it does not give its lists over HTTP"]
        clock = [self.pbx_clock.problem] if self.pbx_clock.problem else []
        return (*failing, *unread, *clock, *self.sounds.words, *self._unreadable.words, *self._executor.words)

    @property
    def lists_readable(self) -> bool:
        """False while the lists fail, or are late again and again, which is as good as none."""
        late = asyncio.get_running_loop().time() - self._read_at > _UNREAD_AFTER_S
        return self.state is not State.UP or not (self._lists_failed or late)

    @property
    def stuck(self) -> int:
        """The number of channels that carry out no orders."""
        return len(self._stuck)

    def recordings(self, away: type[Exception]) -> PbxRecordings | None:
        """Return the recordings on it, None while it is not up. They raise ``away`` when it does not answer."""
        return PbxRecordings(self._bulk, away) if self.state is State.UP else None

    def surprise(self) -> None:
        """Something does not add up: read the lists soon."""
        self._surprised.set()

    async def probe(self, media: Sequence[str] = ()) -> Probe:
        """Look at the PBX without connecting to it as a controller, and return what it has. Raises a PbxProblem."""
        try:
            return await look_around(self._http, await login(self._http), media)
        finally:
            if self._task is None:
                await self._http.close()

    # --- connections

    async def _run(self) -> None:
        backoff = Backoff()
        loop = asyncio.get_running_loop()
        while not self._replaced:
            began = loop.time()
            try:
                await self._connection()
                self.problem = self.problem or "the connection was lost"
            except PbxProblem as problem:
                self._note(problem)
                self._lost()
            except Exception:
                # The loop of a node must outlive any fault of ours: without it nobody hears of calls again.
                self.problem = "an internal error; see the log"
                log.exception("pbx_connection_failed", node=self.name)
            if loop.time() - began > _STABLE_AFTER_S:
                backoff.reset()
            if not self._replaced:
                await asyncio.sleep(backoff.next_s())
        await self._close_http()

    def _note(self, problem: PbxProblem) -> None:
        words = str(problem)
        if words != self.problem:
            log.warning("pbx_unusable", node=self.name, problem=words)
        self.problem = words

    async def _connection(self) -> None:
        """Connect, and return when another controller has taken over. Raises the fault that ended the connection."""
        found = await login(self._http)
        await self._gatekeeper.admit(self.mark)
        ws = await self._open_socket()
        self._held = Deferred()
        self.pbx_clock.forget()
        socket = EventSocket(ws, self._translator.decode, self._on_event, self._gatekeeper)
        self._proof = proof = EventProof(socket, self._app)
        tasks = (
            asyncio.create_task(socket.run(), name=f"ari-{self.name}-socket"),
            asyncio.create_task(self._keep(socket, proof, found), name=f"ari-{self.name}-reconcile"),
            asyncio.create_task(proof.watch(), name=f"ari-{self.name}-proof"),
            asyncio.create_task(self._watch_orders(socket), name=f"ari-{self.name}-orders"),
            asyncio.create_task(self._watch_login(), name=f"ari-{self.name}-login"),
            asyncio.create_task(self.sounds.keep(), name=f"ari-{self.name}-sounds"),
        )
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            by_another = socket.replaced and not self._replaced_by_itself()
            if by_another:
                for http in self._clients:
                    http.silence()
            hanging = socket.oldest()
            await self._end(socket, tasks)
            await ws.close()
        if by_another:
            self._step_down()
            return
        for task in tasks:
            if not task.cancelled() and (failure := task.exception()):
                if isinstance(failure, PbxHangs):
                    self._hung(hanging)
                raise failure

    async def _watch_orders(self, socket: EventSocket) -> None:
        """Wait until an order hangs, then raise PbxHangs."""
        await socket.hangs()
        raise PbxHangs("it carries out no orders on this connection")

    async def _watch_login(self) -> None:
        """Wait until the PBX refuses who we are, then raise PbxRefusedLogin. Its user may be changed while the socket
        lives, which then carries out less and less."""
        refused: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        for http in self._clients:
            http.on_refused = lambda status: None if refused.done() else refused.set_result(status)
        raise PbxRefusedLogin(LOGIN_REFUSALS[await refused])

    def _hung(self, leg_ids: tuple[str, ...]) -> None:
        """An order about these legs hung."""
        self.counters.hung += 1
        log.error("pbx_order_hangs", node=self.name, leg_ids=leg_ids)
        self._executor.distrust(leg_ids)

    async def _open_socket(self) -> ClientWebSocketResponse[bool]:
        try:
            return await self._http.connect_events(self._app)
        except PbxUnreachable:
            self._gave_up_at = asyncio.get_running_loop().time()
            raise

    def _replaced_by_itself(self) -> bool:
        """Return whether an attempt of our own has taken over. Each attempt that was given up excuses that once: two
        controllers must not take turns for ever."""
        late = asyncio.get_running_loop().time() - self._gave_up_at < _LATE_S
        self._gave_up_at = -_LATE_S
        if late:
            log.warning("pbx_replaced_by_own_attempt", node=self.name)
        return late

    async def _end(self, socket: EventSocket, tasks: Sequence[asyncio.Task[None]]) -> None:
        was_up = self.state is State.UP
        if was_up:
            self.state = State.CONNECTING
        socket.drop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._executor.disconnect()
        await self._retrieves.close()
        self._held = None
        if was_up:
            if not self._stopping:
                log.warning("pbx_lost", node=self.name)
            self._lost(we_stop=self._stopping)

    def _lost(self, *, we_stop: bool = False) -> None:
        """Tell once that the node is lost, also when it was never connected. The core's deadlines stand still from then
        on."""
        if not self._told_lost:
            self._told_lost = True
            self._tell(NodeLost(self.name, we_stop))

    def _step_down(self) -> None:
        self._replaced = True
        self.state = State.REPLACED
        self.problem = f"another bridge process has taken over the application {self._app!r}"
        log.error("pbx_application_replaced", node=self.name, app=self._app)
        if self._on_replaced is not None:
            self._on_replaced()

    async def _keep(self, socket: EventSocket, proof: EventProof, found: Probe) -> None:
        """Configure the application, then reconcile: at once, and again and again. No fact is told before the first
        lists are there, however long they take."""
        await self._configure()
        await proof.prove()
        seen = await self._ask(found)
        self._connections += 1
        self.counters.reconnects = self._connections - 1
        self.state, self.problem = State.UP, None
        self._executor.connect(socket)
        log.info("pbx_connected", node=self.name, boot_id=found.boot_id)
        self._told_lost = False
        self._tell(seen)
        self._release()
        if self._media:
            await self._check_media(found)
        await self._reconcile(found)

    async def _reconcile(self, found: Probe) -> None:
        """Read the lists every 30 s, and on a surprise. When they do not come, ask less and less often until they
        do."""
        backoff = Backoff(2 * SURPRISE_PAUSE_S, RECONCILE_EVERY_S)
        pause_s = SURPRISE_PAUSE_S
        while True:
            await asyncio.sleep(pause_s)
            with contextlib.suppress(TimeoutError):
                # Not wait_for, which in Python 3.11 may lose a cancellation that comes with the surprise.
                async with asyncio.timeout(RECONCILE_EVERY_S):
                    await self._surprised.wait()
            if await self._look(found):
                if self._unchecked:
                    with contextlib.suppress(PbxUnreachable):  # Asked again behind the next lists.
                        await self._check_media(found)
                backoff.reset()
                pause_s = SURPRISE_PAUSE_S
            else:
                pause_s = backoff.next_s()
                self._surprised.set()

    async def _look(self, found: Probe) -> bool:
        """Read the lists and tell them. Return False when they fail or are late. The socket lives, and facts go on
        without them."""
        self._held = Deferred()
        try:
            self._tell(await self._held.wait_for(self._ask(found)))
        except (PbxUnreachable, TimeoutError) as problem:
            why = str(problem) or "they did not come in time, and facts did not wait"
            log.warning("pbx_lists_failed", node=self.name, problem=why)
            self._lists_failed = isinstance(problem, PbxUnreachable)
            return False
        finally:
            self._release()
        return True

    async def _check_media(self, found: Probe) -> None:
        """Find missing sounds and settings at the start, before a caller does."""
        found = await look_around(self._http, found, self._media)
        self._unchecked = False
        self.lacks = tuple(f'the sound "{sound}"' for sound in found.missing_sounds)
        self.lacks += tuple(f'the sound "{sound}" in "{language}"' for sound, language in found.missing_languages)
        if not found.music_possible:
            self.lacks += ("hold music: its module does not run",)
        self.lacks += found.lacks
        for what in self.lacks:
            log.error("pbx_lacks", node=self.name, what=what)
        self.media_checked.set()

    async def _configure(self) -> None:
        app = f"/applications/{self._app}"
        allowed = {"allowed": [{"type": name} for name in USED_TYPES]}
        wanted = (
            Request("PUT", f"{app}/eventFilter", body=allowed),
            Request("POST", f"{app}/subscription", {"eventSource": f"endpoint:{self._technology}"}),
        )
        for request in wanted:
            reply = await self._http.request(request)
            if not reply.ok:
                raise PbxUnreachable(f"{request.method} {request.path} answered {reply.status}")

    # --- facts

    async def _ask(self, found: Probe) -> NodeSeen:
        """Read the node's objects. Events are held back meanwhile, and told after the list."""
        self._surprised.clear()
        began = asyncio.get_running_loop().time()
        held = await self._lists.read()
        self._note_failing()
        self._lists_failed, self._read_at = False, asyncio.get_running_loop().time()
        # Not read before: our clock may have been set meanwhile.
        asked_at = self._clock() - (asyncio.get_running_loop().time() - began)
        seen = self._observer.seen(found.boot_id, asked_at, held.channels, held.bridges, held.endpoints, found.version)
        self._stuck.keep_only({leg.leg_id for leg in seen.legs})
        self.counters.reconciles += 1
        return seen

    def _note_failing(self) -> None:
        """Log once each time that a list begins to fail."""
        failing = self._lists.failing
        if failing and failing != self._failing:
            log.warning("pbx_list_unreadable", node=self.name, lists=failing)
        self._failing = failing

    def _release(self) -> None:
        held, self._held = self._held, None
        for fact in held.facts if held is not None else ():
            self._tell(fact)

    def _on_event(self, event: Event) -> None:
        received_at = self._clock()
        self.pbx_clock.heard(event.timestamp, received_at)
        if self._proof is not None:
            self._proof.heard()
        if event.type == ORDERED:
            return
        if event.replace_channel is not None:
            # We replace none, and hear nothing else of what it is for: only the lists say where it is now.
            self.surprise()
        if event.playback is not None and event.playback.state == "failed":
            self.sounds.failed(event.playback.media_uri)
        fact = self._translator.fact(event, received_at)
        if fact is not None:
            self._executor.over(fact)
            if not self._retrieves.keeps(fact):
                self._deliver(fact)

    def _deliver(self, fact: PbxFact) -> None:
        if self._held is None:
            self._tell(fact)
        else:
            self._held.add(fact)
