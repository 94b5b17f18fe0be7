"""What happens in the demonstration between a result and its publication, and after it.

One quarter is disputed: a worker's objection is refused, a community's is granted, an area's round is left
out by two signatures, and the corrected result is published. After the first quarter the story's worker gets
a coaching plan, which ends when it reached its goals. The pay of the last quarter is signed and taken. Each
step looks what is there already.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.rules.words import RunState
from minping_web.coaching.models import CoachingPlan, Step
from minping_web.coaching.rules.words import EndedAs, Known, Level, PlanState, StepKind
from minping_web.coaching.services import answers, plans
from minping_web.common.approval import approve
from minping_web.common.clock import today
from minping_web.common.scope import entered
from minping_web.jobs.models import Job
from minping_web.objections.models import Correction, Objection, Preview
from minping_web.objections.rules.words import Cause, ExclusionState, Outcome, Subject
from minping_web.objections.services.correcting import ask_for_correction
from minping_web.objections.services.filing import Draft, file_for_place, file_own
from minping_web.objections.services.previews import open_preview
from minping_web.objections.services.reviewing import Decision, check, decide
from minping_web.people.models import Person
from minping_web.places.models import Area
from minping_web.rewards.models import Sheet
from minping_web.rewards.rules.words import SheetState
from minping_web.rewards.services import lines, signing
from minping_web.rewards.services.exporting import take_export
from minping_web.rounds.models import SurveyRound
from minping_web.site.demo.accounts import COMMUNITY_CODE
from minping_web.site.demo.round_plan import BUREAU, SECOND, THIRD, acting
from minping_web.site.demo.service_seed import story_worker

DISPUTED, HELPED, REACHED, PAID = "2020Q2", "2019Q1", "2019Q4", "2020Q4"
PAY, BUDGET_FEN = "performance_pay", 100_000_000
WORKER, COMMUNITY, STREET = "worker", "community_staff", "street_staff"
LOST = "本季度小区外立面施工，居民有怨气，请求整区不计。"
LOST_FINDINGS = "施工自上季度起，其他网格同样施工，答卷数量和方式正常。"
LOST_REASONS = "施工对同类网格影响相同，已在难度调整中考虑；整区剔除没有依据，维持原结果。"
WON = "入户期间该责任区因管道爆裂停水并转移居民，多数住户不在家，由邻居代答。"
WON_FINDINGS = "水务部门通报和转移登记属实，代答情况由第三方复核确认。"
WON_REASONS = "不可抗力使该区测评不能反映居民意见，整区不计。"


def settle(quarter: str, run: AssessmentRun) -> tuple[AssessmentRun, list[Job | None]]:
    """The run that may be published, and the jobs that must run before that, if any."""
    if quarter != DISPUTED:
        return run, []
    correction = Correction.objects.filter(run=run).first() or _disputed(run)
    if correction.new_run is None:
        return run, [correction.job]
    if correction.new_run.state != RunState.DONE:
        return run, [correction.new_run.job]
    return correction.new_run, []


@transaction.atomic
def _disputed(run: AssessmentRun) -> Correction:
    """Preview, two objections, their checks and decisions, two signatures: all of it or nothing."""
    preview = Preview.objects.filter(run=run).first()
    if preview is None:
        bureau = acting(BUREAU)
        with entered(bureau):
            preview = open_preview(bureau, run)
    _lost(preview)
    _won(preview)
    Preview.objects.filter(pk=preview.pk).update(ends_on=today() - timedelta(days=1))  # nobody waits here
    bureau = acting(BUREAU)
    with entered(bureau):
        return ask_for_correction(bureau, run)


def _lost(preview: Preview) -> None:
    worker, staff, bureau = acting(WORKER), acting(COMMUNITY), acting(BUREAU)
    result = preview.run.results.get(person=story_worker())
    with entered(worker):
        made = file_own(worker, result, Draft(Subject.ROUND, LOST))
    with entered(staff):
        check(staff, made, LOST_FINDINGS, advises=Outcome.REFUSED)
    with entered(bureau):
        decide(bureau, made, Decision(Outcome.REFUSED, LOST_REASONS))


def _won(preview: Preview) -> None:
    staff, street, bureau = acting(COMMUNITY), acting(STREET), acting(BUREAU)
    area = _flooded()
    with entered(staff):
        community = Area.objects.get(code=COMMUNITY_CODE)
        made = file_for_place(staff, preview, community, Draft(Subject.ROUND, WON))
    with entered(street):
        check(street, made, WON_FINDINGS, advises=Outcome.GRANTED)
    with entered(bureau):
        granted = Decision(Outcome.GRANTED, WON_REASONS, areas=(area.code,), cause=Cause.ACCIDENT)
        decide(bureau, made, granted)
    _signed(made)


def _signed(made: Objection) -> None:
    second = acting(SECOND)
    for one in made.exclusions.filter(state=ExclusionState.WAITING).select_related("proposal"):
        assert one.proposal is not None
        with entered(second):
            approve(second, one.proposal.pk)


def _flooded() -> Area:
    """The last responsibility area of the story's community that is not the story's own."""
    community = Area.objects.get(code=COMMUNITY_CODE)
    own = story_worker().postings.values("area")
    inside = Area.objects.filter(level="responsibility_area", path__startswith=community.path)
    return inside.exclude(pk__in=own).latest("code")


def help_the_worker(quarter: str) -> None:
    """The plan of the story's worker: agreed after the first quarter, ended when the year is over."""
    plan = CoachingPlan.objects.filter(person=story_worker()).order_by("pk").first()
    if plan is None:
        return
    if quarter == HELPED and plan.state == PlanState.PROPOSED:
        _agree(plan)
    elif quarter == REACHED and plan.state == PlanState.RUNNING:
        staff = acting(COMMUNITY)
        with entered(staff):
            answers.end_plan(staff, plan.pk, ended_as=EndedAs.REACHED, result="居民认得人、找得到人了。")


