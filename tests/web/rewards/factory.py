"""Published results whose consequences were drafted: the small district, and demonstrations of schemes."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from django.utils import timezone

from minping_engine.assessment import read_result
from minping_engine.demo import run_scheme_demo
from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import folder_of
from minping_web.common.events import tell
from minping_web.common.scope import Scope, system_scope
from minping_web.frames.models import Frame
from minping_web.publications.events import Published
from minping_web.publications.models import Publication
from minping_web.rewards.models import Sheet
from minping_web.rewards.selectors.sheets import seen_of
from minping_web.rewards.services.lines import enter_budget
from minping_web.rewards.services.signing import prepare, sign
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.services.freezing import freeze_version
from tests.web import factories
from tests.web.publications import factory as publishing

SEED = 2019


def bureau() -> User:
    """Somebody of the district bureau."""
    who = factories.user()
    factories.grant(who, "district_bureau")
    return who


def fresh(who: User) -> Scope:
    """The scope of somebody who has just given a second factor."""
    return scope_of(who, second_factor_at=timezone.now())


def signed(sheet: Sheet, *, fen: int = 10**9) -> Sheet:
    """Prepared by one person and signed by as many others as it needs."""
    if sheet.has_money:
        enter_budget(fresh(bureau()), sheet, fen=fen, source="区财〔2020〕1号")
    made = prepare(fresh(bureau()), sheet.pk)
    for _turn in range(sheet.signatures_needed):
        sign(fresh(bureau()), sheet.pk, seen=seen_of(made), not_told_apart="按方案并列发放")
    return Sheet.objects.get(pk=sheet.pk)


def published(run: AssessmentRun, *, supersedes: Publication | None = None) -> Publication:
    """A publication without its files: what this app reads of it is the run and the event."""
    moment = timezone.now()
    if supersedes:
        Publication.objects.filter(pk=supersedes.pk).update(superseded_at=moment)
    made = Publication.objects.create(
        run=run,
        round=run.round,
        supersedes=supersedes,
        published_at=moment,
        folder=f"test-{run.pk}",
        manifest_sha256=hashlib.sha256(f"{run.pk}".encode()).hexdigest(),
        code=f"TEST{run.pk}",
    )
    tell(Published(made.pk, run.pk, supersedes.pk if supersedes else None))
    return made


def published_demos(scheme_id: str, *periods: str) -> list[Publication]:
    """Periods of a scheme's demonstration, assessed by the product and published; all of them by default."""
    home = Path(tempfile.mkdtemp(prefix="minping-test-"))
    known = run_scheme_demo(scheme_id, SEED, home)
    frozen = freeze_version(system_scope(), scheme_id, _version(scheme_id))
    return [published(_assessed(frozen, period, home)) for period in periods or known]


def _version(scheme_id: str) -> str:
    from minping_engine.scheme import find_scheme, load_scheme

    return load_scheme(find_scheme(scheme_id), demo=True).scheme.version


def _assessed(frozen: object, period: str, home: Path) -> AssessmentRun:
    moment = timezone.now()
    frame = Frame.objects.create(
        name=f"抽样框 {period}", as_of=moment.date(), needed_until=moment.date(), made_at=moment
    )
    found = SurveyRound.objects.create(
        name=f"{period} 考核", period=period, scheme=frozen, scheme_id_wanted=frozen.scheme_id,
        frame=frame, level="responsibility_area", subject="community_worker", is_taken_over=True,
        state=SurveyRound.State.CLOSED, opens_at=moment, closes_at=moment, made_at=moment,
    )  # fmt: skip
    return publishing.assessed(publishing.register(found, home / "snapshots" / period))


def proposals_of(publication: Publication, use: str) -> dict[str, int | None]:
    """What the engine itself proposes: fen by assessee."""
    rows = read_result(folder_of(publication.run))["proposals"].to_pylist()
    return {row["assessee_id"]: row["fen"] for row in rows if row["use"] == use}
