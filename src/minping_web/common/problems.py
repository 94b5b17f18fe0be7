"""Problems of the product in words: texts of `problems.yaml` in each app, else the engine's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml
from django.apps import apps
from django.utils.translation import get_language

from minping_engine.errors import MinpingError, Problem, Severity
from minping_engine.errors import render as render_of_engine


class RefusedError(MinpingError):
    """A service refuses; the page shows all problems, nothing was written."""

    exit_code = 2


@dataclass(frozen=True)
class ProblemLine:
    """A problem for a page: where, what, how to mend it."""

    where: str
    what: str
    mend: str
    is_error: bool
    code: str


@cache
def texts() -> dict[str, dict[str, str]]:
    """All texts of the product by code."""
    found: dict[str, dict[str, str]] = {}
    for config in apps.get_app_configs():
        if config.name.startswith("minping_web."):
            file = resources.files(config.name) / "problems.yaml"
            if file.is_file():
                found |= yaml.safe_load(file.read_text("utf-8"))
    return found


def lines(problems: Iterable[Problem], language: str | None = None) -> list[ProblemLine]:
    """Every problem in the language of the page."""
    return [line(problem, language) for problem in problems]


def line(problem: Problem, language: str | None = None) -> ProblemLine:
    """One problem in words."""
    spoken = "en" if (language or get_language() or "zh").startswith("en") else "zh"
    entry = texts().get(problem.code)
    if entry is None:
        rendered = render_of_engine(problem, "en" if spoken == "en" else "zh")
        what, mend = rendered.what, rendered.mend
    else:
        params = _Params(_spoken(problem.params, spoken))
        what, mend = entry[spoken].format_map(params), entry[f"mend_{spoken}"].format_map(params)
    return ProblemLine(_where(problem, spoken), what, mend, problem.severity == Severity.ERROR, problem.code)


def _spoken(params: Mapping[str, object], language: str) -> dict[str, object]:
    """A parameter that differs by language comes twice, the English one as `<name>_en`."""
    english = {name[:-3]: value for name, value in params.items() if name.endswith("_en")}
    return {**params, **english} if language == "en" else dict(params)


class _Params(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _where(problem: Problem, language: str) -> str:
    place = problem.place
    words = ("row {}", "column {}") if language == "en" else ("第 {} 行", "“{}”栏")
    parts = [
        place.file,
        place.sheet,
        words[0].format(place.row) if place.row else "",
        words[1].format(place.column) if place.column else "",
        place.key,
    ]
    return (", " if language == "en" else "，").join(part for part in parts if part)
