"""The API description: OpenAPI 3.1, made from the route table and the pydantic models."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import DataclassSchema, ModelSchema

from cti_bridge.api.acknowledged import DESCRIBED
from cti_bridge.api.auth import CSRF_HEADER
from cti_bridge.api.cookie import COOKIE
from cti_bridge.api.paths import NAMES, PARAMETERS
from cti_bridge.api.refusal_codes import refusals
from cti_bridge.api.routes import Route
from cti_bridge.api.schemas import Nothing, ProblemBody
from cti_bridge.domain.model.timestamps import Moment

_REF = "#/components/schemas/{model}"


def describe(routes: Sequence[Route[Any]], title: str, version: str, base: str) -> dict[str, Any]:
    """The whole document. ``base`` is the path before every route's."""
    models: set[type[BaseModel]] = {ProblemBody}
    for route in routes:
        models |= {route.schema} if isinstance(route.answer, str) else {route.schema, route.answer}
    schemas = _schemas(frozenset(models))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(base + route.path, {})[route.method.lower()] = _operation(route, schemas)
    paths |= _others(base)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SECURITY_SCHEMES},
    }


@cache
def _schemas(models: frozenset[type[BaseModel]]) -> Mapping[str, Any]:
    """By name. Made once for all servers of a process: it costs more than all else of a server's start."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (model, "validation") for model in sorted(models, key=lambda model: model.__name__)
    ]
    _, schemas = models_json_schema(wanted, ref_template=_REF, schema_generator=_Generator)
    definitions: Mapping[str, Any] = schemas["$defs"]
    return definitions


class _Generator(GenerateJsonSchema):
    """Adds the formats of texts, which the types of fields say and pydantic does not read."""

    def dataclass_schema(self, schema: DataclassSchema) -> JsonSchemaValue:
        return _with_formats(super().dataclass_schema(schema), schema["cls"])

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        return _with_formats(super().model_schema(schema), schema["cls"])


def _with_formats(described: JsonSchemaValue, shape: type[Any]) -> JsonSchemaValue:
    hints = get_type_hints(shape, include_extras=True)
    for name, field in described.get("properties", {}).items():
        hint = hints.get(name) or hints[f"{name}_"]  # A field by another name in Python, "from_".
        if Moment in (hint, *get_args(hint)):
            for one in (field, *field.get("anyOf", ())):
                if one.get("type") == "string":
                    one["format"] = "date-time"
    return described


_SECURITY_SCHEMES = {
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token beside the spool, on the bridge's own machine",
    },
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
}


_PAGED: dict[str, Any] = {
    "Link": {
        "description": 'There is more: the address of the next page, with rel="next" (RFC 8288)',
        "schema": {"type": "string"},
    }
}


def _operation(route: Route[Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": "_".join(re.findall(r"[a-z]+", f"{route.method.lower()} {route.path}")),
        "summary": route.summary,
        "security": _security(route),
        "parameters": _parameters(route, schemas),
        "responses": {
            str(route.status): _answer(route.answer) | _headers(route),
            **_refusals(refusals(route)),
            "default": _content(ProblemBody, "application/problem+json", "Refused"),
        },
    }
    if route.writes:
        body = _content(route.schema, "application/json", route.schema.__doc__ or "")
        operation["requestBody"] = {**body, "required": route.schema is not Nothing}
    return operation


def _headers(route: Route[Any]) -> dict[str, Any]:
    found = (_PAGED if route.pages else {}) | (DESCRIBED if route.writes else {})
    return {"headers": found} if found else {}


def _security(route: Route[Any]) -> list[dict[str, list[str]]]:
    by_cookie: dict[str, list[str]] = {"cookie": [], "csrf": []} if route.writes else {"cookie": []}
    agents: list[dict[str, list[str]]] = [{"bearer": []}, by_cookie]
    operator: list[dict[str, list[str]]] = [{"operator": []}]
    if route.public:
        return []
    return {"no": agents, "too": agents + operator, "alone": operator}[route.operator]


def _refusals(codes: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """Describe refusals. Their codes are stable; a later release may add some."""
    return {
        str(status): _content(ProblemBody, "application/problem+json", f"Refused: {', '.join(names)}")
        for status, names in codes.items()
    }


def _others(base: str) -> dict[str, dict[str, Any]]:
    """Describe what is in no table of routes: the operator's requests, and event sockets. OpenAPI can say no more of
    those than that they are there."""
    text: dict[str, Any] = {"type": "string"}
    events = "The event socket (WebSocket): docs/events.md describes its frames"
    topics = {"name": "topics", "in": "query", "schema": text}
    resumes = [{"name": name, "in": "query", "schema": text} for name in ("stream", "since")]
    security: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
    refused = {401: ["unauthenticated"], 403: ["bad_origin"], 422: ["invalid_body"], 426: ["upgrade_required"]}
    wallboard = "Its figures as they change (WebSocket), for supervisors: docs/events.md"
    reload = "Take the changed configuration over, on the bridge's own machine"
    return {
        f"{base}/reload": {
            "post": _by_hand(
                "reload",
                reload,
                [{"operator": []}],
                [],
                200,
                {401: ["unauthenticated"], 403: ["forbidden"], 422: ["configuration_refused"]},
            )
        },
        f"{base}/events": {"get": _by_hand("events", events, security, [topics, *resumes], 101, refused)},
        f"{base}/wallboard/events": {"get": _by_hand("wallboard_events", wallboard, security, [], 101, refused)},
    }


def _by_hand(
    name: str,
    summary: str,
    security: list[dict[str, list[str]]],
    parameters: list[dict[str, Any]],
    status: int,
    codes: Mapping[int, Sequence[str]],
) -> dict[str, Any]:
    done = {"description": "Done"} if status == 101 else {"description": "Done", "content": {"application/json": {}}}
    refused = _content(ProblemBody, "application/problem+json", "Refused")
    return {
        "operationId": name,
        "summary": summary,
        "security": security,
        "parameters": parameters,
        "responses": {str(status): done, **_refusals(codes), "default": refused},
    }


def _answer(answer: type[BaseModel] | str) -> dict[str, Any]:
    if not isinstance(answer, str):
        return _content(answer, "application/json", "Done")
    # OpenAPI 3.1, section 4.8.14.2: bytes have no schema, only a type.
    return {"description": "Done", "content": {answer: {}}}


def _content(model: type[BaseModel], media_type: str, description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"description": description.strip(), "content": {media_type: {"schema": schema}}}


def _parameters(route: Route[Any], schemas: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PARAMETERS[name].schema}
        for name in NAMES.findall(route.path)
    ]
    if route.writes:
        key = {"type": "string", "pattern": "^[!-~]{1,200}$"}
        return (
            found
            if route.public or route.operator == "alone"
            else [*found, {"name": "Idempotency-Key", "in": "header", "schema": key}]
        )
    query = schemas[route.schema.__name__].get("properties", {})
    return found + [{"name": name, "in": "query", "schema": schema} for name, schema in query.items()]
