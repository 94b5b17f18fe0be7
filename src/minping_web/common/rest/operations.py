"""Declares operations: each with its permission, its answers and its scope, in one line.

    places = Operations("places")

    @places.get("/areas", "places.view", Listing[AreaOut])
    def list_areas(scope: Scope, wanted: Query[AreaFilter]) -> Listing[AreaOut]: ...

The function gets the caller's scope where other frameworks pass a request, and runs inside it: selectors
and services are those of the pages. It returns finished schemas, so that nothing is read after the scope
was left and nothing can fail after a write.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, get_args

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.models import Query
from pydantic import BaseModel

from minping_engine.errors import Place, Problem
from minping_web.common.import_flow import Importer
from minping_web.common.problems import RefusedError
from minping_web.common.rest.answers import Problems
from minping_web.common.rest.keys import ApiKey
from minping_web.common.rest.rows import RowsOut, body_of, write_rows
from minping_web.common.scope import Scope, entered

Work = TypeVar("Work", bound=Callable[..., Any])
WRITING = (400, 401, 403, 413, 422, 429, 500)
READING = (401, 403, 422, 429, 500)


class Operations:
    """The operations of one app under one tag of the documentation."""

    def __init__(self, tag: str) -> None:
        self.router = Router(tags=[tag])

    def get(self, path: str, permission: str, answer: Any) -> Callable[[Work], Work]:
        """A read."""
        return self._declare("GET", path, permission, {200: answer})

    def post(self, path: str, permission: str, answer: Any, *, status: int = 200) -> Callable[[Work], Work]:
        """A write; `status` 201 where it makes a row."""
        return self._declare("POST", path, permission, {status: answer})

    def patch(self, path: str, permission: str, answer: Any) -> Callable[[Work], Work]:
        """A change of some fields."""
        return self._declare("PATCH", path, permission, {200: answer})

    def rows(self, path: str, importer: Importer) -> None:
        """The import of a table with its rows in JSON; the permission is the importer's."""
        body = body_of(importer)

        def write(scope: Scope, given: body) -> RowsOut:  # type: ignore[valid-type]
            return write_rows(scope, importer, given)

        write.__name__ = f"import_{importer.spec.name}"
        write.__doc__ = (
            f"Create and change many rows at once: {importer.spec.en}. Codes identify; fields that a row "
            "does not have stay as they are; `dry_run` tells what would happen."
        )
        write.__annotations__ = {"scope": Scope, "given": body, "return": RowsOut}
        self.post(path, importer.permission, RowsOut)(write)

    def _declare(
        self, method: str, path: str, permission: str, answers: dict[int, Any]
    ) -> Callable[[Work], Work]:
        def declared(work: Work) -> Work:
            self.router.api_operation(
                [method],
                path,
                auth=ApiKey(permission),
                response={**answers, **dict.fromkeys(_refusals(method, path), Problems)},
                operation_id=work.__name__,
                summary=work.__name__.replace("_", " ").capitalize(),
                description=f"{inspect.cleandoc(work.__doc__ or '')}\n\nNeeds `{permission}`.",
                openapi_extra={"x-permission": permission},
            )(_in_scope(work, next(iter(answers))))
            return work

        return declared


def _refusals(method: str, path: str) -> list[int]:
    statuses = set(READING if method == "GET" else WRITING)
    return sorted(statuses | ({404} if "{" in path else set()))


def _in_scope(work: Callable[..., Any], status: int) -> Callable[..., Any]:
    """The function as the framework calls it: with a request, inside the caller's scope."""
    signature = inspect.signature(work, eval_str=True)
    _, *asked = signature.parameters.values()
    known = _query_names(asked)

    @wraps(work)
    def run(request: HttpRequest, **values: Any) -> Status[Any]:
        _refuse_unknown(request, known)
        caller = request.auth  # type: ignore[attr-defined]
        with entered(caller.scope):
            return Status(status, work(caller.scope, **values))

    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=HttpRequest)
    keywords = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in asked]
    run.__signature__ = signature.replace(parameters=[first, *keywords])  # type: ignore[attr-defined]
    return run


def _query_names(parameters: list[inspect.Parameter]) -> frozenset[str]:
    """What may stand behind the question mark."""
    names: set[str] = set()
    for parameter in parameters:
        kind, *notes = get_args(parameter.annotation) or (parameter.annotation,)
        if any(isinstance(note, Query) for note in notes) and issubclass(kind, BaseModel):
            names |= set(kind.model_fields)
    return frozenset(names)


def _refuse_unknown(request: HttpRequest, known: frozenset[str]) -> None:
    """A misspelt filter must not silently give everything."""
    unknown = sorted(set(request.GET) - known)
    if unknown:
        raise RefusedError(
            [Problem("api.parameter_unknown", Place(key="query"), {"known": ", ".join(sorted(known)) or "–"})]
        )
