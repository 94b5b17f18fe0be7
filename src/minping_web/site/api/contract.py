"""The contract (OpenAPI 3.1) as it is served and committed, and a shorter form of it for the page.

`docs/reference/openapi.json` is made from here by `tools/make_openapi.py`, so that a change of the
contract shows in every review.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import override

from minping_web.site.api.assembly import api

PREFIX = "api/v1/"


@cache
def contract() -> dict[str, Any]:
    """The whole contract as plain values; in English, whoever asks first."""
    with override("en"):
        made = api.get_openapi_schema(path_prefix=PREFIX)
        return json.loads(json.dumps(made, default=str))  # type: ignore[no-any-return]


def committed() -> str:
    """The text of the committed file."""
    return json.dumps(contract(), ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True)
class Field:
    """A parameter or a field of a body, for people."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True)
class Shown:
    """One operation for people."""

    id: str
    method: str
    path: str
    about: str
    permission: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    example: str


def shown() -> list[tuple[str, list[Shown]]]:
    """Operations by tag, in the order of the contract."""
    groups: dict[str, list[Shown]] = {}
    for path, methods in contract()["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_shown(method, path, operation))
    return list(groups.items())


def _shown(method: str, path: str, operation: dict[str, Any]) -> Shown:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answer = next(value for status, value in operation["responses"].items() if status.startswith("2"))
    return Shown(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        about=operation["description"].rpartition("\n\nNeeds ")[0],
        permission=operation["x-permission"],
        parameters=[_parameter(parameter) for parameter in operation["parameters"]],
        body=_fields(body),
        answer=_fields(answer["content"]["application/json"]["schema"]),
        example=json.dumps(_resolved(body)["examples"][0], ensure_ascii=False, indent=2) if body else "",
    )


def _parameter(parameter: dict[str, Any]) -> Field:
    about = parameter["schema"].get("description", "")
    return Field(parameter["name"], _kind(parameter["schema"]), parameter["required"], about)


def _fields(schema: dict[str, Any]) -> list[Field]:
    known = _resolved(schema)
    required = set(known.get("required", ()))
    return [
        Field(name, _kind(field), name in required, field.get("description", ""))
        for name, field in known.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = contract()["components"]["schemas"][name] if name else schema
    return found


def _kind(schema: dict[str, Any]) -> str:
    """A field's kind in a few words."""
    if "anyOf" in schema:
        return " | ".join(_kind(part) for part in schema["anyOf"])
    if "$ref" in schema:
        target = _resolved(schema)
        return _kind(target) if "enum" in target else schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "const" in schema:
        return f'"{schema["const"]}"'
    if schema.get("type") == "array":
        return f"[{_kind(schema['items'])}]"
    return str(schema.get("format") or schema.get("type") or "any")
