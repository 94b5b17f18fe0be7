"""Reading `demo.yaml`: the plan, or every fault of the file at once.

In: a scheme's folder. Out: `DemoPlan`. An unknown key brings the nearest known one along. Whether the
plan fits its scheme is looked at in `fitting`, when evidence is drawn.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from minping_engine.demo.evidence import plan as parts
from minping_engine.demo.evidence.plan import DemoPlan
from minping_engine.errors import Place, Problem, SchemeError

FILE = "demo.yaml"
TAGS = {"around", "part_of", "rare", "one_of"}


def read_demo_plan(folder: Path) -> DemoPlan:
    """The plan in a scheme's folder. Raises `SchemeError` with every fault of the file."""
    try:
        return DemoPlan.model_validate(_content(folder / FILE))
    except ValidationError as error:
        raise SchemeError(_problem(fault) for fault in error.errors(include_url=False)) from error


def _content(path: Path) -> Any:
    if not path.is_file():
        raise SchemeError.of("demo.plan_missing", Place(file=FILE), scheme=path.parent.name)
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise SchemeError.of("demo.plan_unreadable", Place(file=FILE), reason=reason) from error


def _problem(fault: ErrorDetails) -> Problem:
    name = str(fault["loc"][-1]) if fault["loc"] else ""
    place = Place(file=FILE, key=_key(fault))
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(name, _known_keys(), n=1)
        return Problem("demo.plan_unknown_key", place, {"name": name, "near": near[0] if near else "-"})
    if fault["type"] == "missing":
        return Problem("demo.plan_key_missing", place, {"name": name})
    return Problem("demo.plan_invalid", place, {"reason": fault["msg"].removeprefix("Value error, ")})


def _key(fault: ErrorDetails) -> str:
    """The path as it is written: without the validator's names for ways of drawing."""
    steps = [str(step) for step in fault["loc"]]
    inner = [step for number, step in enumerate(steps[:-1]) if not (step in TAGS and number > 1)]
    return ".".join([*inner, *steps[-1:]])


def _known_keys() -> list[str]:
    models = [part for part in vars(parts).values() if isinstance(part, type) and issubclass(part, BaseModel)]
    return sorted({field.alias or name for model in models for name, field in model.model_fields.items()})
