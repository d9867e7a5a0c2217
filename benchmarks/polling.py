"""Waiting for what another process does and nobody tells us."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], within_s: float, every_s: float = 0.2) -> None:
    """Look every ``every_s`` seconds. Raises TimeoutError."""
    async with asyncio.timeout(within_s):
        while True:
            if await condition():
                return
            await asyncio.sleep(every_s)
