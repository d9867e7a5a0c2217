"""Real SIP phones within this process: they register, ring, are answered, play a tone of their own and record.

One thread feeds and records all calls, so that a busy event loop is never heard. The SIP stack beneath is global: the
first `Phones` of a process has it, and those that begin within it share it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Self

import baresip

from cti_bridge.local.ports import PortBlock, claim_ports
from tests.support.audio import FRAME_S, RATE, Recording, tone
from tests.support.party import WITHIN_S, Party
from tests.support.priority import audio_first

TICK_S = 0.02
AHEAD_S = 0.2
RTP_PORTS = 800
HEADERS = ("From", "Call-Info", "Alert-Info", "P-Asserted-Identity")
LOWEST_HZ, HIGHEST_HZ = 600, 3300
"""The phones' own tones; what is below is left to music, messages and ringing."""
TONES = tuple(range(LOWEST_HZ, HIGHEST_HZ, 50))


@dataclass(frozen=True)
class Registrar:
    """Where the phones' PBX listens."""

    host: str
    port: int

    def uri(self, number: str) -> str:
        """The SIP address of a number there."""
        return f"sip:{number}@{self.host}:{self.port}"


class PhoneCall(Party):
    """One call of one phone."""

    def __init__(self, call: baresip.Call, tone_hz: int, audio: AudioThread) -> None:
        super().__init__(tone_hz)
        self._call = call
        self._audio = audio
        self.headers: dict[str, str] = call.headers
        self.digits = ""
        call.on(self._on_event)
        call.on_dtmf(self._on_digit)

    @property
    def caller(self) -> str:
        """The From header that the called phone received."""
        return self.headers.get("From", "")

    @property
    def final_code(self) -> int:
        """The SIP response that ended an attempt, e.g. 404; 0 when it was answered or has not ended."""
        head = self.end_reason[:3]
        return int(head) if self.established_at is None and head.isdigit() else 0

    def _on_event(self, event: baresip.StackEvent) -> None:
        now = time.monotonic()
        match event.event:
            case baresip.Event.CALL_RINGING | baresip.Event.CALL_PROGRESS:
                self.rang_at = self.rang_at or now
            case baresip.Event.CALL_ESTABLISHED:
                self.established_at = now
                self._audio.add(self._call.audio, self.heard, self.tone_hz)
            case baresip.Event.CALL_CLOSED:
                self.ended_at, self.end_reason = now, event.text or ""
                self._audio.remove(self._call.audio)
            case _:
                return
        self.tell()

    def _on_digit(self, event: baresip.DigitEvent) -> None:
        self.digits += event.digit

    # ---- what a person does

    async def answer(self) -> None:
        """Lift the phone, and wait until both sides have agreed on the audio."""
        await self._call.answer()
        await self.established()

    async def lift(self) -> None:
        """Lift the phone and wait for nothing: the caller may be gone in this moment."""
        with contextlib.suppress(baresip.StaleHandleError):
            await self._call.answer()

    async def reject(self) -> None:
        """Refuse the call with 486."""
        await self._call.reject()

    async def hang_up(self) -> None:
        """End or cancel the call; nothing when it has ended."""
        with contextlib.suppress(baresip.StaleHandleError):
            await self._call.hangup()

    async def hold(self) -> None:
        """Press the phone's own hold key."""
        await self._press(self._call.hold)

    async def resume(self) -> None:
        """Press the phone's own hold key again."""
        await self._press(self._call.resume)

    async def _press(self, key: Callable[[], Awaitable[None]]) -> None:
        """The SIP stack refuses a new agreement while the one before it is not complete."""
        end = time.monotonic() + WITHIN_S
        while True:
            try:
                await key()
            except baresip.BaresipError as refused:
                if "in flight" not in str(refused) or time.monotonic() > end:
                    raise
                await asyncio.sleep(TICK_S)
            else:
                return

    def fall_silent(self) -> None:
        """Say nothing from now on."""
        self._audio.silence(self._call.audio)

    async def send_digits(self, digits: str) -> None:
        """Press keys (RFC 4733)."""
        await self._call.send_dtmf(digits)


