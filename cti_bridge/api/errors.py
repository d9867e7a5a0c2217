"""Refusals of requests: problem details for HTTP APIs (RFC 9457) with stable codes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from aiohttp import web

from cti_bridge.domain.border.errors import Refusal
from tickets.errors import TicketError, TooManyComments, VersionConflict

_log = structlog.get_logger("cti_bridge.api")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Exception):
    """The request is refused. ``errors`` says which fields are wrong. It never repeats the values that were sent."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = errors, headers or {}

    @property
    def body(self) -> dict[str, Any]:
        title = HTTPStatus(self.status).phrase
        known = {"type": "about:blank", "title": title, "status": self.status, "code": self.code, "detail": self.detail}
        return {**known, "errors": self.errors} if self.errors else known

    def response(self) -> web.Response:
        return web.Response(
            status=self.status,
            body=msgspec.json.encode(self.body),
            content_type="application/problem+json",
            headers=self.headers,
        )


_TRY_AGAIN = {"Retry-After": "2"}


def unauthenticated(detail: str = "Log in first.") -> Problem:
    return Problem(401, "unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})


def not_found() -> Problem:
    return Problem(404, "not_found", "There is no such thing, or it is not yours.")


def invalid(detail: str, errors: Sequence[Mapping[str, str]] = ()) -> Problem:
    return Problem(422, "invalid_body", detail, errors)


def storage_unavailable() -> Problem:
    detail = "The storage cannot be reached at the moment. Calls go on."
    return Problem(503, "storage_unavailable", detail, headers=_TRY_AGAIN)


def standby() -> Problem:
    """Return the refusal of a bridge that does not act."""
    detail = "This bridge is the spare, and another one acts. Ask again in a moment."
    return Problem(503, "standby", detail, headers=_TRY_AGAIN)


_HTTP_CODES = {
    404: ("not_found", "There is nothing at this path."),
    405: ("method_not_allowed", "This path does not know this method."),
    413: ("body_too_large", "The body is too large."),
}


def problem_of(error: Exception) -> Problem | None:
    """Return the problem that an exception means, or None when the fault is ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refusal):
        headers = {401: {"WWW-Authenticate": "Bearer"}, 503: _TRY_AGAIN}.get(error.status)
        return Problem(error.status, error.code, error.detail, headers=headers)
    if isinstance(error, VersionConflict):
        return Problem(409, "version_conflict", str(error))
    if isinstance(error, TooManyComments):
        return Problem(409, "too_many_comments", str(error))
    if isinstance(error, TicketError):
        return invalid(str(error))
    if isinstance(error, web.HTTPException):
        code, detail = _HTTP_CODES.get(error.status, ("bad_request", error.reason))
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return Problem(error.status, code, detail, headers=allow)
    return None


def problems_middleware(storage_faults: tuple[type[Exception], ...]) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Turns every exception into a problem. ``storage_faults`` are the exceptions that mean that the
    storage is away."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except storage_faults:
            return storage_unavailable().response()
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                _log.exception("request_failed", method=request.method, route=route_name(request))
                problem = Problem(500, "internal_error", "This is a fault of the server. It has been logged.")
            return problem.response()

    return answer


def route_name(request: web.Request) -> str:
    """Return the pattern of the path. A path itself can hold anything."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
