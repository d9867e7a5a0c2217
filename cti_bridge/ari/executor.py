"""Carries out the core's actions: those of a call in order, calls side by side, hang-ups behind nothing.

Actions go out at once over the event socket, which Asterisk serves in order. A reply is a callback, not a task. While
the socket answers promptly a hang-up takes the same way, so that it cannot overtake the create of its own leg. When the
socket is slow it goes over HTTP. So does a second order to stop the same message or recording: what was ordered behind
the first one may wait for just that end, and nothing else is carried out on the socket meanwhile (seen). After an order
hung, all orders go over HTTP for some time (:mod:`cti_bridge.ari.lanes`). Without a connected socket every action is
thrown away, and reconcile orders it anew.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import structlog
from msgspec.structs import replace

from cti_bridge.ari.counters import Counters
from cti_bridge.ari.http import REQUEST_TIMEOUT_S, AriHttp
from cti_bridge.ari.inspector import Inspector
from cti_bridge.ari.lanes import Lanes, legs_of
from cti_bridge.ari.messages import Messages
from cti_bridge.ari.refusals import TIMED_OUT, Meaning, meaning
from cti_bridge.ari.reply import WAS_DROPPED, Reply
from cti_bridge.ari.requests import Request, Requests
from cti_bridge.ari.socket import EventSocket
from cti_bridge.ari.stuck import StuckLegs
from cti_bridge.domain.border import actions as act
from cti_bridge.domain.border.facts import ActionFailed, Failure, LegEnded, PbxFact, PlaybackEnded, RecordingEnded

HANG_UP_PATIENCE_S = 0.3
"""The seconds that a hang-up, or the socket before it, may go without a reply until HTTP is used."""

DIGIT_S = 0.2
"""The length of a digit and its pause, in seconds, as Asterisk plays them by default."""

_SEEN_BY_A_LOOK = act.RecordBridge | act.PauseRecording | act.ResumeRecording
"""Orders that are looked at when they are answered: "done" is no proof, and no event tells."""
_MADE = act.CreateLeg | act.SnoopLeg
_STOPS = act.StopPlayback | act.StopRecording
_OF_RECORDINGS = _SEEN_BY_A_LOOK | act.RecordLeg | act.StopRecording

log = structlog.get_logger(__name__)

_FAILURES = {
    Meaning.UNREACHABLE: Failure.UNREACHABLE,
    Meaning.REFUSED: Failure.REFUSED,
    Meaning.LOST: Failure.TIMED_OUT,
}


class Executor:
    """The executor of one node. ``socket`` is the connected event socket, or None while there is none. ``http`` serves
    orders alone, since some of them may hang."""

    def __init__(
        self,
        requests: Requests,
        http: AriHttp,
        inspector: Inspector,
        stuck: StuckLegs,
        tell: Callable[[PbxFact], None],
        counters: Counters,
    ) -> None:
        self._requests = requests
        self._http = http
        self._stuck = stuck
        self._lanes = Lanes(requests, http, stuck, self._replied, counters)
        self._messages = Messages(http, stuck, self._lanes, self._spawn)
        self._distrusted: tuple[str, ...] = ()
        self._inspector = inspector
        self._tell = tell
        self._counters = counters
        self._socket: EventSocket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._creating: set[str] = set()
        self._doomed: set[str] = set()
        self._stopped: set[str] = set()
        """Messages and recordings that were ordered to stop, and have not ended yet."""
        self._digits: dict[str, str] = {}
        """By leg, the digits that are still to be sent."""

    def connect(self, socket: EventSocket) -> None:
        self._socket = socket
        if self._distrusted:
            self._spawn(self._stuck.feel(self._distrusted))
            self._distrusted = ()

    def distrust(self, leg_ids: tuple[str, ...]) -> None:
        """An order about these legs hung on the last socket. It would hang again on the next one, so their orders go
        over HTTP."""
        self._lanes.begin()
        self._distrusted = leg_ids

    def over(self, fact: PbxFact) -> None:
        """Note that a leg, a message or a recording has ended."""
        if isinstance(fact, PlaybackEnded):
            self._messages.over(fact.playback_id)
            self._stopped.discard(fact.playback_id)
        elif isinstance(fact, RecordingEnded):
            self._stopped.discard(fact.recording)
        elif isinstance(fact, LegEnded):
            self._stuck.over(fact.leg_id)

    @property
    def words(self) -> tuple[str, ...]:
        """Words for the operator when orders hang."""
        return (*self._stuck.words, *self._lanes.words)

    async def disconnect(self) -> None:
        """Throw away the orders that are not done, and stop looking at objects."""
        self._socket = None
        self._messages.close()
        await self._lanes.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._creating.clear()
        self._doomed.clear()
        self._stopped.clear()
        # A task that was cancelled before its first step has left its digits.
        self._digits.clear()

    def submit(self, actions: Sequence[act.Action]) -> None:
        """Carry the actions out. Returns at once; their results come as facts. Never raises."""
        for action in actions:
            if self._socket is None:
                self._counters.dropped += 1
            elif (inspect := _INSPECTIONS.get(type(action))) is not None:
                inspect(self, action)
            else:
                self._send(self._socket, action)

    def _inspect_leg(self, action: act.InspectLeg) -> None:
        if action.leg_id in self._creating:
            return  # Its create has not been answered: a 404 would say nothing. The core looks again.
        if action.unknown_role:
            what = {"leg_id": action.leg_id, "role": action.unknown_role}
            log.warning("pbx_leg_of_newer_release", node=action.executor, **what)
        self._spawn(self._look(partial(self._inspector.leg, action.call_id, action.leg_id, None, action.bridges)))

    def _inspect_audio(self, action: act.InspectAudio) -> None:
        self._spawn(self._look(partial(self._inspector.audio, action.leg_id)))

    def _inspect_hold(self, action: act.InspectHold) -> None:
        self._spawn(self._look(partial(self._inspector.hold, action.leg_id)))

    def _inspect_bridge(self, action: act.InspectBridge) -> None:
        self._spawn(self._look(partial(self._inspector.bridge, action.bridge_id)))

    def _inspect_playback(self, action: act.InspectPlayback) -> None:
        self._messages.began(action)
        self._spawn(self._look(partial(self._inspector.playback, action.leg_id, action.playback_id)))

    def _inspect_recording(self, action: act.InspectRecording) -> None:
        self._spawn(self._look(partial(self._inspector.recording, action.recording)))

    def _send(self, socket: EventSocket, action: act.Action) -> None:
        request = self._requests.of(action)
        if request is None:
            self._tell(ActionFailed(action.leg_id, type(action).__name__, Failure.REFUSED, action))
            return
        if isinstance(action, act.HangUp | act.Reject):
            self._hang_up(socket, action, request)
            return
        if isinstance(action, act.SendDigits):
            self._press(action)
            return
        if isinstance(action, _STOPS) and self._was_stopped(action):
            self._spawn(self._stop_by_http(action, request))
            return
        if isinstance(action, _MADE):
            self._creating.add(action.leg_id)
        if isinstance(action, act.RecordBridge):
            self._hear_of_bridge(socket, action)
        if self._lanes.take(action.call_id):
            self._lanes.put(action)
            return
        self._counters.sent(type(action).__name__)
        socket.send(request, partial(self._replied, action), REQUEST_TIMEOUT_S, legs_of(action))

    def _hear_of_bridge(self, socket: EventSocket, action: act.RecordBridge) -> None:
        """Without that the end of the recording is told only while one of our channels is in the bridge (seen). It is
        found out later when this comes to nothing."""
        request = self._requests.events_of(action.bridge_id)
        if self._lanes.take(action.call_id):
            self._spawn(self._ask_by_http(request))
        else:
            socket.send(request, lambda _: None, REQUEST_TIMEOUT_S, ())

    async def _ask_by_http(self, request: Request) -> None:
        await self._http.request(request, kind="Subscribe")

    def _press(self, action: act.SendDigits) -> None:
        waiting = self._digits.get(action.leg_id)
        self._digits[action.leg_id] = (waiting or "") + action.digits
        if waiting is None:
            self._spawn(self._send_digits(action))

    async def _send_digits(self, action: act.SendDigits) -> None:
        """Send one digit after another. Asterisk takes the leg out of a bridge only after all digits that it has been
        given. Until then it answers nothing else on the socket. 32 digits would look like a lost connection (seen)."""
        leg_id = action.leg_id
        try:
            while self._digits[leg_id]:
                digit, self._digits[leg_id] = self._digits[leg_id][0], self._digits[leg_id][1:]
                reply = await self._asked(replace(action, digits=digit))
                if not reply.ok:
                    self._replied(action, reply)
                    return
                await asyncio.sleep(DIGIT_S)
        finally:
            self._digits.pop(leg_id, None)

    async def _asked(self, action: act.Action) -> Reply:
        """Send, and wait for the reply."""
        request = self._requests.of(action)
        if request is None or self._socket is None or action.leg_id in self._stuck:
            return WAS_DROPPED
        if self._lanes.take(action.call_id):
            return await self._http.request(request, kind=type(action).__name__)
        came: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._counters.sent(type(action).__name__)
        take = lambda reply: None if came.done() else came.set_result(reply)  # noqa: E731
        self._socket.send(request, take, REQUEST_TIMEOUT_S, legs_of(action))
        return await came

    def _hang_up(self, socket: EventSocket, action: act.Action, request: Request) -> None:
        if action.leg_id in self._stuck:
            self._spawn(self._hang_up_stuck(action, request))
            return
        if socket.oldest_wait_s() > HANG_UP_PATIENCE_S or self._lanes.take(action.call_id):
            self._spawn(self._hang_up_by_http(action, request))
            return
        self._counters.sent(type(action).__name__)
        replied = partial(self._hang_up_replied, action, request)
        socket.send(request, replied, HANG_UP_PATIENCE_S, legs_of(action))

    async def _hang_up_stuck(self, action: act.Action, request: Request) -> None:
        """Order the hang-up of a stuck leg, which ends when it hangs no more. Do not order it while the channel is
        locked: the whole PBX would wait. The core orders it again."""
        if await self._stuck.may_be_hung_up(action.leg_id):
            await self._hang_up_by_http(action, request)

    def _hang_up_replied(self, action: act.Action, request: Request, reply: Reply) -> None:
        if reply.status == TIMED_OUT:
            self._spawn(self._hang_up_by_http(action, request))
        else:
            self._replied(action, reply)

    async def _hang_up_by_http(self, action: act.Action, request: Request) -> None:
        if action.leg_id in self._creating:
            self._doomed.add(action.leg_id)
        reply = await self._http.request(request, kind=type(action).__name__)
        if reply.status == 404 and action.leg_id in self._creating:
            return  # Not gone, but not there yet: it is hung up when its create has been answered.
        self._replied(action, reply)

    def _was_stopped(self, action: act.StopPlayback | act.StopRecording) -> bool:
        """Note the order. Return whether it was given before."""
        stops = action.playback_id if isinstance(action, act.StopPlayback) else action.recording
        before = stops in self._stopped
        self._stopped.add(stops)
        return before

    async def _stop_by_http(self, action: act.Action, request: Request) -> None:
        self._replied(action, await self._http.request(request, kind=type(action).__name__))

    def _replied(self, action: act.Action, reply: Reply) -> None:
        """Tell the core the meaning of a reply. A success tells nothing: its event does."""
        what = meaning(type(action), reply.status)
        if isinstance(action, _MADE):
            self._created(action, what)
        if isinstance(action, act.StartPlayback) and what is Meaning.DONE:
            self._messages.began(action)
        if isinstance(action, act.MuteLeg) and what is Meaning.DONE:
            self._spawn(self._look(partial(self._inspector.muted, action)))
        if isinstance(action, _SEEN_BY_A_LOOK) and what is Meaning.DONE:
            self._spawn(self._look(partial(self._inspector.recording, action.recording)))
        if what in (Meaning.DONE, Meaning.FORGET):
            return
        if what is Meaning.LEG_ENDED:
            self._tell(LegEnded(action.leg_id))
            return
        if isinstance(action, act.StopPlayback) and what is Meaning.PLAYBACK_OVER:
            self._stopped.discard(action.playback_id)
            self._tell(PlaybackEnded(action.playback_id))
            return
        self._counters.failed(type(action).__name__)
        if what in _FAILURES:
            self._tell(ActionFailed(action.leg_id, type(action).__name__, _FAILURES[what], action))
        else:
            self._look_at(action, what, reply)

    def _created(self, action: act.CreateLeg | act.SnoopLeg, what: Meaning) -> None:
        self._creating.discard(action.leg_id)
        if action.leg_id in self._doomed and what is not Meaning.FORGET:
            self._doomed.discard(action.leg_id)
            end = act.HangUp(action.executor, action.call_id, action.leg_id)
            if request := self._requests.of(end):
                self._spawn(self._hang_up_by_http(end, request))

    def _look_at(self, action: act.Action, what: Meaning, reply: Reply) -> None:
        if what is Meaning.LOOK_AT_PLAYBACK and isinstance(action, act.StartPlayback | act.StopPlayback):
            self._spawn(self._look(partial(self._inspector.playback, action.leg_id, action.playback_id)))
            return
        if what is Meaning.LOOK_AT_RECORDING and isinstance(action, _OF_RECORDINGS):
            self._spawn(self._look(partial(self._inspector.recording, action.recording)))
            return
        if_gone = None
        if what is Meaning.LOOK_AT_NEW_LEG:
            why = Failure.TIMED_OUT if reply.status == TIMED_OUT else Failure.UNREACHABLE
            if_gone = ActionFailed(action.leg_id, type(action).__name__, why, action)
        for leg_id in legs_of(action) or (action.leg_id,):
            self._spawn(self._look(partial(self._inspector.leg, action.call_id, leg_id, if_gone)))

    async def _look(self, look: Callable[[], Coroutine[Any, Any, PbxFact | None]]) -> None:
        """Look, and tell what is seen. ``look`` is called only here: a task may be cancelled before it begins."""
        fact = await look()
        if fact is not None:
            self.over(fact)
            self._tell(fact)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="ari-action")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_INSPECTIONS: dict[type[act.Action], Callable[[Executor, Any], None]] = {
    act.InspectLeg: Executor._inspect_leg,
    act.InspectAudio: Executor._inspect_audio,
    act.InspectHold: Executor._inspect_hold,
    act.InspectBridge: Executor._inspect_bridge,
    act.InspectPlayback: Executor._inspect_playback,
    act.InspectRecording: Executor._inspect_recording,
}
"""Actions that look at something, over HTTP."""
