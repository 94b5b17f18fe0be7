"""Published results made of numbers, without ballots: quarters of a district of invented workers.

The files of a run are written as the engine writes them, so that everything which reads them is the product.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import numpy as np
import pyarrow as pa
from django.utils import timezone

from minping_engine.assessment import Result, write_result
from minping_engine.assessment.result import INDICATORS, SCORES, empty_tables
from minping_engine.assessment.scored.tables import OUTCOMES, PROPOSALS
from minping_web.access.selectors import scope_of
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.assessments.selectors.runs import results_folder
from minping_web.coaching.services.opening import open_after_publication
from minping_web.common.scope import Scope, system_scope
from minping_web.frames.models import Frame
from minping_web.people.models import Person, Posting
from minping_web.people.rules import PostingRole
from minping_web.publications.events import Published
from minping_web.publications.models import Publication
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from tests.web import factories
from tests.web.factories import SmallDistrict

_numbers = count(1)
"""Of runs: files of one test are never those of another."""
ITEMS = ("q1", "q2", "q3", "q4", "q5")
COACHING, EXPERIENCE = "coaching", "experience"
LAST_GRADE = 4
QUARTERS = {
    "2020Q1": (date(2020, 1, 10), date(2020, 1, 30)),
    "2020Q2": (date(2020, 4, 10), date(2020, 4, 30)),
    "2020Q3": (date(2020, 7, 10), date(2020, 7, 30)),
}


@dataclass
class Workers:
    """A district with workers posted to its responsibility areas in turn."""

    district: SmallDistrict
    people: list[Person]
    scheme: SchemeVersion

    def assessee(self, at: int) -> str:
        """As results know her."""
        return f"P{self.people[at].pk:06d}"

    def place(self, at: int) -> Any:
        """Her area: the one of her number, round and round."""
        areas = self.district.responsibility_areas
        return areas[at % len(areas)]


def workers(district: SmallDistrict, n: int = 6) -> Workers:
    """People with postings; several may share an area as stand-ins."""
    people = Person.objects.bulk_create(Person(code=f"W{at:04d}", name=f"王试{at}") for at in range(n))
    made = Workers(district, people, freeze_version(system_scope(), "gulou-worker", "2019.1"))
    owners = len(district.responsibility_areas)
    roles = [PostingRole.RESPONSIBLE if at < owners else PostingRole.PART_TIME for at in range(n)]
    Posting.objects.bulk_create(
        Posting(person=person, area=made.place(at), role=roles[at], starts_on=date(2019, 1, 1))
        for at, person in enumerate(people)
    )
    return made


@dataclass
class Quarter:
    """What one published quarter says: by worker's number."""

    period: str
    score: Mapping[int, float]
    se: float = 2.0
    step: Mapping[int, int] = field(default_factory=dict)
    fell: Mapping[int, float] = field(default_factory=dict)
    asked: Mapping[int, Sequence[tuple[str, dict[str, str]]]] = field(default_factory=dict)
    """Uses of results that hold, with their basis."""
    items: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    n: int = 60


def publish(made: Workers, quarter: Quarter, *, supersedes: Publication | None = None) -> Publication:
    """Files, rows, publication, and what coaching does about it."""
    run = _run(made, quarter)
    moment = timezone.now()
    if supersedes:
        Publication.objects.filter(pk=supersedes.pk).update(superseded_at=moment)
    published = Publication.objects.create(
        run=run, round=run.round, supersedes=supersedes, published_at=moment, folder=f"test-{run.pk}",
        manifest_sha256=f"{run.pk:064x}", code=f"T{run.pk}",
    )  # fmt: skip
    open_after_publication(Published(published.pk, run.pk, supersedes.pk if supersedes else None))
    return published


def _run(made: Workers, quarter: Quarter) -> AssessmentRun:
    opens, closes = QUARTERS[quarter.period]
    frame, _new = Frame.objects.get_or_create(
        name="测试框", defaults={"as_of": opens, "needed_until": closes, "made_at": timezone.now()}
    )
    round_, _new = SurveyRound.objects.get_or_create(
        name=f"{quarter.period}评议", period=quarter.period, scheme=made.scheme, frame=frame,
        scheme_id_wanted="gulou-worker", level="responsibility_area", subject="community_worker",
        opens_at=datetime.combine(opens, datetime.min.time(), UTC) + timedelta(hours=4),
        closes_at=datetime.combine(closes, datetime.min.time(), UTC) + timedelta(hours=4),
        made_at=timezone.now(),
    )  # fmt: skip
    number = next(_numbers)
    snapshot = SealedSnapshot.objects.create(
        round=round_, sha256=f"{number:064d}", folder="none", period=quarter.period, ballots=0,
        made_at=timezone.now(),
    )  # fmt: skip
    run = AssessmentRun.objects.create(
        round=round_, snapshot=snapshot, scheme=made.scheme, state=RunState.DONE, asked_at=timezone.now(),
        result_sha256=f"{number:064x}", folder=f"coaching-{quarter.period}-{number}",
    )  # fmt: skip
    write_result(_result(made, quarter), results_folder() / run.folder)
    AssessedResult.objects.bulk_create(
        AssessedResult(
            run=run, assessee_id=made.assessee(at), kind="community_worker", name=made.people[at].name,
            area=made.place(at), person=made.people[at], status="assessed", score=score,
        )
        for at, score in quarter.score.items()
    )  # fmt: skip
    return run


