"""Asks systems of the house over HTTP, each question by itself: a slow one delays no other, and no call but its own.

There is one attempt, on a connection of its own. Redirects are not followed, cookies not kept, compressed answers not
read. The question is signed, so that the house knows who asks:
``X-CTI-Signature: sha256=HMAC-SHA256(secret, TIMESTAMP.BODY)`` in hexadecimal, with ``X-CTI-Timestamp`` in POSIX
seconds.
"""

import asyncio
import hashlib
import hmac
import socket
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import aiohttp
import msgspec
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult

from cti_bridge.domain.border.actions import Action, Lookup
from cti_bridge.domain.border.facts import LookupAnswered, LookupResult
from cti_bridge.lookup.answer import MOST_BYTES, Unusable, read
from cti_bridge.lookup.target import Target, Targets

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
"""The most questions that wait for an answer. Further ones are given up at once."""
_NAMES_KEPT_S = 60
_RESOLVERS = 4

_encode = msgspec.json.Encoder().encode


class Lookups:
    """``tell`` gets a LookupAnswered for each question. ``clock`` gives POSIX seconds. All methods must be called from
    the event loop's thread."""

    def __init__(self, targets: Targets, tell: Callable[[LookupAnswered], None], clock: Callable[[], float]) -> None:
        self._targets, self._tell, self._clock = targets, tell, clock
        self._asking: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._results: Counter[tuple[str, str, str]] = Counter()
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def configured(self, targets: Targets) -> None:
        """Ask these from now on. Questions that were asked before go on."""
        self._targets = targets

    def submit(self, actions: Sequence[Action]) -> None:
        """Begin to ask. Returns at once, and never raises."""
        for action in actions:
            if isinstance(action, Lookup):
                task = asyncio.get_running_loop().create_task(self._ask(action), name="lookup")
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)

    async def stop(self) -> None:
        """Give all questions up. Nothing is told of them."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def results(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        """Yield scenario, step and result, each with how often that was."""
        yield from self._results.items()

    def seconds(self) -> Iterator[tuple[tuple[str, str], float]]:
        """Yield scenario and step, each with the seconds that its answers took together."""
        yield from self._seconds.items()

    # ------------------------------------------------------------------------------------------------- one question

    async def _ask(self, lookup: Lookup) -> None:
        began, why = monotonic(), ""
        result, values = LookupResult.ERROR, dict[str, str]()
        try:
            result, values = await self._answer(lookup)
        except Unusable as error:
            why = str(error)
        except TimeoutError:
            why = "no answer in time"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            why = type(error).__name__  # Its text holds the address.
        except Exception as fault:
            log.exception("lookup_fault", fault=type(fault).__name__)
        took_s = monotonic() - began
        self._results[lookup.scenario, lookup.step, str(result)] += 1
        self._seconds[lookup.scenario, lookup.step] += took_s
        say = log.warning if result is LookupResult.ERROR else log.info
        about = {"scenario": lookup.scenario, "step": lookup.step, "result": str(result), "took_s": round(took_s, 3)}
        say("lookup", call_id=lookup.call_id, **about, **({"reason": why} if why else {}))
        self._tell(LookupAnswered(lookup.call_id, lookup.seq, result, values))

    async def _answer(self, lookup: Lookup) -> tuple[LookupResult, dict[str, str]]:
        """Raises Unusable, TimeoutError, OSError, ValueError, aiohttp.ClientError."""
        target = self._targets.get((lookup.scenario, lookup.step))
        if target is None:
            raise Unusable("this lookup is configured no more")
        if len(self._asking) > MOST_AT_ONCE:
            raise Unusable("too many lookups wait for an answer")
        async with asyncio.timeout(target.wait_s):
            return await self._exchange(target, _question(lookup))

    async def _exchange(self, target: Target, body: bytes) -> tuple[LookupResult, dict[str, str]]:
        headers = self._headers(target, body)
        async with self._http().post(target.url, data=body, headers=headers, allow_redirects=False) as reply:
            if reply.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise Unusable("a compressed answer")
            content = bytearray()
            async for part in reply.content.iter_any():
                content += part
                if len(content) > MOST_BYTES:
                    raise Unusable(f"more than {MOST_BYTES} bytes")
            return read(reply.status, bytes(content))

    def _headers(self, target: Target, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock()))
        signature = hmac.new(target.secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "X-CTI-Timestamp": timestamp,
            "X-CTI-Signature": f"sha256={signature}",
        }

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=0, force_close=True, ttl_dns_cache=_NAMES_KEPT_S, resolver=_Resolver()
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),
                trust_env=False,
                skip_auto_headers=("User-Agent",),
            )
        return self._session


def _question(lookup: Lookup) -> bytes:
    return _encode(
        {
            "call_id": lookup.call_id,
            "service": lookup.service,
            "number": lookup.number,
            "dialed": lookup.dialed,
            "variables": lookup.variables,
        }
    )


class _Resolver(AbstractResolver):
    """Looks names up in threads of its own. The loop's own threads serve the rest of the bridge, and a name server that
    does not answer would take all of them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVERS, "lookup-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found: list[Any] = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        )
        return [
            ResolveResult(
                hostname=host, host=address[0], port=address[1], family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for kind, _, proto, _, address in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
