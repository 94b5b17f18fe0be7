"""Two quarters of the small district as rows and files: assessed once in a process, shown as wished."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.utils import timezone

from minping_engine.reporting import OpenDataRound, write_open_data
from minping_engine.snapshot import json_sha256
from minping_web.access.rules import Role
from minping_web.accounts.models import User
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.assessments.selectors.runs import results_folder
from minping_web.common.clock import today
from minping_web.common.scope import system_scope
from minping_web.frames.models import Frame
from minping_web.objections.models import Preview
from minping_web.people.models import Person
from minping_web.places.models import Area
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import folder_of
from minping_web.results.selectors.places import OPEN_DATA
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.services.writing import snapshot_folder
from tests.engine.reporting.quarters import Quarters, small_quarters
from tests.web import factories

STREET, COMMUNITY, DISTRICT = "320106012", "320106012001", "320106"
LEVELS = ("district", "street", "community", "grid", "responsibility_area")


@cache
def quarters() -> Quarters:
    """2020Q3 and 2020Q4 with the same scheme."""
    return small_quarters(Path(tempfile.mkdtemp(prefix="minping-test-")), 2)


@cache
def open_data() -> Path:
    """The open data of the last quarter."""
    made, folder = quarters(), Path(tempfile.mkdtemp(prefix="minping-test-"))
    write_open_data(OpenDataRound(made.results[-1], made.scheme, made.snapshots[-1]), folder)
    return folder


@dataclass
class Results:
    """Places, people and runs of both quarters; nothing is previewed or published yet."""

    areas: dict[str, Area]
    people: dict[str, Person]
    runs: list[AssessmentRun] = field(default_factory=list)

    def results_of(self, who: str) -> list[AssessedResult]:
        """A person's results, oldest first."""
        return list(AssessedResult.objects.filter(assessee_id=who).order_by("run_id"))

    def somebody(self, code: str = COMMUNITY) -> str:
        """An assessed person of a place."""
        rows = self.runs[-1].results.filter(area=self.areas[code], status="assessed")
        return rows.order_by("assessee_id")[0].assessee_id

    def worker(self, who: str) -> User:
        """The account of an assessed person."""
        user = factories.user()
        factories.grant(user, Role.WORKER)
        Person.objects.filter(pk=self.people[who].pk).update(user=user)
        return user

    def office(self, role: str, code: str = "") -> User:
        """Somebody of an office."""
        user = factories.user()
        factories.grant(user, role, area=self.areas[code] if code else None)
        return user


def two_quarters() -> Results:
    """Rows and files of both quarters."""
    made = quarters()
    found = Results(_areas(), {})
    scheme = freeze_version(system_scope(), "gulou-worker", "2019.1")
    for number in range(len(made.results)):
        found.runs.append(_run(found, scheme, number))
    return found


def preview(run: AssessmentRun, **values: object) -> Preview:
    """The window is open for five days."""
    return Preview.objects.create(
        run=run, opened_at=timezone.now(), ends_on=today() + timedelta(days=5), **values
    )


def publish(run: AssessmentRun, *, with_open_data: bool = False) -> Publication:
    """The result holds."""
    made = Publication.objects.create(
        run=run, round=run.round, published_at=timezone.now(), folder=f"published-{run.pk}",
        manifest_sha256=f"{run.pk:064}",
    )  # fmt: skip
    if with_open_data:
        shutil.copytree(open_data(), folder_of(made).joinpath(*OPEN_DATA), dirs_exist_ok=True)
    return made


def again(run: AssessmentRun) -> AssessmentRun:
    """A further run of the round with the same rows."""
    results = list(run.results.all())
    copy = AssessmentRun.objects.get(pk=run.pk)
    copy.pk, copy.parent = None, run
    copy.save()
    for one in results:
        one.pk, one.run = None, copy
    AssessedResult.objects.bulk_create(results)
    return copy


def _areas() -> dict[str, Area]:
    table = quarters().snapshots[-1].table("areas").to_pylist()
    made: dict[str, Area] = {}
    for row in sorted(table, key=lambda row: LEVELS.index(row["level"]) if row["level"] in LEVELS else -1):
        made[row["area_id"]] = factories.area(
            row["level"], row["name"], made.get(row["parent_id"]), code=row["area_id"]
        )
    return made


def _run(found: Results, scheme: SchemeVersion, number: int) -> AssessmentRun:
    made, moment = quarters(), timezone.now()
    result, snapshot = made.results[number], made.snapshots[number]
    period, name = result.period, f"results-{result.period}-{snapshot.sha256[:8]}"
    frame = Frame.objects.create(
        name=f"抽样框 {period}", as_of=moment.date(), needed_until=moment.date(), made_at=moment
    )
    survey = SurveyRound.objects.create(
        name=f"{period} 居民评价", period=period, scheme=scheme, scheme_id_wanted="gulou-worker", frame=frame,
        level="responsibility_area", subject="community_worker", state=SurveyRound.State.CLOSED,
        opens_at=moment, closes_at=moment, made_at=moment,
    )  # fmt: skip
    sealed = SealedSnapshot.objects.create(
        round=survey, sha256=snapshot.sha256, folder=name, period=period, ballots=1, made_at=moment
    )
    shutil.copytree(snapshot.folder, snapshot_folder() / name, dirs_exist_ok=True)
    shutil.copytree(made.result_folders[number], results_folder() / name, dirs_exist_ok=True)
    run = AssessmentRun.objects.create(
        round=survey, snapshot=sealed, scheme=scheme, state=RunState.DONE, asked_at=moment, folder=name,
        result_sha256=json_sha256(result.head), counts=result.head["counts"], demo_values=True,
    )  # fmt: skip
    AssessedResult.objects.bulk_create(_row(found, run, row) for row in result["scores"].to_pylist())
    return run


def _row(found: Results, run: AssessmentRun, row: dict[str, object]) -> AssessedResult:
    who = str(row["assessee_id"])
    if who not in found.people:
        found.people[who] = Person.objects.create(code=who, name=str(row["name"]))
    return AssessedResult(
        run=run, assessee_id=who, kind="community_worker", name=row["name"], person=found.people[who],
        area=found.areas[str(row["area_id"])], group=row["comparison_group"] or "", ballots=row["n_ballots"],
        status=row["status"], reason=row["reason"] or "", standing=row["standing"] or "", score=row["score"],
        low=row["score_low"], high=row["score_high"], grade=row["grade"] or "", tie_band=row["tie_band"],
        progress=row["progress"], progress_state=row["progress_state"] or "",
    )  # fmt: skip