def _result(made: Workers, quarter: Quarter) -> Result:
    tables = {
        **empty_tables(),
        "scores": _table(SCORES, (_score(made, quarter, at) for at in quarter.score)),
        "outcomes": _table(OUTCOMES, (_outcome(made, quarter, at) for at in quarter.score)),
        "proposals": _table(PROPOSALS, _proposals(made, quarter)),
        "indicators": _table(INDICATORS, _indicators(made, quarter)),
    }
    return Result(tables, {"period": quarter.period, "instruments": []})


def _table(schema: pa.Schema, rows: Any) -> pa.Table:
    return pa.Table.from_pylist([{**dict.fromkeys(schema.names), **row} for row in rows], schema=schema)


def _score(made: Workers, quarter: Quarter, at: int) -> dict[str, Any]:
    score, fall = quarter.score[at], quarter.fell.get(at)
    return {
        "assessee_id": made.assessee(at), "kind": "community_worker", "name": made.people[at].name,
        "area_id": "A", "period": quarter.period, "n_ballots": quarter.n, "n_rejected": 0,
        "direct": score, "direct_se": quarter.se, "score": score, "score_low": score - 2 * quarter.se,
        "score_high": score + 2 * quarter.se, "difference": score - 85, "status": "assessed",
        "below_target": False, "shared_target": False, "year_periods": 1, "adjusted": score,
        "adjusted_se": quarter.se, "typical_se": quarter.se, "reliability": 0.9, "comparison_group": "A",
        "borderline": False, "progress": fall, "progress_se": None if fall is None else 1.0,
        "p_better": None if fall is None else 0.001, "progress_state": None if fall is None else "shown",
    }  # fmt: skip


def _outcome(made: Workers, quarter: Quarter, at: int) -> dict[str, Any]:
    step = quarter.step.get(at, 2)
    return {
        "assessee_id": made.assessee(at), "period": quarter.period, "name": made.people[at].name,
        "area_id": "A", "group": "", "score": quarter.score[at], "status": "assessed", "grade": f"G{step}",
        "grade_step": step, "counts": "{}", "vetoes": "", "cards": "",
    }  # fmt: skip


def _proposals(made: Workers, quarter: Quarter) -> list[dict[str, Any]]:
    return [
        {"assessee_id": made.assessee(at), "period": quarter.period, "use": use, "kind": "coaching",
         "rule": "", "basis": json.dumps(basis), "told_apart": None, "signatures": 1}
        for at, uses in quarter.asked.items() for use, basis in uses
    ]  # fmt: skip


def _indicators(made: Workers, quarter: Quarter) -> list[dict[str, Any]]:
    return [
        {"assessee_id": made.assessee(at), "period": quarter.period, "indicator": item, "n": quarter.n,
         "points": points, "max_points": 20.0, "se": 0.5}
        for at, items in quarter.items.items() for item, points in items.items()
    ]  # fmt: skip


def last_grade() -> list[tuple[str, dict[str, str]]]:
    """What gulou-worker asks of whoever is in the last grade."""
    return [(COACHING, {"grade_step": str(LAST_GRADE), "grade_steps": str(LAST_GRADE), "grade_change": "0"})]


def noisy(n: int, seed: int, *, spread: float = 3.0, error: float = 1.5) -> Callable[[], dict[int, float]]:
    """True levels that stay, and each call another quarter's scores around them."""
    random = np.random.default_rng(seed)
    level = random.normal(85, spread, n)

    def quarter() -> dict[int, float]:
        return {at: float(value) for at, value in enumerate(level + random.normal(0, error, n))}

    return quarter


def worker_scope(person: Person) -> Scope:
    """The worker with an account."""
    who = factories.user()
    Person.objects.filter(pk=person.pk).update(user=who)
    factories.grant(who, "worker")
    return scope_of(who)
