"""The JSON Schema (draft 2020-12) of a file of the configuration, for editors. It is made from the settings.

A file may hold any part of the configuration, since later files change single values of earlier ones. So nothing is
required but the key that names an entry. Relations between settings are no matter of a schema: ``check-config`` knows
them.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from pydantic import BaseModel

from cti_bridge.config.check_scenarios import OF_STEP
from cti_bridge.config.merge import ELSE, KEYS, WITHIN
from cti_bridge.config.schema.section import Section
from cti_bridge.config.schema.whole import Schema

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Described = dict[str, Any]


def json_schema() -> Described:
    """Return the schema."""
    described = Schema.model_json_schema(by_alias=True)
    definitions: dict[str, Described] = described["$defs"]
    tables: list[type[BaseModel]] = [Schema, *_below(Section)]
    models = {model.__name__: model for model in tables}
    texts = dict(_texts({model.__module__ for model in models.values()}))
    for name, model in {**definitions, Schema.__name__: described}.items():
        model.pop("required", None)
        for key, field in model.get("properties", {}).items():
            field.pop("title", None)
            if text := _text(texts, models[name], key):
                field["description"] = text
            _close(field)
    _name_entries(described, definitions)
    _steps(definitions["StepSettings"])
    return {"$schema": DRAFT, **described, "title": "cti-bridge"}


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield all models that are made from this one."""
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


def _texts(modules: Iterable[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the description of each setting, by its model and name: the text below it in the source."""
    bodies = (ast.parse(inspect.getsource(sys.modules[module])).body for module in modules)
    for model in chain.from_iterable(bodies):
        if not isinstance(model, ast.ClassDef):
            continue
        for field, text in zip(model.body, model.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                yield (model.name, field.target.id), _plain(ast.literal_eval(text.value))


def _text(texts: Mapping[tuple[str, str], str], model: type[Any], key: str) -> str | None:
    """Return the text of the setting, which a base of the model may have."""
    named = ((base.__name__, name) for base in model.__mro__ for name in (key, f"{key}_"))
    return next((texts[name] for name in named if name in texts), None)


def _plain(text: str) -> str:
    """Return the text in one line, as Markdown."""
    return re.sub(r"``([^`]*)``", r"`\1`", " ".join(text.split()))


def _close(field: Described) -> None:
    """Refuse keys that none of the patterns has."""
    for part in (field, *field.get("anyOf", ())):
        if "patternProperties" in part:
            part["additionalProperties"] = False


def _name_entries(described: Described, definitions: dict[str, Described]) -> None:
    """Require the keys by which entries of later files are merged with those of earlier ones."""
    for table, key in KEYS.items():
        entry = _entry(described["properties"][table], definitions)
        other = ELSE.get(table)
        if other is None:
            entry["required"] = [key]
        else:
            entry["anyOf"] = [{"required": [key]}, {"required": [other]}, {"required": ["numbers"]}]
    for (table, part), key in WITHIN.items():
        entry = _entry(described["properties"][table], definitions)
        _entry(entry["properties"][part], definitions)["required"] = [key]


def _entry(array: Described, definitions: dict[str, Described]) -> Described:
    return definitions[array["items"]["$ref"].rpartition("/")[2]]


def _steps(step: Described) -> None:
    """Say which keys a step of each kind has."""
    step["allOf"] = [
        {
            "if": {"properties": {"do": {"const": do}}, "required": ["do"]},
            "then": {"propertyNames": {"enum": ["do", *has]}},
        }
        for do, (has, _) in OF_STEP.items()
    ]
