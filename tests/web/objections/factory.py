"""An assessed round of two workers with their accounts, and interviews in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa
from django.test import Client
from django.utils import timezone

from minping_engine.snapshot import (
    BallotPart,
    SnapshotHead,
    arrow_schema,
    open_snapshot,
    read_parquet,
    seal_snapshot,
)
from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.services.running import ask_for_run, carry_out
from minping_web.common import approval
from minping_web.common.clock import today
from minping_web.common.scope import Scope, system_scope
from minping_web.objections.models import Exclusion, Objection, Preview
from minping_web.objections.services.filing import Draft, file_own
from minping_web.objections.services.previews import open_preview
from minping_web.objections.services.reviewing import check
from minping_web.people.models import Person
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.services.writing import snapshot_folder
from tests.web import factories
from tests.web.assessments import factory as assessing
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict
from tests.web.snapshots import factory as closing

IN_BATCH = 6
"""Ballots of the batch in which the first question was answered with no."""


@dataclass
class Assessed:
    """A done run of two workers, with who may act on it."""

    district: SmallDistrict
    run: AssessmentRun
    good: User
    bad: User

    def result(self, name: str = "王试1") -> AssessedResult:
        """One of the two."""
        return self.run.results.select_related("run", "area").get(name=name)


def assessed(district: SmallDistrict, *, batches: bool = False) -> Assessed:
    """Closed and assessed; with `batches` some of the bad worker's ballots are interviews."""
    sealed = assessing.close_for_two(assessing.open_for_two(district))
    if batches:
        sealed = with_batches(sealed)
    run = run_on(sealed)
    users = [worker(name) for name in ("王试0", "王试1")]
    return Assessed(district, run, users[0], users[1])


def worker(name: str) -> User:
    """The account of a person in the register."""
    made = factories.user()
    Person.objects.filter(name=name).update(user=made)
    factories.grant(made, "worker")
    return User.objects.get(pk=made.pk)


def run_on(sealed: SealedSnapshot, reason: str = "") -> AssessmentRun:
    """Asked for and carried out."""
    return finished(ask_for_run(system_scope(), sealed, reason=reason))


def finished(run: AssessmentRun) -> AssessmentRun:
    """What the job does."""
    carry_out(run.pk, closing.Quiet())
    run.refresh_from_db()
    assert run.state == "done", run.problems
    return run


def with_batches(sealed: SealedSnapshot) -> SealedSnapshot:
    """The same ballots, with the number of an interviewer's batch: 7 is against the worker, 8 has three."""
    opened = open_snapshot(folder_of(sealed))
    names = [file["path"].removesuffix(".parquet") for file in opened.manifest["files"]]
    tables = {name: opened.table(name) for name in names if "/" not in name and name != "ballots"}
    tables |= evidence_of(opened)
    parts = []
    for part in opened.parts:
        rows = read_parquet(part.path)
        bad = [place for place, target in enumerate(rows["target"].to_pylist()) if target == 1]
        numbers: list[int | None] = [None] * rows.num_rows
        for order, place in enumerate(bad):
            numbers[place] = 7 if order < IN_BATCH else 8 if order < IN_BATCH + 3 else None
        known = rows["item_q1"].to_pylist()
        better = [1 if place in bad and numbers[place] != 7 else code for place, code in enumerate(known)]
        at = rows.schema.get_field_index("item_q1")
        rows = rows.set_column(at, rows.schema.field(at), pa.array(better, rows.schema.field(at).type))
        rows = rows.append_column("cluster_batch", pa.array(numbers, pa.int32()))
        parts.append(BallotPart(part.instrument, part.district, rows))
    manifest = opened.manifest
    head = SnapshotHead(
        str(manifest["period"]), str(manifest["period_kind"]), str(manifest["source"]),
        synthetic=bool(manifest["synthetic"]), import_rule=manifest.get("import_rule", {}),
        merged_cells=tuple(manifest.get("merged_cells", ())),
    )  # fmt: skip
    folder = snapshot_folder() / f"round-{sealed.round_id}-batches"
    sha256 = seal_snapshot(folder, head, tables, parts)
    return SealedSnapshot.objects.create(
        round=sealed.round, sha256=sha256, folder=folder.name, period=sealed.period, ballots=sealed.ballots,
        made_at=timezone.now(), parent=sealed,
    )  # fmt: skip


def evidence_of(opened: Any) -> dict[str, pa.Table]:
    """Facts, marks and a figure of the place, as a closed collection of evidence brings them."""
    from minping_engine.snapshot import TABLES

    schema = {table.name: arrow_schema(table) for table in TABLES}
    who = opened.table("assessees").to_pylist()[1]["assessee_id"]
    area = opened.table("targets").to_pylist()[1]["area_id"]
    rows: dict[str, list[dict[str, Any]]] = {
        "facts": [{"assessee_id": who, "fact": "complaints", "value_milli": 1000, "text": None}],
        "costs": [{"assessee_id": who, "yuan": 1200.5, "yuan_se": None}],
        "appraisals": [
            {"assessee_id": who, "rater_group": "peers", "rater": 3, "item": "all", "rater_kind": None,
             "marks_milli": 60_000}
        ],
        "area_covariates": [{"area_id": area, "covariate": "share_aged_60", "value": 0.25}],
    }  # fmt: skip
    return {name: pa.Table.from_pylist(some, schema=schema[name]) for name, some in rows.items()}


def scope(who: User, *, fresh: bool = True) -> Scope:
    """Somebody's rights, a second factor just given."""
    return scope_of(who, second_factor_at=timezone.now() if fresh else None)


def bureau() -> Scope:
    """A new person of the district bureau."""
    return factories.scope_with("district_bureau", fresh=True)


def client_of(who: User) -> Client:
    """Signed in."""
    return sign_in(Client(), who)


def staff(role: str, **at: Any) -> User:
    """A new user with one role."""
    made = factories.user()
    factories.grant(made, role, **at)
    return made


def previewed(made: Assessed) -> Preview:
    """Opened by somebody of the bureau."""
    return open_preview(bureau(), made.run)


def filed(
    made: Assessed, subject: str = "other", text: str = "这批访问不是入户做的", **more: Any
) -> Objection:
    """The badly marked worker objects."""
    return file_own(scope(made.bad), made.result(), Draft(subject, text, **more))


def checked(made: Assessed, objection: Objection) -> Objection:
    """Street staff look at the evidence."""
    who = staff("street_staff", area=made.district.streets[0])
    return check(scope(who), objection, "情况属实", advises="granted")


def window_over(preview: Preview) -> None:
    """The last day was yesterday."""
    Preview.objects.filter(pk=preview.pk).update(ends_on=today() - timedelta(days=1))
    preview.refresh_from_db()


def signed(exclusions: Sequence[Exclusion]) -> None:
    """Somebody else of the bureau signs each."""
    for one in exclusions:
        assert one.proposal_id is not None
        approval.approve(bureau(), one.proposal_id)
        one.refresh_from_db()
