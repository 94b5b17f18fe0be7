"""Reading a scheme's files: text -> YAML -> model, each fault as a problem with its place.

In: paths, or data whose values have been put in place. Out: models, or None with problems noted. A
district's own file of values is read here too, and keeps its name so that its faults are told there.
Likely causes of broken YAML stand in `yaml_faults`, the validator's faults in `shape`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from minping_engine.errors import Place, Problem, SchemeError
from minping_engine.scheme.model import DisclosureFile
from minping_engine.scheme.shape import Path as KeyPath
from minping_engine.scheme.shape import shape_problems
from minping_engine.scheme.values import Values
from minping_engine.scheme.yaml_faults import yaml_problem

Model = TypeVar("Model", bound=BaseModel)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where it is there: several times as fast."""


class DistrictValues(dict[str, Any]):
    """Values of a district by id, and the file they come from."""

    file: str = ""


def read_values(file: Path) -> dict[str, Any]:
    """A district's own values, by id, from a YAML file. Raises `SchemeError`."""
    if not file.is_file():
        raise SchemeError.of("scheme.values_missing", Place(file=str(file)), name=file.name)
    problems: list[Problem] = []
    values = read_yaml(file, problems, str(file))
    if problems:
        raise SchemeError(problems)
    if not isinstance(values, dict):
        raise SchemeError.of("scheme.values_shape", Place(file=str(file)))
    read = DistrictValues({str(name): value for name, value in values.items()})
    read.file = str(file)
    return read


def read_yaml(path: Path, problems: list[Problem], shown: str) -> Any:
    """What a file holds; None with a problem noted. `shown` names the file to people."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        problems.append(Problem("scheme.not_utf8", Place(file=shown, row=row)))
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problems.append(Problem("scheme.unreadable", Place(file=shown), {"reason": reason}))
        return None
    try:
        data = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        problems.append(yaml_problem(text, error, shown))
        return None
    except ValueError as error:  # a date such as 2024-13-45
        problems.append(Problem("scheme.unreadable", Place(file=shown), {"reason": str(error)}))
        return None
    if data is None:
        problems.append(Problem("scheme.empty_file", Place(file=shown)))
    return data


def read_model(path: Path, model: type[Model], problems: list[Problem]) -> Model | None:
    """A file of values or thresholds; None with problems noted."""
    shown = path.name if model is DisclosureFile else f"values/{path.name}"
    data = read_yaml(path, problems, shown)
    if data is None:
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        problems += shape_problems(faults, data, lambda path: Place(file=shown, key=".".join(map(str, path))))
        return None


def validated(data: Any, model: type[Model], chooser: Values) -> Model | None:
    """The scheme, its values in place; None with problems noted.

    Where a file of values is missing, that is told already: nothing is said of the gap it leaves.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = shape_problems(error.errors(include_url=False), data, lambda path: place_in(chooser, path))
        gaps = {f"values/{name}.yaml" for name in chooser.places.values() if name not in chooser.used}
        chooser.problems += [problem for problem in found if problem.place.file not in gaps]
        return None


def place_in(chooser: Values, path: KeyPath) -> Place:
    """Where a path of the scheme stands: in the district's file where its value was put there."""
    place = chooser.place_of(path)
    name = place.file.removeprefix("values/").removesuffix(".yaml")
    used = chooser.used.get(name)
    own = _own_file(chooser)
    if not own or place.file != f"values/{name}.yaml" or used is None or used.origin != "district":
        return place
    return Place(file=own, key=".".join(filter(None, (name, place.key))))


def in_own_file(problem: Problem, chooser: Values) -> Problem:
    """A problem of a value that the district gave, told with the district's file."""
    file, key, own = problem.place.file, problem.place.key, _own_file(chooser)
    name = file.removeprefix("values/").removesuffix(".yaml")
    used = chooser.used.get(name)
    if own and used is not None and file == f"values/{name}.yaml" and used.origin == "district":
        return replace(problem, place=Place(file=own, key=".".join(filter(None, (name, key)))))
    place = place_in(chooser, tuple(key.split(".")))
    return replace(problem, place=place) if own and file == "scheme.yaml" and place.file == own else problem


def _own_file(chooser: Values) -> str:
    """The district's file; empty where values were given without one."""
    return str(getattr(chooser.overrides, "file", ""))


def told_once(problems: Iterable[Problem], broken: set[str], given: str) -> list[Problem]:
    """Each fault once: no "there is no such value" for files that are there but wrong, or said before.

    A value that the district gave and nobody knows is told with the district's file, `given`.
    """
    kept: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        place, name = problem.place, problem.params.get("name")
        if problem.code != "scheme.unknown_value":
            kept.setdefault((problem.code, place, str(problem.params)), problem)
        elif name not in broken:
            place = place if place.file else Place(file=given, key=place.key)
            kept.setdefault((problem.code, name), replace(problem, place=place))
    return list(kept.values())
