"""Texts of all problems in Chinese and English, read from the YAML files beside this module.

One file per step; a code is `<step>.<fault>`. Each entry has `zh`, `en` (what is wrong) and
`mend_zh`, `mend_en` (what to do); `{name}` is filled from the problem's parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from minping_engine.errors.problem import Problem

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Text:
    """A rendered problem: what is wrong, how to mend it, and both with the place on one line."""

    what: str
    mend: str
    line: str


class _Params(dict[str, object]):
    """A parameter that a text names and a problem lacks shows as its own name."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All codes with their texts."""
    import yaml

    # In C seven times as fast: a run with one warning reads all texts.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    entries: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda item: item.name):
        if file.name.endswith(".yaml"):
            step = file.name.removesuffix(".yaml")
            for fault, texts in yaml.load(file.read_text("utf-8"), Loader=loader).items():
                entries[f"{step}.{fault}"] = texts
    return entries


def render(problem: Problem, language: Language = "en") -> Text:
    """The problem in words. A code without texts shows itself: a test forbids that."""
    texts = catalogue().get(problem.code, {})
    params = _Params({name: "" if value is None else value for name, value in problem.params.items()})
    what = texts.get(language, problem.code).format_map(params)
    mend = texts.get(f"mend_{language}", "").format_map(params)
    where = str(problem.place)
    times = f" (x{problem.count})" if problem.count > 1 else ""
    head = f"{where}: " if where else ""
    tail = f" {mend}" if mend else ""
    return Text(what, mend, f"{head}{what}{times} [{problem.code}]{tail}")
