"""Loading a scheme: YAML files -> `LoadedScheme`, or all problems at once, with their rows.

Looks up dated values, overrides given by a district (`--values FILE`) and, in demonstrations
only, demo values. The hash covers everything that decides a result: scheme with the values in
force, thresholds. A scheme is named by its id in the library or by the path of its folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from minping_engine.errors import Place, Problem, SchemeError, Severity
from minping_engine.scheme.checks import scheme_faults, value_faults
from minping_engine.scheme.checks.earlier import told_of_periods
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import (
    Band,
    DisclosureFile,
    Fairness,
    Instrument,
    Scheme,
    ValueFile,
    VisitQuota,
)
from minping_engine.scheme.reading import in_own_file, read_model, read_yaml, told_once, validated
from minping_engine.scheme.reading import read_values as read_values  # part of this module's front
from minping_engine.scheme.rows import with_rows
from minping_engine.scheme.rules import Rules, compile_rules
from minping_engine.scheme.values import UsedValue, Values, exact_number

MOST_NAMED = 12
"""Ids that are told where a scheme is not known."""


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
    """A scheme with its values looked up. Points of ballots are thousandths."""

    scheme: Scheme
    folder: Path
    disclosure: Disclosure
    values: Mapping[str, UsedValue]
    warnings: tuple[Problem, ...] = field(default=())

    def __getstate__(self) -> dict[str, Any]:
        """Without compiled rules: another process compiles its own."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def key(self) -> str:
        """ID@VERSION."""
        return f"{self.scheme.id}@{self.scheme.version}"

    @property
    def uses_demo_values(self) -> bool:
        """Whether a demo value stands for one that was not published."""
        return any(value.origin == "demo" for value in self.values.values())

    @property
    def unfilled(self) -> tuple[Problem, ...]:
        """Values that nobody has published or filled in: a real run is refused."""
        return tuple(problem for problem in self.warnings if problem.code == "scheme.not_published")

    @property
    def target_ballots(self) -> int | None:
        """Ballots wanted per assessee."""
        return self.scheme.sampling.target_ballots

    @property
    def visit_quota(self) -> VisitQuota | None:
        """Households to visit (S3)."""
        return self.scheme.sampling.visit_quota

    @property
    def bands(self) -> tuple[Band, ...]:
        """Bands, best first; none where grades are made otherwise or differ by class."""
        bands = self.scheme.grading.bands
        return best_first(bands) if isinstance(bands, tuple) else ()

    def with_fairness(self, fairness: Fairness | None) -> LoadedScheme:
        """The same scheme with another part `fairness`."""
        return self.changed(fairness=fairness)

    def with_instrument(self, instrument: Instrument) -> LoadedScheme:
        """The same scheme with one questionnaire: what reduces ballots looks at one at a time."""
        return self.changed(instruments=(instrument,))

    def changed(self, **parts: Any) -> LoadedScheme:
        """The same scheme with other parts."""
        return replace(self, scheme=self.scheme.model_copy(update=parts))

    @cached_property
    def rules(self) -> Rules:
        """Its expressions, compiled."""
        return compile_rules(self.scheme, {name: Unit(self.values[name].unit) for name in self.numbers})[0]

    @cached_property
    def numbers(self) -> dict[str, Fraction]:
        """Values that expressions may name."""
        rows = {name: exact_number(used.value, used.unit) for name, used in self.values.items()}
        return {name: number for name, number in rows.items() if number is not None}

    @cached_property
    def content(self) -> dict[str, Any]:
        """Everything that decides a result, as plain data: what the hash covers."""
        return {
            "scheme": self.scheme.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "disclosure": vars(self.disclosure),
            "values": {name: _plain(used.value) for name, used in sorted(self.values.items())},
        }


