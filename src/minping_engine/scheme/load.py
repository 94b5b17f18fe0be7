"""Loading a scheme: YAML files -> `LoadedScheme`, or all problems at once.

Looks up dated values, overrides given by a district (`--values FILE`) and, in demonstrations
only, demo values. The hash covers everything that decides a result: scheme, values in force,
thresholds. A scheme is named by its id in the library or by the path of its folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from minping_engine.errors import Place, Problem, SchemeError, Severity
from minping_engine.scheme.model import (
    Band,
    DisclosureFile,
    Fairness,
    Scheme,
    ValueFile,
    ValueRef,
    VisitQuota,
)

MOST_DRIVERS = 16
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Disclosure:
    """Thresholds in force, in ballots, comments or assessees."""

    shown_from: int
    scored_from: int
    comments_from: int
    released_cell_from: int
    mean_from: int
    assessed_from_percent: int
    ranked_from_percent: int
    one_building_percent: int


@dataclass(frozen=True)
class LoadedScheme:
    """A scheme with its values looked up. Points are thousandths."""

    scheme: Scheme
    folder: Path
    disclosure: Disclosure
    target_ballots: int | None
    visit_quota: VisitQuota | None
    bands: tuple[Band, ...]
    uses_demo_values: bool
    warnings: tuple[Problem, ...] = field(default=())

    @property
    def key(self) -> str:
        """ID@VERSION."""
        return f"{self.scheme.id}@{self.scheme.version}"

    def with_fairness(self, fairness: Fairness | None) -> LoadedScheme:
        """The same scheme with another part `fairness`."""
        return replace(self, scheme=self.scheme.model_copy(update={"fairness": fairness}))

    @cached_property
    def content(self) -> dict[str, Any]:
        """Everything that decides a result, as plain data: what the hash covers."""
        return {
            "scheme": self.scheme.model_dump(mode="json", by_alias=True),
            "disclosure": vars(self.disclosure),
            "target_ballots": self.target_ballots,
            "visit_quota": self.visit_quota.model_dump(mode="json") if self.visit_quota else None,
            "bands": [band.model_dump(mode="json") for band in self.bands],
        }


def library_folder() -> Path:
    """Folder of the scheme library: `MINPING_SCHEMES`, the installed copy, or the source tree."""
    if setting := os.environ.get("MINPING_SCHEMES"):
        return Path(setting)
    package = Path(__file__).resolve().parents[1]
    installed = package / "scheme_library"
    return installed if installed.is_dir() else package.parents[1] / "schemes"


def scheme_ids() -> tuple[str, ...]:
    """Ids of the library's schemes."""
    return tuple(sorted(path.parent.name for path in library_folder().glob("*/scheme.yaml")))


def load_scheme(
    name_or_folder: str | Path,
    *,
    on: date | None = None,
    values: Mapping[str, Any] | None = None,
    demo: bool = False,
) -> LoadedScheme:
    """Load a scheme by library id or folder.

    `on` picks the dated values in force that day (default: the newest). `values` overrides
    values by id. Raises `SchemeError` with every problem found.
    """
    folder = _find(name_or_folder)
    problems: list[Problem] = []
    scheme = _read(folder / "scheme.yaml", Scheme, problems)
    disclosure = _read(library_folder() / "common" / "disclosure.yaml", DisclosureFile, problems)
    if scheme is None or disclosure is None:
        raise SchemeError(problems)
    files = {
        path.stem: _read(path, ValueFile, problems) for path in sorted((folder / "values").glob("*.yaml"))
    }
    chooser = _Chooser(files, on, dict(values or {}), demo, problems)
    target = chooser.choose(scheme.sampling.target_ballots)
    quota = chooser.choose(scheme.sampling.visit_quota)
    bands = chooser.choose(scheme.grading.bands)
    loaded = LoadedScheme(
        scheme=scheme,
        folder=folder,
        disclosure=_disclosure(disclosure, problems),
        target_ballots=_whole(target, "target_ballots", problems),
        visit_quota=_shape(quota, VisitQuota, "visit_quota", problems),
        bands=_bands(bands, problems),
        uses_demo_values=chooser.used_demo,
        warnings=tuple(problem for problem in problems if problem.severity is Severity.WARNING),
    )
    if scheme.grading.quota and scheme.grading.quota.most_false_percent is None:
        place = Place(file="scheme.yaml", key="grading.quota")
        warning = Problem("scheme.quota_without_limit", place, severity=Severity.WARNING)
        loaded = replace(loaded, warnings=(*loaded.warnings, warning))
    problems += _faults(loaded)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise SchemeError([problem for problem in problems if problem.severity is Severity.ERROR])
    return loaded


