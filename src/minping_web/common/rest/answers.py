"""One shape for everything that went wrong: `{"problems": [{"code", "where", "what", "mend"}]}`.

In: an exception or a status. Out: the answer in the language that `Accept-Language` asks for, Chinese
where it asks for none of ours. What a caller sent is never repeated in a problem: it may be personal.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from pydantic import Field

from minping_engine.errors import MinpingError, Place, Problem
from minping_web.common.problems import lines

log = logging.getLogger("minping.api")

CODE_OF = {
    400: "api.not_json",
    401: "api.no_key",
    403: "api.not_permitted",
    404: "api.not_found",
    405: "api.wrong_method",
    413: "api.too_large",
    429: "api.too_many",
    500: "api.failed",
}


class ProblemOut(Schema):
    """One problem: its stable code, where it lies, what is wrong, how to mend it."""

    code: str = Field(examples=["api.field_missing"])
    where: str = Field(examples=["body.name"])
    what: str = Field(examples=["这一项必须填写。"])
    mend: str = Field(examples=["请补上这一项。"])


class Problems(Schema):
    """All problems at once."""

    problems: list[ProblemOut]


def language_of(request: HttpRequest) -> str:
    """`en` where the caller prefers English to Chinese, else `zh`."""
    weights = {"en": 0.0, "zh": 0.0}
    for part in request.headers.get("Accept-Language", "").split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        spoken = tag.split("-")[0]
        if spoken in weights:
            weights[spoken] = max(weights[spoken], _weight(quality))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(quality: str) -> float:
    try:
        return float(quality or "1")
    except ValueError:
        return 0.0


def problem_answer(request: HttpRequest, status: int, problems: Iterable[Problem] = ()) -> HttpResponse:
    """The answer; without problems the one that the status stands for."""
    language = language_of(request)
    listed = list(problems) or [Problem(CODE_OF.get(status, "api.refused"), Place())]
    told = [
        {"code": line.code, "where": line.where, "what": line.what, "mend": line.mend}
        for line in lines(listed, language)
    ]
    content = json.dumps({"problems": told}, ensure_ascii=False)
    response = HttpResponse(content, status=status, content_type="application/json; charset=utf-8")
    response.headers["Content-Language"] = "en" if language == "en" else "zh-hans"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="minping"'
    return response


# --- what a field may do wrong ---------------------------------------------------------------------
CODE_OF_TYPE = {
    "missing": "api.field_missing",
    "extra_forbidden": "api.field_unknown",
    "enum": "api.not_in_list",
    "literal_error": "api.not_in_list",
    "greater_than_equal": "api.too_small",
    "greater_than": "api.too_small",
    "less_than_equal": "api.too_great",
    "less_than": "api.too_great",
    "string_too_long": "api.too_long",
    "string_too_short": "api.too_short",
    "too_long": "api.too_many_items",
    "too_short": "api.too_few_items",
    "string_pattern_mismatch": "api.bad_text",
    "string_unicode": "api.bad_text",
}
LIMITS = ("ge", "gt", "le", "lt", "max_length", "min_length")
KINDS = (
    ("int", "whole"),
    ("decimal", "number"),
    ("float", "number"),
    ("bool", "flag"),
    ("datetime", "moment"),
    ("timezone", "moment"),
    ("date", "day"),
    ("uuid", "id"),
    ("list", "list"),
    ("string", "text"),
)
"""Beginnings of pydantic's kinds of errors -> the problem's code `api.not_a_<word>`."""


def problem_of_field(error: Mapping[str, Any]) -> Problem:
    """One of pydantic's errors as a problem of ours."""
    kind, context = str(error["type"]), error.get("ctx") or {}
    params: dict[str, object] = {}
    if "expected" in context:
        params["known"] = str(context["expected"]).replace("'", "").replace(" or ", ", ")
    limit = next((context[name] for name in LIMITS if name in context), None)
    if limit is not None:
        params["limit"] = str(limit)
    return Problem(_code_of(kind), Place(key=_where(error["loc"])), params)


def _code_of(kind: str) -> str:
    if kind in CODE_OF_TYPE:
        return CODE_OF_TYPE[kind]
    word = next((word for start, word in KINDS if kind.startswith(start)), None)
    return f"api.not_a_{word}" if word else "api.not_valid"


def _where(location: Iterable[object]) -> str:
    """Without the names that the library puts between source and field."""
    parts = [str(part) for part in location]
    if parts[:1] == ["body"] and len(parts) > 1:
        del parts[1]
    elif len(parts) > 2:
        parts = [parts[0], *parts[2:]]
    return ".".join(parts)


# --- exceptions -> answers -----------------------------------------------------------------------
def install(api: NinjaAPI) -> None:
    """Make every exception of an operation an answer in the one shape."""
    add: Callable[[type[Exception], Callable[..., HttpResponse]], None] = api.add_exception_handler
    add(Exception, _failed)
    add(HttpError, lambda request, exc: problem_answer(request, exc.status_code))
    add(AuthenticationError, lambda request, _: problem_answer(request, 401))
    add(PermissionDenied, lambda request, _: problem_answer(request, 403))
    add(Http404, lambda request, _: problem_answer(request, 404))
    add(RequestDataTooBig, lambda request, _: problem_answer(request, 413))
    add(Throttled, _throttled)
    add(ValidationError, _invalid)
    add(MinpingError, lambda request, exc: problem_answer(request, 422, exc.problems))


def _invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
    return problem_answer(request, 422, [problem_of_field(error) for error in exc.errors])


def _throttled(request: HttpRequest, exc: Throttled) -> HttpResponse:
    seconds = str(exc.wait or 1)
    response = problem_answer(request, 429, [Problem(CODE_OF[429], Place(), {"seconds": seconds})])
    response.headers["Retry-After"] = seconds
    return response


def _failed(request: HttpRequest, exc: Exception) -> HttpResponse:
    log.error("an operation of the API failed", exc_info=exc)
    return problem_answer(request, 500)
