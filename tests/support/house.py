"""A system of the house that answers lookups, for tests: what it says of each number, and how soon."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

ADDRESS = "http://house.invalid/lookup"
"""Stands in rooms for the address of a house that is not known yet."""
SECRET = "secret-of-the-house-of-tests"


@dataclass
class Says:
    values: dict[str, Any]
    status: int = 200
    after_s: float = 0.0


@dataclass
class House:
    """``answers`` are by the caller's number; of others it knows nothing. ``asked`` are the questions, by number."""

    url: str = ""
    answers: dict[str, Says] = field(default_factory=dict)
    asked: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        signed = f"{request.headers['X-CTI-Timestamp']}.".encode() + body
        expected = f"sha256={hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()}"
        if not hmac.compare_digest(request.headers["X-CTI-Signature"], expected):
            return web.Response(status=403)
        question = json.loads(body)
        self.asked.setdefault(question["number"], []).append(question)
        says = self.answers.get(question["number"], Says({}, 404))
        await asyncio.sleep(says.after_s)
        return web.json_response(says.values, status=says.status)


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """A house at a port of its own."""
    house = House()
    app = web.Application()
    app.router.add_post("/lookup", house._answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        house.url = f"http://127.0.0.1:{runner.addresses[0][1]}/lookup"
        yield house
    finally:
        await runner.cleanup()
