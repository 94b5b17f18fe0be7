"""JSON Schema (draft 2020-12) of scheme files, for editors that complete and underline while one writes.

In: a model. Out: plain data. In a scheme any value may also be `{value: ID}`, which is looked up before
the models see it, so every place of the schema takes a reference as well. What a schema cannot say
(references between parts, units, sums) is left to `minping scheme check`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from minping_engine.scheme.model import Scheme, ValueFile

DRAFT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "ValueReference"
Json = dict[str, Any]


def scheme_schema() -> Json:
    """Of `scheme.yaml`."""
    schema = schema_of(Scheme, "Minping scheme")
    parts = schema["$defs"]
    for definition in (*parts.values(), schema):
        _take_references(definition)
    parts[REFERENCE] = {
        "type": "object",
        "description": "A value by its id: the file values/ID.yaml",
        "properties": {"value": {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$"}},
        "required": ["value"],
        "additionalProperties": False,
    }
    return schema


def value_file_schema() -> Json:
    """Of a file of `values/`."""
    return schema_of(ValueFile, "Minping value")


def schema_of(model: type[BaseModel], title: str) -> Json:
    """The schema of a model as files are written: keys by their aliases."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DRAFT, **schema, "title": title}


def _take_references(definition: Json) -> None:
    """Let every field, list item and entry of a definition be a reference too."""
    for name, field in definition.get("properties", {}).items():
        definition["properties"][name] = _or_reference(field)


def _or_reference(field: Json) -> Json:
    for key in ("items", "additionalProperties"):
        if isinstance(field.get(key), dict):
            field[key] = _or_reference(field[key])
    for key in ("anyOf", "oneOf"):
        field |= {key: [_inside(part) for part in field[key]]} if key in field else {}
    about: Json = {key: field.pop(key) for key in ("title", "description", "default") if key in field}
    return {**about, "anyOf": [field, {"$ref": f"#/$defs/{REFERENCE}"}]}


def _inside(part: Json) -> Json:
    """A member of a choice: what it holds may be a reference, itself it is covered by the choice."""
    for key in ("items", "additionalProperties"):
        if isinstance(part.get(key), dict):
            part[key] = _or_reference(part[key])
    return part
