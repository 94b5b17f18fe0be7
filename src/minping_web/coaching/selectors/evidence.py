"""What a published result says, read from the files of its run: scores, proposals, questions.

Only the tables that are needed are read; the traces of a whole district would be many times larger.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from minping_engine.coaching import DimensionScores, SkillProfile, skill_profiles
from minping_engine.reporting import grade_titles
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import read_parquet
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import folder_of
from minping_web.coaching.rules.reasons import Text
from minping_web.schemes.selectors.versions import loaded

FEWEST_ANSWERS = 30
"""Of a question, below which a worker's profile leaves it out (docs/method/coaching.md)."""
FULL = 100.0
"""Questions are compared on this scale, so that a gap means the same in every scheme."""
Row = dict[str, Any]


def has_files(run: AssessmentRun) -> bool:
    """Whether the files of the run are where they belong."""
    return bool(run.folder) and (folder_of(run) / "scores.parquet").is_file()


def rows_of(run: AssessmentRun, table: str) -> list[Row]:
    """Rows of one table of the result; none where the result has no such table."""
    path = folder_of(run) / f"{table}.parquet"
    rows: list[Row] = read_parquet(path).to_pylist() if path.is_file() else []
    return rows


def by_assessee(rows: list[Row]) -> dict[str, Row]:
    """The row of each assessee."""
    return {row["assessee_id"]: row for row in rows}


def grouped(rows: list[Row]) -> dict[str, list[Row]]:
    """All rows of each assessee."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["assessee_id"]].append(row)
    return found


def scheme_of(run: AssessmentRun) -> LoadedScheme:
    """The frozen scheme of the run."""
    return loaded(run.scheme, demo=settings.DEMO)


def use_texts(scheme: LoadedScheme) -> dict[str, Text]:
    """Text of each use of results, in two languages."""
    return {use.id: {"zh": use.text.zh, "en": use.text.en} for use in scheme.scheme.use}


def number_of_grades(scheme: LoadedScheme) -> int:
    """How many grades there are; 0 without any."""
    return len(grade_titles(scheme, "zh"))


def dimension_names(scheme: LoadedScheme, language: str) -> dict[str, str]:
    """Id -> short name of each question."""
    return {
        item.id: item.short.of(language)
        for instrument in scheme.scheme.instruments
        for item in instrument.items
    }


def values_of(scheme: LoadedScheme) -> dict[str, Any]:
    """Values of the scheme by id."""
    return {name: used.value for name, used in scheme.values.items()}


@dataclass(frozen=True)
class Profiles:
    """Profiles of all assessees of a run; points are of 100."""

    assessees: tuple[str, ...]
    profiles: tuple[SkillProfile, ...]
    dimensions: tuple[str, ...]
    points: dict[tuple[str, str], float]

    def of(self, assessee_id: str) -> SkillProfile | None:
        """The profile of one assessee."""
        at = {who: number for number, who in enumerate(self.assessees)}.get(assessee_id)
        return None if at is None else self.profiles[at]


NO_PROFILES = Profiles((), (), (), {})


def profiles_of(run: AssessmentRun) -> Profiles:
    """Where each assessee is really behind or ahead, by question; empty without the files."""
    return _profiles(str(folder_of(run)), run.result_sha256) if has_files(run) else NO_PROFILES


@lru_cache(maxsize=4)
def _profiles(folder: str, _sha256: str) -> Profiles:
    scores = read_parquet(Path(folder) / "scores.parquet").to_pylist()
    answers = read_parquet(Path(folder) / "indicators.parquet").to_pylist()
    who = tuple(row["assessee_id"] for row in scores)
    asked = tuple(sorted({row["indicator"] for row in answers if row["max_points"] > 0}))
    points, errors = _tables(answers, who, asked)
    group = _numbers([row["comparison_group"] or "" for row in scores])
    made = skill_profiles(DimensionScores(asked, points, errors, group)) if who and asked else ()
    known = {
        (who[row], asked[column]): float(points[row, column])
        for row, column in np.argwhere(~np.isnan(points))
    }
    return Profiles(who, made, asked, known)


def _tables(answers: list[Row], who: tuple[str, ...], asked: tuple[str, ...]) -> tuple[Any, Any]:
    """Points and errors (assessees, questions) of 100; the scatter of a question is that of the district.

    Where all households answered alike an own error would be nought; the smoothed one is not.
    """
    row_of, column_of = ({name: at for at, name in enumerate(names)} for names in (who, asked))
    points, errors = (np.full((len(who), len(asked)), np.nan) for _ in range(2))
    counts = np.full(points.shape, np.nan)
    for row in answers:
        at = row_of.get(row["assessee_id"]), column_of.get(row["indicator"])
        if None in at or row["points"] is None or row["se"] is None or row["n"] < FEWEST_ANSWERS:
            continue
        points[at] = FULL * row["points"] / row["max_points"]
        errors[at] = FULL * row["se"] / row["max_points"]
        counts[at] = row["n"]
    with np.errstate(invalid="ignore"):
        unit = np.array([_mean(column) for column in (errors**2 * counts).T])
    smoothed = np.sqrt(unit / counts)
    points[~(smoothed > 0)] = np.nan
    return points, np.where(np.isnan(points), np.nan, smoothed)


def _mean(values: Any) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _numbers(labels: list[str]) -> Any:
    return np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)[1].astype(np.int64)
