"""The refusals of each operation, for the API's description: status, and the codes that a client may get with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from cti_bridge.api.routes import Route

Codes = Mapping[int, tuple[str, ...]]

OF_ALL: Codes = {
    400: ("bad_request",),
    403: ("bad_origin",),
    422: ("invalid_body",),
    500: ("internal_error",),
    503: ("standby",),
}
OF_A_SESSION: Codes = {401: ("unauthenticated",), 429: ("too_many_requests",)}
OF_WRITES: Codes = {
    403: ("bad_csrf",),
    408: ("request_timeout",),
    413: ("body_too_large",),
    415: ("unsupported_media_type",),
    503: ("storage_unavailable",),
}
OF_THE_OPERATOR: Codes = {403: ("forbidden",)}
OF_IDS: Codes = {404: ("not_found",)}
_DIALS: Codes = {
    403: ("no_phone_permission", "service_off"),
    409: ("phone_unreachable",),
    422: ("invalid_number", "number_not_allowed", "calling_number_not_confirmed"),
    429: ("limit_reached",),
    503: ("pbx_unavailable",),
}
_CALL: Codes = {
    409: ("call_changed", "not_allowed_now", "customer_left", "resume_on_phone"),
    503: ("pbx_unavailable",),
}
_TARGET: Codes = {409: ("target_not_ready", "target_is_self")}
BY_PATH: tuple[tuple[str, Codes], ...] = (
    ("/login", {401: ("wrong_credentials",), 403: ("no_phone_permission",), 409: ("not_allowed_now",)}),
    ("/login", {429: ("too_many_attempts",)}),
    ("/logout", {409: ("not_allowed_now",)}),
    ("/me/next-status", {409: ("not_allowed_now",)}),
    ("/me/help", {409: ("not_allowed_now",)}),
    ("/me/dial", {**_DIALS, 409: ("not_allowed_now", "phone_unreachable", "call_changed")}),
    ("/me/dial", {404: ("not_found",), 409: ("target_not_ready", "target_is_self")}),
    ("/me/phone", {404: ("not_found",)}),
    ("/me/frequent-numbers", {409: ("not_allowed_now", "list_full"), 422: ("invalid_number",)}),
    ("/offers/", {409: ("offer_over", "answer_on_phone", "phone_unreachable"), 503: ("pbx_unavailable",)}),
    ("/calls/", _CALL),
    ("/calls/{call_id}/recording/pause", {503: ("recording_not_paused",)}),
    ("/calls/{call_id}/recording/start", {503: ("not_recorded",)}),
    ("/calls/{call_id}/consult", _TARGET),
    ("/calls/{call_id}/consult", _DIALS),
    ("/calls/{call_id}/transfer", _TARGET),
    ("/calls/{call_id}/transfer", _DIALS),
    ("/recordings", {403: ("missing_right",), 503: ("storage_unavailable",)}),
    ("/recordings/{recording_id}", {409: ("on_legal_hold", "not_allowed_now")}),
    ("/callbacks/", {409: ("version_conflict", "not_allowed_now")}),
    ("/hours/", {403: ("wrong_role", "others_concerned")}),
    ("/reports/", {403: ("wrong_role",), 503: ("reports_busy", "storage_unavailable")}),
    ("/scenarios/", {403: ("wrong_role",), 404: ("not_found",)}),
    ("/services/", {403: ("wrong_role",)}),
    ("/agents/", {403: ("wrong_role",), 409: ("not_allowed_now",)}),
    ("/wallboard", {403: ("wrong_role",)}),
    ("/teams/", {403: ("wrong_role",)}),
    ("/calls/{call_id}/end", {403: ("wrong_role",)}),
    ("/calls/{call_id}/move", {403: ("wrong_role",)}),
    ("/calls/{call_id}/monitor", {403: ("wrong_role", "missing_right", "no_phone_permission")}),
    ("/calls/{call_id}/monitor", {409: ("phone_unreachable", "pbx_cannot_monitor")}),
    ("/recordings/", {403: ("missing_right",)}),
    ("/tickets/{ticket_id}", {409: ("version_conflict", "too_many_comments")}),
)
"""By the beginning of the path."""


def refusals(route: Route[Any]) -> dict[int, list[str]]:
    """Return the codes by status, in the order of the statuses."""
    found: dict[int, list[str]] = {}
    for codes in _of(route):
        for status, names in codes.items():
            found.setdefault(status, []).extend(name for name in names if name not in found.get(status, ()))
    return dict(sorted(found.items()))


def _of(route: Route[Any]) -> Iterator[Codes]:
    yield OF_ALL
    if not route.public:
        yield OF_A_SESSION
    if route.writes:
        yield OF_WRITES
    if route.operator != "no":
        yield OF_THE_OPERATOR
    if "{" in route.path:
        yield OF_IDS
    for path, codes in BY_PATH:
        if route.path.startswith(path) and (route.writes or not path.startswith("/tickets")):
            yield codes