def read_values(file: Path) -> dict[str, Any]:
    """A district's own values, by id, from a YAML file. Raises `SchemeError`."""
    try:
        values = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise SchemeError.of("scheme.unreadable", Place(file=str(file)), reason=reason) from error
    if not isinstance(values, dict):
        raise SchemeError.of(
            "scheme.invalid", Place(file=str(file)), reason="lines of `id: value` are needed"
        )
    return {str(name): value for name, value in values.items()}


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where it is there: several times as fast."""


def _find(name_or_folder: str | Path) -> Path:
    folder = Path(name_or_folder)
    if folder.name == "scheme.yaml":
        folder = folder.parent
    if (folder / "scheme.yaml").is_file():
        return folder
    named = library_folder() / str(name_or_folder)
    if (named / "scheme.yaml").is_file():
        return named
    raise SchemeError.of("scheme.unknown", name=str(name_or_folder), known=", ".join(scheme_ids()))


def _read(path: Path, model: type[Model], problems: list[Problem]) -> Model | None:
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problems.append(
            Problem("scheme.unreadable", Place(file=path.name), {"reason": " ".join(str(error).split())})
        )
        return None
    return _validated(data, model, path.name, problems)


def _validated(
    data: Any, model: type[Model], file: str, problems: list[Problem], prefix: str = ""
) -> Model | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            key = ".".join(str(part) for part in fault["loc"])
            problems.append(_shape_problem(fault, Place(file=file, key=f"{prefix}{key}")))
        return None


def _shape_problem(fault: ErrorDetails, place: Place) -> Problem:
    """What the validator says, in words of ours where they help an official."""
    name = str(fault["loc"][-1]) if fault["loc"] else ""
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(name, _known_keys(), n=1)
        return Problem("scheme.unknown_key", place, {"name": name, "near": near[0] if near else "-"})
    if fault["type"] == "literal_error":
        expected = str(fault["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        return Problem("scheme.not_one_of", place, {"value": str(fault["input"]), "known": expected})
    if fault["type"] == "missing":
        return Problem("scheme.key_missing", place, {"name": name})
    return Problem("scheme.invalid", place, {"reason": fault["msg"]})


def _known_keys() -> list[str]:
    """All keys that scheme files may have."""
    from minping_engine.scheme import model

    parts = [part for part in vars(model).values() if isinstance(part, type) and issubclass(part, BaseModel)]
    return sorted({field.alias or name for part in parts for name, field in part.model_fields.items()})


class _Chooser:
    """Looks up values: override, then the dated value in force, then (demo only) the demo value."""

    def __init__(
        self,
        files: Mapping[str, ValueFile | None],
        on: date | None,
        overrides: dict[str, Any],
        demo: bool,
        problems: list[Problem],
    ) -> None:
        self.files, self.on = files, on
        self.overrides, self.demo, self.problems = overrides, demo, problems
        self.used_demo = False
        for name in sorted(overrides.keys() - files.keys()):
            problems.append(
                Problem(
                    "scheme.unknown_value", Place(key=name), {"name": name, "known": ", ".join(sorted(files))}
                )
            )

    def choose(self, reference: ValueRef | int | None) -> Any:
        if not isinstance(reference, ValueRef):
            return reference
        name = reference.value
        if name in self.overrides:
            return self.overrides[name]
        if name not in self.files:
            place = Place(file="scheme.yaml", key=name)
            self.problems.append(
                Problem("scheme.unknown_value", place, {"name": name, "known": ", ".join(sorted(self.files))})
            )
            return None
        file = self.files[name]
        if file is None:
            return None
        values = sorted(file.values, key=lambda value: _day(value.from_))
        dated = [value for value in values if self.on is None or _day(value.from_) <= self.on]
        chosen = dated[-1] if dated else values[0]
        if chosen.state == "in_force":
            return chosen.value
        if self.demo and file.demo is not None:
            self.used_demo = True
            return file.demo
        self.problems.append(
            Problem(
                "scheme.not_published",
                Place(file=f"values/{name}.yaml"),
                {"name": name, "title": file.title.zh, "title_en": file.title.en},
                Severity.WARNING,
            )
        )
        return None


def _day(start: object) -> date:
    """The first day of a value; one whose start is unknown held before all others."""
    return start if isinstance(start, date) else date.min


def _whole(value: Any, name: str, problems: list[Problem]) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    problems.append(
        Problem("scheme.invalid", Place(file=f"values/{name}.yaml"), {"reason": "a whole number is needed"})
    )
    return None


def _shape(value: Any, model: type[Model], name: str, problems: list[Problem]) -> Model | None:
    if value is None:
        return None
    return _validated(value, model, f"values/{name}.yaml", problems)


def _bands(value: Any, problems: list[Problem]) -> tuple[Band, ...]:
    """Bands, best first."""
    if value is None:
        return ()
    if not isinstance(value, list):
        problems.append(
            Problem(
                "scheme.invalid",
                Place(file="values/grade_bands.yaml"),
                {"reason": "a list of bands is needed"},
            )
        )
        return ()
    bands = [
        _validated(band, Band, "values/grade_bands.yaml", problems, f"{number}.")
        for number, band in enumerate(value)
    ]
    return tuple(sorted((band for band in bands if band), key=lambda band: -band.from_points))


def _disclosure(file: DisclosureFile, problems: list[Problem]) -> Disclosure:
    names = tuple(threshold.name for threshold in fields(Disclosure))
    for name in names:
        if name not in file.values:
            problems.append(
                Problem("scheme.invalid", Place(file="disclosure.yaml", key=name), {"reason": "missing"})
            )
    return Disclosure(**{name: file.values[name].value if name in file.values else 0 for name in names})


def _faults(loaded: LoadedScheme) -> list[Problem]:
    """What the structure alone cannot show."""
    scheme, problems = loaded.scheme, []
    items = scheme.instrument.items

    def fault(key: str, reason: str) -> None:
        problems.append(Problem("scheme.invalid", Place(file="scheme.yaml", key=key), {"reason": reason}))

    ids = [item.id for item in items]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        fault("instrument.items", f"item id {name} stands twice")
    for item in items:
        codes = [answer.code for answer in item.answers]
        if len(set(codes)) < len(codes):
            fault(f"instrument.items.{item.id}.answers", "a code stands twice")
        if min(answer.points for answer in item.answers) < 0 or item.max_milli <= 0:
            fault(
                f"instrument.items.{item.id}.answers", "points are not negative and one answer brings points"
            )
    if sum(item.max_milli for item in items) != scheme.scoring.total.points:
        fault(
            "scoring.total.points",
            f"the items' best answers add up to {sum(item.max_milli for item in items) / 1000:g} points",
        )
    if scheme.scoring.total.minimum_answered > len(items):
        fault("scoring.total.minimum_answered", f"the instrument has {len(items)} items")
    return problems + _grading_faults(loaded) + _fairness_faults(loaded)


def _grading_faults(loaded: LoadedScheme) -> list[Problem]:
    """Faults of the part `grading` and of the bands it names."""
    grading, found = loaded.scheme.grading, []

    def fault(key: str, reason: str) -> None:
        found.append(Problem("scheme.invalid", Place(file="scheme.yaml", key=key), {"reason": reason}))

    if sum(part is not None for part in (grading.bands, grading.chances, grading.quota)) > 1:
        fault("grading", "give only one of `bands`, `chances`, `quota`")
    if grading.chances and grading.chances.support_below > grading.chances.excellent_from:
        low, high = grading.chances.support_below / 1000, grading.chances.excellent_from / 1000
        fault("grading.chances", f"`support_below` ({low:g}) must not be above `excellent_from` ({high:g})")
    starts = [band.from_points for band in loaded.bands]
    if len(set(starts)) < len(starts):
        fault("values/grade_bands", "two bands start at the same points")
    if starts and starts[-1] > 0:
        fault("values/grade_bands", "the lowest band starts at 0, so that everybody has a grade")
    return found


def _fairness_faults(loaded: LoadedScheme) -> list[Problem]:
    """Faults of the part `fairness`."""
    scheme, found = loaded.scheme, []
    fairness, items = scheme.fairness, {item.id for item in scheme.instrument.items}

    def fault(key: str, reason: str) -> None:
        place = Place(file="scheme.yaml", key=f"fairness.{key}".rstrip("."))
        found.append(Problem("scheme.invalid", place, {"reason": reason}))

    if fairness is None:
        if scheme.grading.chances or scheme.grading.quota:
            fault("", "grades by chance or quota need the part `fairness`")
        return found
    names = {
        "margins": fairness.weighting.margins if fairness.weighting else (),
        "adjusters": tuple(use.variable for use in fairness.adjusters),
        "context": fairness.context,
    }
    for key, used in names.items():
        for name in sorted({name for name in used if used.count(name) > 1}):
            fault(key, f"{name} stands twice")
    levelled = fairness.weighting or fairness.adjusters or fairness.modes or fairness.context
    if fairness.counts != "direct" and not levelled:
        fault("counts", f"`{fairness.counts}` needs `weighting`, `adjusters`, `modes` or `context`")
    if fairness.modes and fairness.modes.reference not in scheme.means.modes:
        fault("modes.reference", f"`{fairness.modes.reference}` is none of the scheme's means.modes")
    if fairness.drivers_of is not None:
        for reason in _driver_faults(fairness.drivers_of, items):
            fault("drivers_of", reason)
    return found


def _driver_faults(outcome: str, items: set[str]) -> Iterator[str]:
    """Why an instrument cannot tell what goes with its overall item."""
    if outcome not in items:
        yield f"the instrument has no item {outcome}"
    if len(items) < 3:
        yield "drivers need at least two further items"
    if len(items) > MOST_DRIVERS:
        yield f"at most {MOST_DRIVERS} items can be driver and outcome; there are {len(items)}"
