"""Scores of places and organisations that a scheme makes public; of persons never (G1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minping_engine.reporting import grade_titles
from minping_engine.terms import PERSON_KINDS, AssesseeKind
from minping_web.assessments.models import AssessedResult
from minping_web.publications.services.contents import Opened

OPEN_TO = frozenset({"residents", "public"})


def public_subjects(found: Opened, language: str) -> list[dict[str, Any]]:
    """One row for each assessed place or organisation, by name; empty where the scheme says nothing of it."""
    scheme = found.scheme.scheme
    told = scheme.publication
    if told is None or not OPEN_TO.intersection(told.to) or scheme.assessee_kind in PERSON_KINDS:
        return []
    grades = grade_titles(found.scheme, language)
    rows = found.run.results.order_by("name", "pk")
    return [_row(one, told.what, grades) for one in rows if AssesseeKind(one.kind) not in PERSON_KINDS]


def _row(one: AssessedResult, what: Sequence[str], grades: dict[str, str]) -> dict[str, Any]:
    has_rank = "rank_bands" in what and one.rank_low is not None
    return {
        "name": one.name,
        "state": "" if one.is_assessed else one.said,
        "score": _points(one.score) if "scores" in what and one.is_assessed else "",
        "low": _points(one.low) if "scores" in what and one.is_assessed else "",
        "high": _points(one.high) if "scores" in what and one.is_assessed else "",
        "grade": grades.get(one.grade, one.grade) if "grades" in what else "",
        "rank_low": one.rank_low if has_rank else None,
        "rank_high": one.rank_high if has_rank else None,
        "of": one.ranked_of if has_rank else None,
        "band": one.tie_band if has_rank else None,
    }


def _points(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