def _plain(value: Any) -> Any:
    """A value as JSON holds it: keys are text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def best_first(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    """Bands in falling order of points."""
    return tuple(sorted(bands, key=lambda band: -band.from_points))


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
    values by id; null means "deliberately not used". Raises `SchemeError` with every problem found.
    """
    folder = find_scheme(name_or_folder)
    problems: list[Problem] = []
    raw = read_yaml(folder / "scheme.yaml", problems, "scheme.yaml")
    paths = sorted((folder / "values").glob("*.yaml"))
    files = {path.stem: read_model(path, ValueFile, problems) for path in paths}
    known = {name: file for name, file in files.items() if file is not None}
    try:
        if raw is None:
            raise SchemeError(problems)
        return _loaded(raw, folder, Values(known, on, values or {}, demo, problems))
    except SchemeError as error:
        told = told_once(error.problems, files.keys() - known.keys(), getattr(values, "file", ""))
        replaced = {f"values/{name}.yaml" for name in values or {}}
        raise SchemeError(with_rows(told, folder, without=replaced)) from None


def scheme_from_data(raw: Any, base: LoadedScheme) -> LoadedScheme:
    """The scheme of `base`'s folder with other content, `raw`, its values already in place.

    For changed schemes of the lab and of tests. Raises `SchemeError`.
    """
    chooser = Values({}, None, {}, False, [])
    chooser.used |= base.values
    return _loaded(raw, base.folder, chooser)


def _loaded(raw: Any, folder: Path, chooser: Values) -> LoadedScheme:
    problems = chooser.problems
    broken = any(problem.code != "scheme.unknown_value" for problem in problems)
    data = chooser.put_into(raw)
    disclosure = read_model(library_folder() / "common" / "disclosure.yaml", DisclosureFile, problems)
    scheme = validated(data, Scheme, chooser)
    if scheme is None or disclosure is None or broken:
        raise SchemeError(problems)
    thresholds = _disclosure(disclosure, problems)
    rules, found = compile_rules(scheme, chooser.units())
    wrong = told_of_periods(found, scheme)
    for name in sorted(rules.names & chooser.units().keys()):
        chooser.choose(name, ())
    problems += [*chooser.unfilled(), *_of_filled(scheme_faults(scheme), chooser), *wrong]
    problems += value_faults(chooser.used)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise SchemeError(in_own_file(problem, chooser) for problem in errors)
    warnings = tuple(problem for problem in problems if problem.severity is Severity.WARNING)
    return LoadedScheme(scheme, folder, thresholds, chooser.used, warnings)


def _of_filled(faults: list[Problem], chooser: Values) -> list[Problem]:
    """Without those of money by grade while a value is held by a demo value only: its grades are nobody's."""
    if not chooser.unfilled():
        return faults
    return [
        fault
        for fault in faults
        if not (fault.code == "scheme.unknown_id" and fault.place.key.endswith(".money.by_grade"))
    ]


def find_scheme(name_or_folder: str | Path) -> Path:
    """Folder of a scheme, by library id or path. Raises `SchemeError`."""
    folder = Path(name_or_folder)
    if folder.name == "scheme.yaml":
        folder = folder.parent
    if (folder / "scheme.yaml").is_file():
        return folder
    named = library_folder() / str(name_or_folder)
    if (named / "scheme.yaml").is_file():
        return named
    raise SchemeError.of("scheme.unknown", name=str(name_or_folder), known=_nearest(str(name_or_folder)))


def _nearest(name: str) -> str:
    """Some ids of the library, nearest first."""
    ids = sorted(scheme_ids(), key=lambda known: -SequenceMatcher(None, name.lower(), known).ratio())
    return ", ".join([*ids[:MOST_NAMED], *(["…"] if len(ids) > MOST_NAMED else [])])


def _disclosure(file: DisclosureFile, problems: list[Problem]) -> Disclosure:
    names = tuple(threshold.name for threshold in fields(Disclosure))
    for name in names:
        if name not in file.values:
            problems.append(
                Problem("scheme.key_missing", Place(file="disclosure.yaml", key=name), {"name": name})
            )
    return Disclosure(**{name: file.values[name].value if name in file.values else 0 for name in names})