@dataclass(eq=False)
class Phone:
    """A registered phone."""

    runtime: baresip.Runtime
    agent: baresip.UserAgent
    tone_hz: int
    audio: AudioThread
    registrar: Registrar
    calls: list[PhoneCall] = field(default_factory=list)
    obeys_headers: bool = False
    """Answers by itself what asks for it with Call-Info or Alert-Info, as desk phones do."""
    answers_at_once: bool = False
    hangs_up_at_once: bool = False
    rejects_all: bool = False
    _arrived: asyncio.Queue[PhoneCall] = field(default_factory=asyncio.Queue)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.agent.on_incoming(self._on_incoming)

    def _on_incoming(self, call: baresip.Call) -> None:
        ringing = PhoneCall(call, self.tone_hz, self.audio)
        self.calls.append(ringing)
        self._arrived.put_nowait(ringing)
        task = asyncio.get_running_loop().create_task(self._react(ringing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _react(self, call: PhoneCall) -> None:
        with contextlib.suppress(baresip.StaleHandleError):
            if self.rejects_all:
                await call.reject()
            elif self.answers_at_once or (self.obeys_headers and _asks_for_answer(call.headers)):
                await call.lift()
                if self.hangs_up_at_once:
                    # A BYE that overtakes the ACK would be answered with 481, and the other side would not end.
                    await call.established()
                    await call.hang_up()

    async def incoming(self, within_s: float = WITHIN_S) -> PhoneCall:
        """Wait for the next call that rings here."""
        try:
            return await asyncio.wait_for(self._arrived.get(), within_s)
        except TimeoutError:
            raise AssertionError(f"the phone did not ring within {within_s} s") from None

    @property
    def rang(self) -> int:
        """How many calls have rung here."""
        return len(self.calls)

    async def dial(self, number: str) -> PhoneCall:
        """Dial a number on the phone's own keypad."""
        call = await place_call(self.runtime, self.agent, self.registrar.uri(number), self.tone_hz, self.audio)
        self.calls.append(call)
        return call

    async def register(self) -> None:
        """Register (again)."""
        await self.agent.register()

    async def unregister(self) -> None:
        """Give the registration up, as a phone that is switched off in order."""
        await self.agent.unregister()

    async def hang_up(self) -> None:
        """End whatever is up here."""
        for call in self.calls:
            await call.hang_up()


async def place_call(
    runtime: baresip.Runtime, agent: baresip.UserAgent, uri: str, tone_hz: int, audio: AudioThread
) -> PhoneCall:
    """The library drops what happens to a call before its own ``dial`` goes on, as on a busy machine the answer does;
    so it is kept and told again."""
    early: list[baresip.StackEvent] = []
    keep = early.append
    runtime.subscribe(keep)
    try:
        dialed = await agent.dial(uri)
    finally:
        runtime.unsubscribe(keep)
    call = PhoneCall(dialed, tone_hz, audio)
    for event in early:
        dialed._on_stack_event(event)
    return call


def _asks_for_answer(headers: dict[str, str]) -> bool:
    return "answer-after=0" in headers.get("Call-Info", "") or "alert-autoanswer" in headers.get("Alert-Info", "")


def _config(ports: PortBlock) -> baresip.Config:
    return baresip.Config(
        net_interface="127.0.0.1",
        max_concurrent_calls=None,
        expose_headers=HEADERS,
        native_log_level="error",
        extra_config_text=f"sip_listen 127.0.0.1:0\nrtp_ports {ports.first}-{ports.last}\n",
    )


class Phones:
    """All SIP phones that know one PBX, within ``async with``. ``callers``: where customers call, if elsewhere."""

    _first: ClassVar[Phones | None] = None

    def __init__(self, registrar: Registrar, callers: Registrar | None = None) -> None:
        self.registrar, self.callers = registrar, callers or registrar
        self._tones = itertools.cycle(TONES)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._runtime = baresip.Runtime()
        self._audio = AudioThread()
        self._ports: PortBlock | None = None
        self._phones: list[Phone] = []
        self._calls: list[PhoneCall] = []

    async def renew(self) -> None:
        """Throw all phones away. The SIP stack never gives a user agent up, and holds 1,023 of them and calls."""
        await self.__aexit__(None, None, None)
        self._begin_anew()
        await self.__aenter__()

    async def __aenter__(self) -> Self:
        if Phones._first is not None:
            self._runtime, self._audio = Phones._first._runtime, Phones._first._audio
            return self
        ports = claim_ports(RTP_PORTS)
        try:
            with audio_first():
                await self._runtime.start(_config(ports))
                self._audio.start()
        except BaseException:
            ports.release()
            raise
        self._ports, Phones._first = ports, self
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if Phones._first is self:
            self._audio.stop()
        for call in [*self._calls, *(call for phone in self._phones for call in phone.calls)]:
            if call.ended_at is None:
                await call.hang_up()
        if Phones._first is not self:
            return
        Phones._first = None
        await self._runtime.close()
        if self._ports is not None:
            self._ports.release()

    def next_tone(self) -> int:
        """A tone that none of the last fifty parties has."""
        return next(self._tones)

    async def phone(
        self,
        cti_number: str,
        password: str,
        *,
        register: bool = True,
        tone_hz: int | None = None,
        tls_port: int | None = None,
        encrypts: bool = False,
    ) -> Phone:
        """A phone of an agent, which says this tone, or the next one. It registers by TLS where a port is named.
        One that encrypts takes no call without SRTP."""
        registrar = f"{self.registrar.host}:{tls_port or self.registrar.port}"
        account = baresip.Account(
            cti_number,
            registrar,
            password,
            transport="tls" if tls_port else "udp",
            extra_params=("mediaenc=srtp-mand",) if encrypts else (),
        )
        agent = await baresip.UserAgent.create(self._runtime, account)
        phone = Phone(self._runtime, agent, tone_hz or self.next_tone(), self._audio, self.registrar)
        self._phones.append(phone)
        if register:
            await phone.register()
        return phone

    async def call(self, dialed: str, caller: str, name: str = "", *, tone_hz: int | None = None) -> PhoneCall:
        """Call a number as a customer from the telephone network: without a password, known by address."""
        shown = f'"{name}" ' if name else ""
        aor = f"{shown}<sip:{caller}@{self.callers.host};transport=udp>;regint=0;answermode=manual;audio_codecs=pcmu"
        agent = await baresip.UserAgent.create(self._runtime, aor)
        tone_hz = tone_hz or self.next_tone()
        call = await place_call(self._runtime, agent, self.callers.uri(dialed), tone_hz, self._audio)
        self._calls.append(call)
        return call


class AudioThread:
    """Plays each call's tone and records what it receives, for all calls in one thread."""

    def __init__(self) -> None:
        self._calls: dict[baresip.CallAudio, tuple[Recording, bytes]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="phones-audio", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._over.set()
        self._thread.join()

    def add(self, audio: baresip.CallAudio, recording: Recording, hz: int) -> None:
        """Serve one more call."""
        self._calls[audio] = (recording, tone(hz, FRAME_S).tobytes())

    def silence(self, audio: baresip.CallAudio) -> None:
        """Play silence in place of the call's tone."""
        recording, frame = self._calls[audio]
        self._calls[audio] = (recording, bytes(len(frame)))

    def remove(self, audio: baresip.CallAudio) -> None:
        """Serve a call no more."""
        self._calls.pop(audio, None)

    def _run(self) -> None:
        while not self._over.wait(TICK_S):
            for audio, (recording, frame) in list(self._calls.items()):
                # Not there yet, gone already, or just replaced by a new agreement: the next tick will see.
                with contextlib.suppress(baresip.AudioNotActive, baresip.AudioRestarted):
                    _serve(audio, recording, frame)


def _serve(audio: baresip.CallAudio, recording: Recording, frame: bytes) -> None:
    info = audio.info()
    if info.tx_ready and info.tx_sample_rate == RATE:
        wanted = round(AHEAD_S * RATE) * 2 - info.tx_buffered
        audio.write(frame * max(0, wanted // len(frame)))
    if info.rx_buffered:
        recording.append(audio.read(info.rx_capacity), time.monotonic())
