"""Earlier quarters of the demonstration: taken over from simulated snapshots, assessed, published.

Two pilot streets over eight quarters, the story's among them. Each quarter goes the product's way from its
sealed folder on: taken over, assessed by a job, previewed, published; so each carries what was published
before it. It works in stages like the rounds: where a job of the product must run first, it is returned.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from minping_engine.assessment import earlier_tables
from minping_engine.demo import District
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.assessments.services.running import ask_for_run
from minping_web.common.scope import entered, system_scope
from minping_web.jobs.models import Job
from minping_web.jobs.rules import Progress
from minping_web.people.models import Person
from minping_web.publications.selectors.current import publication_of_round
from minping_web.publications.selectors.history import published_before
from minping_web.publications.services.publish import publish_now
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.models import SchemeVersion
from minping_web.site.demo import round_seed, story_seed
from minping_web.site.demo.accounts import STREET_CODE
from minping_web.site.demo.history_tables import Pilot
from minping_web.site.demo.round_plan import BUREAU, SCHEME, acting
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.tables import person_id
from minping_web.snapshots.services.taking_over import HeldElsewhere, take_over
from minping_web.snapshots.services.writing import snapshot_folder

PILOT_STREETS = ("320106003", "320106012")
"""湖南路 as in the sources (S20); in a small district the one that is there."""
ASKED_FOR = timedelta(days=30)


def pilot_of(district: District) -> Pilot:
    """The story's street and one more; ids of everybody who stands in the register."""
    known = {area.area_id for area in district.places.areas}
    other = next(code for code in PILOT_STREETS if code in known)
    ids = {code: person_id(pk) for code, pk in Person.objects.values_list("code", "pk")}
    return Pilot(district, (STREET_CODE, other), ids)


def name_of(quarter: str) -> str:
    """The round's name on pages."""
    number = "一二三四"[int(quarter[-1]) - 1]
    return f"{quarter[:4]}年第{number}季度（试点街道，演示）"


def round_of(quarter: str) -> SurveyRound | None:
    """The quarter's round, once it was taken over."""
    return SurveyRound.objects.filter(name=name_of(quarter)).order_by("pk").first()


def bring(quarter: str, pilot: Pilot) -> SealedSnapshot:
    """Simulate, seal with what was published before, take over."""
    found = round_of(quarter)
    if found is not None:
        return SealedSnapshot.objects.filter(round=found).earliest("pk")
    scheme = _scheme()
    earlier = earlier_tables(published_before(scheme.scheme_id, quarter))
    draft = snapshot_folder() / f".taken-over-{secrets.token_hex(6)}"
    pilot.seal(quarter, draft, earlier)
    bureau = acting(BUREAU)
    with entered(bureau):
        return take_over(bureau, draft, _about(quarter, scheme))


def _about(quarter: str, scheme: SchemeVersion) -> HeldElsewhere:
    year, number = int(quarter[:4]), int(quarter[-1])
    opened = timezone.make_aware(datetime.combine(date(year, 3 * number, 1), time(9)))
    return HeldElsewhere(name_of(quarter), scheme, opened, opened + ASKED_FOR, is_pilot=True)


def _scheme() -> SchemeVersion:
    round_seed.seed_questionnaire()
    return SchemeVersion.objects.filter(scheme_id=SCHEME).earliest("pk")


def publish(quarter: str, pilot: Pilot, progress: Progress) -> list[Job | None]:
    """Bring a quarter as far as its publication; the jobs that must run first, if any."""
    run = assessed(bring(quarter, pilot))
    if run.state != RunState.DONE:
        return [run.job]
    holds, waiting = story_seed.settle(quarter, run)
    if waiting:
        return waiting
    if publication_of_round(run.round_id) is None:
        publish_now(system_scope(), holds, progress=progress)
    story_seed.help_the_worker(quarter)
    story_seed.pay_out(quarter, run.round)
    return []


def assessed(snapshot: SealedSnapshot) -> AssessmentRun:
    """Its run, once; the job may still wait."""
    run = AssessmentRun.objects.filter(snapshot=snapshot).order_by("pk").first()
    return run or ask_for_run(acting(BUREAU), snapshot)
