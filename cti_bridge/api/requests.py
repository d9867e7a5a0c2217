"""Turns an HTTP request into a valid :class:`~cti_bridge.api.routes.Asked`, and an answer into a response."""

import asyncio
import re
from collections.abc import Mapping
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from cti_bridge.api.errors import Problem, invalid
from cti_bridge.api.schemas import Nothing

LARGEST_BODY = 128 * 1024
"""The most bytes of a body. The longest comment fits with every character escaped."""

_BODY_TIME_S = 10.0
_MOST_ERRORS = 20
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

B = TypeVar("B", bound=BaseModel)


def idempotency_key(request: web.Request, cti_id: str) -> str | None:
    """Return the client's key, made unambiguous: two agents, or two commands, never share one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise invalid("Idempotency-Key has 1 to 200 printable ASCII characters without spaces.")
    return f"{cti_id} {request.method} {request.path} {key}"


def read_query(request: web.Request, schema: type[B]) -> B:
    """Return the valid query. Raises a problem for a parameter that is unknown, or given twice."""
    names = [name for name, _ in request.query.items()]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise invalid("The query is not valid.", [_field_error(name, "given more than once") for name in doubled])
    try:
        return schema.model_validate(dict(request.query))
    except ValidationError as error:
        raise invalid("The query is not valid.", _field_errors(error)) from None


async def read_body(request: web.Request, schema: type[B]) -> B:
    """Return the valid body. Raises a problem for a body that is too large, late, not JSON, or not of the schema."""
    if request.query:
        raise invalid("This request takes no query parameters.")
    raw = await _read(request)
    if not raw and schema is Nothing:
        return schema()
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise Problem(415, "unsupported_media_type", "Send application/json in UTF-8.")
    try:
        return schema.model_validate_json(raw)
    except ValidationError as error:
        raise invalid("The body is not valid.", _field_errors(error)) from None


async def _read(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(_BODY_TIME_S):
            return await request.read()
    except TimeoutError:
        raise Problem(408, "request_timeout", "The body did not arrive in time.") from None


def _field_errors(error: ValidationError) -> list[Mapping[str, str]]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [_field_error(".".join(str(part) for part in one["loc"]), one["msg"]) for one in found[:_MOST_ERRORS]]


def _field_error(name: str, message: str) -> Mapping[str, str]:
    return {"field": name[:100], "message": message}