@transaction.atomic
def pay_out(quarter: str, found: SurveyRound) -> None:
    """The money of the last quarter: a budget, prepared by one, signed by two others, taken by payroll."""
    sheet = Sheet.objects.filter(publication__round=found, state=SheetState.DRAFT, use=PAY).first()
    if quarter != PAID or sheet is None:
        return
    bureau = acting(BUREAU)
    with entered(bureau):
        lines.enter_budget(bureau, sheet, fen=BUDGET_FEN, source="年度绩效预算（演示）")
        prepared = signing.prepare(bureau, sheet.pk)
    for key in (SECOND, THIRD):
        signer = acting(key)
        with entered(signer):
            signing.sign(signer, sheet.pk, seen=prepared.sha256)
    with entered(bureau):
        take_export(bureau, sheet.pk, reason="演示：发放绩效", form="xlsx")


def _agree(plan: CoachingPlan) -> None:
    staff, worker = acting(COMMUNITY), acting(WORKER)
    with entered(staff):
        _prepare(plan)
        answers.offer(staff, plan.pk)
    with entered(worker):
        answers.answer(worker, plan, agrees=True)
    answers.begin_due()
    with entered(worker):
        for step in Step.objects.filter(plan=plan):
            answers.tick(worker, plan, step.pk, remark="已完成")


def _prepare(plan: CoachingPlan) -> None:
    """Talk, dates, an experienced colleague, a goal, steps."""
    staff = acting(COMMUNITY)
    talk = {
        "talk_on": date(2019, 4, 10),
        "talk_by": "社区书记",
        "is_known": Known.NO,
        "invites": Known.PARTLY,
        "is_prompt": Known.PARTLY,
        "talk_note": "多数居民不认得新来的社工。",
    }
    plans.note_talk(staff, plan.pk, talk)
    days = {"starts_on": date(2019, 4, 15), "ends_on": date(2019, 12, 31)}
    plans.set_frame(staff, plan.pk, level=Level.COMMUNITY, **days)
    plans.ask_partner(staff, plan.pk, _colleague())
    plans.add_goal(staff, plan.pk, {"dimension": "q3", "label": "居民认得人、找得到人"})
    for kind, text, times in (
        (StepKind.PAIRING, "与老书记结对，每月一次", 2),
        (StepKind.VISIT, "陪同走访一个单元", 2),
        (StepKind.CONTACT_CARD, "逐户发放居民联系卡", 1),
    ):
        plans.add_step(staff, plan.pk, {"kind": kind, "text": text, "minutes": 60}, times=times)


def _colleague() -> Person:
    """Somebody of the same community who is still there."""
    community = Area.objects.get(code=COMMUNITY_CODE)
    near = Person.objects.filter(postings__area__path__startswith=community.path, left_on=None)
    return near.exclude(pk=story_worker().pk).order_by("pk").first() or _missing()


def _missing() -> Person:
    raise RuntimeError(f"nobody else is posted in the demonstration's community on {today()}")
