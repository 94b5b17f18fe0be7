"""A plan from the talk to the end: the worker agrees or declines, the colleague too, places stay apart."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from minping_engine.errors import Problem
from minping_web.coaching.models import CoachingPlan, Step
from minping_web.coaching.rules.words import PartnerState, PlanState, StepKind
from minping_web.coaching.selectors.own import own_plans, plans_with_me
from minping_web.coaching.selectors.plans import causes_seen, plans_seen
from minping_web.coaching.services import answers, forgetting
from minping_web.coaching.services import plans as services
from minping_web.common import retention
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import Person
from tests.web import factories
from tests.web.coaching import factory
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    """What was refused."""
    return {problem.code for problem in refused.value.problems if isinstance(problem, Problem)}


class World:
    """Two workers in the eastern street, one in the western; a community that helps."""

    def __init__(self, district: SmallDistrict) -> None:
        self.made = factory.workers(district)
        self.worker, self.colleague, self.foreign = (self.made.people[at] for at in (0, 1, 5))
        self.office = factories.scope_with("community_staff", area=district.communities[0])
        self.street = factories.scope_with("street_staff", area=district.streets[1])
        self.me = factory.worker_scope(self.worker)
        self.other = factory.worker_scope(self.colleague)

    def plan(self) -> CoachingPlan:
        """Opened, with a goal, a step and days."""
        plan = services.open_plan(self.office, self.worker, "希望改进回应")
        services.add_goal(self.office, plan.pk, {"dimension": "q4", "label": "回应及时", "target": 80})
        self.add(plan, kind=StepKind.VISIT, minutes=60, times=2)
        services.set_frame(
            self.office, plan.pk, level="community", starts_on=today(), ends_on=today() + timedelta(days=60)
        )
        return self.fresh(plan)

    def add(self, plan: CoachingPlan, *, times: int = 1, **values: object) -> list[Step]:
        """A measure."""
        return services.add_step(self.office, plan.pk, values, times=times)

    def agreed(self) -> CoachingPlan:
        """Offered and agreed to by the worker."""
        plan = self.plan()
        answers.offer(self.office, plan.pk)
        answers.answer(self.me, plan, agrees=True)
        return self.fresh(plan)

    @staticmethod
    def fresh(plan: CoachingPlan) -> CoachingPlan:
        """As the table has it."""
        return CoachingPlan.objects.get(pk=plan.pk)


@pytest.fixture
def world(district: SmallDistrict) -> World:
    """The small world of help."""
    return World(district)


def test_nobody_is_asked_to_agree_to_an_empty_sheet(world: World) -> None:
    plan = services.open_plan(world.office, world.worker, "希望改进回应")
    with pytest.raises(RefusedError) as refused:
        answers.offer(world.office, plan.pk)
    assert codes(refused) == {"coaching.no_goal", "coaching.no_step", "coaching.no_days"}
    with pytest.raises(RefusedError) as refused:
        answers.answer(world.me, plan, agrees=True)
    assert codes(refused) == {"coaching.not_offered"}


def test_help_begins_when_the_worker_agrees_and_with_nobody_elses_word(world: World) -> None:
    plan = world.plan()
    answers.offer(world.office, plan.pk)
    for scope in (world.office, world.other):
        with pytest.raises(PermissionDenied):
            answers.answer(scope, plan, agrees=True)
    with pytest.raises(RefusedError) as refused:
        answers.note_answer(world.office, plan.pk, agrees=True)
    assert codes(refused) == {"coaching.answers_herself"}
    assert answers.answer(world.me, plan, agrees=True).state == PlanState.RUNNING


def test_declining_needs_a_few_words_and_leaves_the_worker_without_a_plan(world: World) -> None:
    plan = world.plan()
    with pytest.raises(RefusedError):
        answers.answer(world.me, plan, agrees=False, reason=" ")
    answers.answer(world.me, plan, agrees=False, reason="家中有事，下季度再说")
    assert world.fresh(plan).state == PlanState.DECLINED
    assert services.open_plan(world.office, world.worker, "本人申请").is_open


def test_an_agreed_plan_begins_on_its_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = world.plan()
    later = today() + timedelta(days=5)
    services.set_frame(
        world.office, plan.pk, level="community", starts_on=later, ends_on=later + timedelta(days=9)
    )
    answers.offer(world.office, plan.pk)
    assert answers.answer(world.me, plan, agrees=True).state == PlanState.AGREED
    assert answers.begin_due() == 0
    monkeypatch.setattr(answers, "today", lambda: later)
    assert answers.begin_due() == 1
    assert world.fresh(plan).state == PlanState.RUNNING


def test_a_colleague_hears_of_a_plan_only_after_the_worker_agreed_and_may_decline(world: World) -> None:
    plan = world.plan()
    services.ask_partner(world.office, plan.pk, world.colleague)
    assert not plans_with_me(world.other)
    answers.offer(world.office, plan.pk)
    answers.answer(world.me, plan, agrees=True)
    assert [one.pk for one in plans_with_me(world.other)] == [plan.pk]
    with pytest.raises(PermissionDenied):
        answers.answer_as_partner(world.me, plan, accepts=True)
    declined = answers.answer_as_partner(world.other, plan, accepts=False, reason="手头事多")
    assert declined.partner_state == PartnerState.DECLINED
    assert not own_plans(world.other).exists()


def test_the_pair_ticks_steps_off_and_strangers_do_not(world: World) -> None:
    plan = world.agreed()
    step = plan.steps.first()
    with pytest.raises(PermissionDenied):
        answers.tick(world.other, plan, step.pk)
    assert answers.tick(world.me, plan, step.pk, remark="两户都见到了").done_on == today()
    services.ask_partner(world.office, plan.pk, world.colleague)
    answers.answer_as_partner(world.other, plan, accepts=True)
    assert answers.tick(world.other, plan, step.pk, undone=True).done_on is None


def test_goals_that_were_agreed_on_stay(world: World) -> None:
    plan = world.agreed()
    with pytest.raises(RefusedError) as refused:
        services.remove_goal(world.office, plan.pk, plan.goals.get().pk)
    assert codes(refused) == {"coaching.goals_agreed"}


def test_evening_hours_are_in_the_evening_but_not_too_late(world: World) -> None:
    plan = world.plan()
    evening = {"kind": StepKind.EVENING_HOURS, "minutes": 90, "from_time": time(19)}
    with pytest.raises(RefusedError) as refused:
        world.add(plan, **evening, to_time=time(22))
    assert codes(refused) == {"coaching.too_late"}
    with pytest.raises(RefusedError) as refused:
        world.add(plan, kind=StepKind.EVENING_HOURS, minutes=90)
    assert codes(refused) == {"coaching.evening_hours"}
    assert world.add(plan, **evening, to_time=time(20, 30))


def test_an_office_sees_and_changes_the_plans_of_its_own_place(world: World) -> None:
    plan = world.plan()
    assert list(plans_seen(world.office)) == [plan]
    assert not plans_seen(world.street).exists()
    with pytest.raises(PermissionDenied):
        services.note_talk(world.street, plan.pk, {"talk_on": today(), "talk_by": "李书记"})
    with pytest.raises(PermissionDenied):
        services.open_plan(world.street, world.worker, "越界")
    assert not plans_seen(Scope(person_id=world.worker.pk)).exists()


def test_one_person_has_one_open_plan(world: World) -> None:
    world.plan()
    with pytest.raises(RefusedError) as refused:
        services.open_plan(world.office, world.worker, "再开一份")
    assert codes(refused) == {"coaching.has_plan"}


def test_a_cause_of_another_unit_is_listed_without_the_worker(world: World) -> None:
    plan = world.plan()
    cause = services.note_cause(world.office, plan.pk, {"text": "雨天路口积水，三次上报未处理"})
    assert list(causes_seen(world.office)) == [cause]
    assert not causes_seen(world.street).exists()
    services.answer_cause(world.office, cause, state="solved", answer="已疏通")
    assert causes_seen(world.office, state="solved").get().answer == "已疏通"


def test_whoever_has_no_account_answers_in_the_talk(world: World) -> None:
    Person.objects.filter(pk=world.worker.pk).update(user=None)
    plan = world.plan()
    answers.offer(world.office, plan.pk)
    noted = answers.note_answer(world.office, plan.pk, agrees=True)
    assert (noted.state, noted.answered_on_paper) == (PlanState.RUNNING, True)


def test_the_team_of_an_area_answers_through_its_own_office(world: World, district: SmallDistrict) -> None:
    plan = world.plan()
    CoachingPlan.objects.filter(pk=plan.pk).update(person=None, area=district.grids[0], assessee_id="G1")
    answers.offer(world.office, plan.pk)
    with pytest.raises(PermissionDenied):
        answers.note_answer(world.street, plan.pk, agrees=True)
    assert answers.note_answer(world.office, plan.pk, agrees=True).state == PlanState.RUNNING


def test_plans_are_erased_some_years_after_their_end_and_running_ones_are_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = world.agreed()
    answers.end_plan(world.office, plan.pk, ended_as="reached", result="回应更快")
    open_one = services.open_plan(world.office, world.colleague, "本人申请")
    day = today()
    almost, over = date(day.year + 3, day.month, min(day.day, 28)), date(day.year + 4, 12, 31)
    monkeypatch.setattr(retention, "today", lambda: almost - timedelta(days=1))
    assert forgetting.erase_what_is_due() == {}
    monkeypatch.setattr(retention, "today", lambda: over)
    assert forgetting.erase_what_is_due() == {"plans": 1}
    assert [one.pk for one in CoachingPlan.objects.all()] == [open_one.pk]
    assert not Step.objects.filter(plan=plan.pk).exists()


def test_a_community_does_not_raise_a_plan_to_where_colleagues_of_others_are_named(world: World) -> None:
    """The street's ladder shows who is ahead in the whole street: the street takes a plan there."""
    plan, days = world.plan(), {"starts_on": today(), "ends_on": today() + timedelta(days=9)}
    for level in ("street", "district"):
        with pytest.raises(RefusedError) as refused:
            services.set_frame(world.office, plan.pk, level=level, **days)
        assert codes(refused) == {"coaching.level_above"}
    with pytest.raises(RefusedError):
        services.open_plan(world.office, world.colleague, "希望改进", level="street")
    assert plan.area
    above = next(one for one in world.made.district.streets if plan.area.path.startswith(one.path))
    street = factories.scope_with("street_staff", area=above)
    assert services.set_frame(street, plan.pk, level="street", **days).level == "street"


def test_a_plan_that_was_changed_after_it_was_offered_is_offered_anew(world: World) -> None:
    """The worker agrees to what was shown, not to what was added meanwhile."""
    plan = world.plan()
    answers.offer(world.office, plan.pk)
    world.add(plan, kind=StepKind.VISIT, minutes=600)
    with pytest.raises(RefusedError) as refused:
        answers.answer(world.me, plan, agrees=True)
    assert codes(refused) == {"coaching.not_offered"}
    answers.offer(world.office, plan.pk)
    assert answers.answer(world.me, plan, agrees=True).state == PlanState.RUNNING
