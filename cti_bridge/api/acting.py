"""Requests to a bridge with a spare are answered only while it acts."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from cti_bridge.api.errors import Handler, standby

MONITORED = frozenset({"/healthz", "/livez", "/readyz", "/metrics"})
"""Paths that are answered in any case."""


class ActingNow(Protocol):
    @property
    def role(self) -> str:
        """Active, or standby."""

    @property
    def closed(self) -> bool:
        """No request may be answered now."""

    async def passed(self) -> bool:
        """Wait until requests may be answered. Return False when they may not any more."""


def acting_middleware(acting: ActingNow) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Refuse a request with 503 ``standby`` when this bridge acts no more, before and after the work. The work may have
    been done then. A command that was not acknowledged may be sent again, with its Idempotency-Key."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in MONITORED:
            return await handler(request)
        if acting.closed and not await acting.passed():
            raise standby()
        response = await handler(request)
        if acting.closed and not response.prepared and not await acting.passed():
            raise standby()
        return response

    return answer
