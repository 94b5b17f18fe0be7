"""A whole small district, assessed and published, without closing a round: two streets, 42 workers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from minping_engine.assessment import earlier_tables, read_result
from minping_engine.demo import DemoParameters, District, make_district, seal_quarter
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot, json_sha256, open_snapshot
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import folder_of, results_folder
from minping_web.assessments.services import running
from minping_web.assessments.services.running import ask_for_run, carry_out
from minping_web.common.scope import system_scope
from minping_web.frames.models import Frame
from minping_web.jobs.rules import Progress
from minping_web.publications.models import Publication
from minping_web.publications.services import folder
from minping_web.publications.services.publish import publish_now
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.services.writing import snapshot_folder
from tests.web.snapshots.factory import Quiet


@cache
def _district() -> District:
    return make_district(DemoParameters.small(), 2019)


@cache
def _sealed(quarter: str) -> Path:
    """One quarter, sealed once in a process."""
    folder = Path(tempfile.mkdtemp(prefix="minping-test-")) / quarter
    seal_quarter(_district(), quarter, folder)
    return folder


def snapshot_of(quarter: str = "2020Q4", *, after: AssessmentRun | None = None) -> SealedSnapshot:
    """A round that was held elsewhere, with its snapshot; `after`: the run of the quarter before."""
    moment = timezone.now()
    if after is None:
        source = _sealed(quarter)
    else:
        source = Path(tempfile.mkdtemp(prefix="minping-test-")) / quarter
        seal_quarter(_district(), quarter, source, earlier_tables([read_result(folder_of(after))]))
    scheme = freeze_version(system_scope(), "gulou-worker", "2019.1")
    frame = Frame.objects.create(
        name=f"抽样框 {quarter}", as_of=moment.date(), needed_until=moment.date(), made_at=moment
    )
    found = SurveyRound.objects.create(
        name=f"{quarter} 居民评价", period=quarter, scheme=scheme, scheme_id_wanted="gulou-worker",
        frame=frame, level="responsibility_area", subject="community_worker", is_taken_over=True,
        state=SurveyRound.State.CLOSED, opens_at=moment, closes_at=moment, made_at=moment,
    )  # fmt: skip
    return register(found, source)


def register(found: SurveyRound, source: Path, **values: Any) -> SealedSnapshot:
    """Put a sealed folder where snapshots lie."""
    opened = open_snapshot(source, verify=False)
    name = f"round-{found.pk}-{opened.sha256[:12]}"
    shutil.copytree(source, snapshot_folder() / name, dirs_exist_ok=True)
    ballots = sum(part.rows for part in opened.parts)
    return SealedSnapshot.objects.create(
        round=found, sha256=opened.sha256, folder=name, period=found.period, ballots=ballots,
        made_at=timezone.now(), **values,
    )  # fmt: skip


_kept: dict[tuple[str, str, bool], Path] = {}
_made = running._made


def _made_once(run: AssessmentRun, snapshot: Snapshot, scheme: LoadedScheme, progress: Progress) -> Any:
    """What the engine made before of the same snapshot and scheme, in the place where this run keeps it."""
    key = (snapshot.sha256, run.scheme.sha256, scheme.uses_demo_values)
    if key not in _kept:
        result, folder = _made(run, snapshot, scheme, progress)
        home = Path(tempfile.mkdtemp(prefix="minping-test-")) / "result"
        _kept[key] = Path(shutil.copytree(folder, home))
        return result, folder
    result = read_result(_kept[key])
    folder = results_folder() / f"run-{run.pk}-{json_sha256(result.head)[:12]}"
    shutil.copytree(_kept[key], folder, dirs_exist_ok=True)
    return result, folder


def assessed(snapshot: SealedSnapshot, reason: str = "") -> AssessmentRun:
    """The engine on a snapshot; needs `settings.DEMO`, since the district's bands were never published.

    It is a pure function, so it runs once in a process: rows, states and entries are the product's each time.
    """
    run = ask_for_run(system_scope(), snapshot, reason=reason)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(running, "_made", _made_once)
        carry_out(run.pk, Quiet())
    run.refresh_from_db()
    return run


def assessed_district(quarter: str = "2020Q4") -> AssessmentRun:
    """One quarter of the small district, assessed."""
    return assessed(snapshot_of(quarter))


@contextmanager
def without_tables() -> Iterator[None]:
    """Open data take two thirds of publishing; who does not look at them leaves them out."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folder, "write_open_tables", lambda *given: "none")
        yield


def published_district(quarter: str = "2020Q4", *, cards: bool = False, tables: bool = False) -> Publication:
    """One quarter of the small district, published; `tables`: with open data."""
    run = assessed_district(quarter)
    with nullcontext() if tables else without_tables():
        return publish_now(system_scope(), run, cards=cards)
