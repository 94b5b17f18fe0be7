"""What an editor may put in with one press: intro, comment with its fields, who answers, scales."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any

import yaml

Content = dict[str, Any]


@cache
def _presets() -> dict[str, Any]:
    text = resources.files("minping_web.instruments.rules").joinpath("presets.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def intro() -> Content:
    """Who asks, why, what happens with the answers, how to object."""
    return deepcopy(_presets()["intro"])


def comment() -> Content:
    """The free opinion with its fourteen fields (S25)."""
    return deepcopy(_presets()["comment"])


def respondent() -> list[Content]:
    """All questions about who answers; their levels are those of the cell variables."""
    return deepcopy(_presets()["respondent"])


def about(variable: str) -> Content | None:
    """One of them."""
    return next((one for one in respondent() if one["variable"] == variable), None)


def scale_names() -> tuple[str, ...]:
    """Names of the ready scales."""
    return tuple(_presets()["scales"])


def scale(name: str, most: float = 20) -> Content:
    """Kind and answers of a ready scale, worth `most` points at best."""
    found = deepcopy(_presets()["scales"][name])
    answers = [
        {"code": one["code"], "label": one["label"], "points": tidy(one["share"] * most)}
        for one in found["answers"]
    ]
    return {"kind": found["kind"], "answers": answers}


def tidy(points: float) -> float | int:
    """Whole points without a decimal point; thousandths at most."""
    rounded = round(points, 3)
    return int(rounded) if rounded == int(rounded) else rounded
