"""What a new scheme is made of, as an official answers it; also the format of `--answers FILE.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from minping_engine.errors import InputError, Place, Problem, SchemeError
from minping_engine.scheme import Bilingual
from minping_engine.scheme.model.words import Exact, Identifier
from minping_engine.terms import AssesseeKind, PeriodKind

FULL_MARKS = 100
Evidence = Literal["survey", "marks", "facts", "cases"]
RaterSource = Literal[
    "residents", "resident_representatives", "service_users", "units", "social_organisations", "peers",
    "supervisors", "leaders", "experts", "bureau", "professional_association", "volunteers",
    "representatives",
]  # fmt: skip
Follows = Literal["coaching", "report", "honour", "performance_pay"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class NewIndicator(_Part):
    """One indicator: what it is called, how many points, what it is made of."""

    title: Bilingual
    points: Annotated[Exact, Field(gt=0, le=FULL_MARKS)]
    made_of: Evidence


class NewRaters(_Part):
    """Who gives marks."""

    title: Bilingual
    source: RaterSource
    minimum: Annotated[int, Field(ge=1)] = 5


class NewGrade(_Part):
    """One grade, from so many points on."""

    label: Bilingual
    from_points: Annotated[Exact, Field(ge=0, le=FULL_MARKS)]


class Answers(_Part):
    """Everything that is asked."""

    id: Identifier
    title: Bilingual
    assessee_kind: AssesseeKind
    period: PeriodKind
    indicators: Annotated[tuple[NewIndicator, ...], Field(min_length=1, max_length=20)]
    raters: NewRaters | None = None
    grades: Annotated[tuple[NewGrade, ...], Field(min_length=2, max_length=8)]
    use: tuple[Follows, ...] = ("coaching",)
    objection_days: Annotated[int, Field(ge=5, le=60)] = 5
    review_days: Annotated[int, Field(ge=1, le=60)] = 5
    minutes_at_most: Annotated[int, Field(ge=0, le=600)] = 30

    def uses(self, kind: Evidence) -> bool:
        """Whether any indicator is made of that."""
        return any(indicator.made_of == kind for indicator in self.indicators)


def answers_from(data: Mapping[str, Any], file: str = "") -> Answers:
    """Answers, checked. Raises `SchemeError` with every fault."""
    try:
        answers = Answers.model_validate(data)
    except ValidationError as error:
        raise SchemeError(
            Problem(
                "scheme.invalid",
                Place(file=file, key=".".join(map(str, fault["loc"]))),
                {"reason": fault["msg"]},
            )
            for fault in error.errors(include_url=False)
        ) from error
    problems = [Problem(code, Place(file=file, key=key), params) for code, key, params in _faults(answers)]
    if problems:
        raise SchemeError(problems)
    return answers


def _faults(answers: Answers) -> list[tuple[str, str, dict[str, object]]]:
    """What the single answers cannot say."""
    found: list[tuple[str, str, dict[str, object]]] = []
    total = sum((indicator.points for indicator in answers.indicators), start=Fraction(0))
    if total != FULL_MARKS:
        found.append(("cli.points_do_not_add", "indicators", {"sum": float(total), "full": FULL_MARKS}))
    starts = [grade.from_points for grade in answers.grades]
    if starts != sorted(set(starts), reverse=True) or starts[-1] != 0:
        found.append(("cli.grades_out_of_order", "grades", {}))
    if answers.uses("marks") and answers.raters is None:
        found.append(("cli.raters_missing", "raters", {}))
    return found


def read_answers(path: Path) -> Answers:
    """Answers from a file. Raises `SchemeError`."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise SchemeError.of("scheme.unreadable", Place(file=path.name), reason=reason) from error
    if not isinstance(data, dict):
        raise InputError.of("cli.answers_empty", Place(file=path.name))
    return answers_from(data, path.name)
