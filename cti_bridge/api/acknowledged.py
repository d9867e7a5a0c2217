"""The header that says how safe an acknowledged change is, where there is a hot spare and ``[spare] ack`` is
"shipped"."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from aiohttp import web

ACKNOWLEDGED = "CTI-Acknowledged"

Acknowledge = Callable[[], Awaitable[Literal["shipped", "local"]]]
"""Waits until the spare would go on with all changes that were answered by now, and says whether it would."""

DESCRIBED: dict[str, Any] = {
    ACKNOWLEDGED: {
        "description": 'With [spare] ack = "shipped" alone. shipped: the change outlives the loss of this machine. '
        "local: it is on this machine's disk; Postgres did not take it within a second",
        "schema": {"type": "string", "enum": ["shipped", "local"]},
    }
}


async def acknowledge(response: web.StreamResponse, how: Acknowledge | None) -> None:
    """Wait, and set the header of the answer to a change. Without a spare do nothing."""
    if how is not None:
        response.headers[ACKNOWLEDGED] = await how()
