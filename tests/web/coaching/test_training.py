"""Courses for real gaps, seats, who could teach (S105); stories and pledges (S74, S87)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import override_settings

from minping_web.assessments.models import AssessedResult
from minping_web.coaching.models import Course, Enrolment, ServiceStory
from minping_web.coaching.rules.words import StoryState
from minping_web.coaching.selectors.blocks import help_block, story_block
from minping_web.coaching.selectors.stories import pledge_on_card, stories_shown
from minping_web.coaching.selectors.training import fitting, newest_run, partners_for, teachers
from minping_web.coaching.services import courses as seats
from minping_web.coaching.services import plans, stories
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, system_scope
from minping_web.publications.models import Publication
from tests.web import factories
from tests.web.coaching import factory
from tests.web.coaching.factory import ITEMS, Quarter, Workers
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def demo_values() -> object:
    """gulou-worker's bands were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


def course(code: str = "PX1", *, level: str = "foundation", items: str = "q4", n: int = 2) -> Course:
    """A course next week."""
    day = today() + timedelta(days=7)
    return Course.objects.create(
        code=code, title=f"课程{code}", level=level, scheme_id="gulou-worker", dimensions=items,
        starts_on=day, ends_on=day, seats=n, minutes=90,
    )  # fmt: skip


@pytest.fixture
def made(district: SmallDistrict) -> Workers:
    """Twenty workers, all alike but the first, who is far behind in q4, and the second, far ahead there."""
    found = factory.workers(district, 20)
    usual = dict.fromkeys(ITEMS, 15.0)
    items = {at: {item: value + 0.02 * at for item, value in usual.items()} for at in range(20)}
    items[0] = {**items[0], "q4": 8.0}
    items[1] = {**items[1], "q4": 19.5}
    factory.publish(found, Quarter("2020Q1", dict.fromkeys(range(20), 86.0), items=items))
    return found


def test_the_course_for_a_real_gap_comes_with_its_reason_and_the_gap_alone(made: Workers) -> None:
    right, other = course("A"), course("B", items="q1")
    fit = fitting(made.assessee(0), newest_run(made.assessee(0)))
    assert [line.dimension for line in fit.gaps] == ["q4"]
    assert [one.course for one in fit.courses] == [right]
    assert "回应及时" in fit.courses[0].reasons[0]
    assert other not in [
        one.course for one in fitting(made.assessee(5), newest_run(made.assessee(5))).courses
    ]


def test_whoever_is_surely_ahead_is_found_as_a_teacher_and_suggested_near_by(
    made: Workers, district: SmallDistrict
) -> None:
    publication = Publication.objects.get()
    found = teachers(system_scope(), publication, dimension="q4")
    assert [one.standing.person for one in found] == [made.people[1]]
    office = factories.scope_with("community_staff", area=district.communities[0])
    plan = plans.open_plan(office, made.people[0], "希望改进回应")
    asked = partners_for(office, plan, publication.run, ("q4",))
    assert asked[0].standing.person == made.people[1]
    assert all(one.standing.person != made.people[0] for one in asked)


def test_the_last_seat_is_given_once_and_may_be_given_back(made: Workers) -> None:
    one = course(n=1)
    first, second = (factory.worker_scope(made.people[at]) for at in (0, 1))
    seats.enrol(first, one, made.people[0])
    with pytest.raises(RefusedError) as refused:
        seats.enrol(second, one, made.people[1])
    assert refused.value.problems[0].code == "coaching.no_seat"
    seats.cancel_seat(first, one, made.people[0].pk)
    assert seats.enrol(second, one, made.people[1]).state == "enrolled"


def test_nobody_enrols_people_of_another_place(made: Workers, district: SmallDistrict) -> None:
    street = factories.scope_with("street_staff", area=district.streets[1])
    with pytest.raises(PermissionDenied):
        seats.enrol(street, course(), made.people[0])


def test_attendance_is_noted_after_the_course_began(made: Workers, district: SmallDistrict) -> None:
    office = factories.scope_with("community_staff", area=district.communities[0])
    one = course()
    seats.enrol(office, one, made.people[0])
    with pytest.raises(RefusedError):
        seats.note_attendance(office, one, made.people[0].pk, came=True)
    Course.objects.filter(pk=one.pk).update(starts_on=today(), ends_on=today())
    one.refresh_from_db()
    seats.note_attendance(office, one, made.people[0].pk, came=True)
    assert Enrolment.objects.get().state == "attended"


def write(scope: Scope, made: Workers, text: str, **values: object) -> ServiceStory:
    """A story about the first worker."""
    given = {"title": "电梯重新通了", "happened_on": date(2020, 3, 1), "consents": True, **values}
    return stories.write_story(scope, made.people[0], text=text, **given)  # type: ignore[arg-type]


GOOD = "老楼电梯停了两周。她连着跑了四趟物业，和楼里的住户一起签了维修申请，周五电梯通了。"


def test_a_story_with_a_residents_name_or_telephone_is_refused_with_the_words(made: Workers) -> None:
    scope = factory.worker_scope(made.people[0])
    with pytest.raises(RefusedError) as refused:
        write(scope, made, "王阿姨电话13812345678，她来谢过三次。")
    problem = refused.value.problems[0]
    assert problem.code == "coaching.names"
    assert "13812345678" in str(problem.params["words"])
    with pytest.raises(RefusedError) as refused:
        write(scope, made, GOOD, consents=False)
    assert refused.value.problems[0].code == "coaching.no_consent"


def test_a_story_is_shown_after_two_yeses_and_never_by_who_wrote_it(
    made: Workers, district: SmallDistrict
) -> None:
    office, other = (
        factories.scope_with("community_staff", area=district.communities[0]) for _one in range(2)
    )
    story = write(office, made, GOOD)
    codes = []
    for scope in (office, other):
        with pytest.raises(RefusedError) as refused:
            stories.decide_story(scope, story, shown=True)
        codes.append({problem.code for problem in refused.value.problems})
    assert codes == [{"coaching.own_story", "coaching.story_not_agreed"}, {"coaching.story_not_agreed"}]
    me = factory.worker_scope(made.people[0])
    stories.agree_to_story(me, story, agrees=True)
    stories.decide_story(other, story, shown=True)
    assert [one.pk for one in stories_shown(made.people[0].pk)] == [story.pk]
    stories.agree_to_story(me, story, agrees=False)
    assert stories_shown(made.people[0].pk) == []
    assert ServiceStory.objects.get().state == StoryState.WITHDRAWN


def test_help_and_stories_stand_beside_the_published_result_for_who_may_read_them(
    made: Workers, district: SmallDistrict
) -> None:
    worker, other = made.people[0], made.people[1]
    office, foreign = (
        factories.scope_with("community_staff", area=district.communities[at]) for at in (0, 2)
    )
    me = factory.worker_scope(worker)
    result = AssessedResult.objects.get(person=worker)
    assert story_block(me, result.pk) is None
    ServiceStory.objects.create(
        person=worker, area=made.place(0), happened_on=date(2020, 3, 1), title="电梯重新通了", text=GOOD,
        state=StoryState.SHOWN, written_at=now(),
    )  # fmt: skip
    for scope in (me, office):
        block = help_block(scope, result.pk)
        assert block is not None
        assert "回应及时" in block.sentences[0]
        story = story_block(scope, result.pk)
        assert story is not None
        assert "电梯" in story.sentences[0]
    for scope in (foreign, factory.worker_scope(other), Scope()):
        assert help_block(scope, result.pk) is None
        assert story_block(scope, result.pk) is None


def test_a_pledge_stays_when_the_statement_is_written(made: Workers) -> None:
    scope = factory.worker_scope(made.people[0])
    stories.make_pledge(scope, "诉求当天先回一句话。")
    stories.make_pledge(scope, "诉求当天先回一句话，三天内告知结果。")
    stories.make_statement(scope, today().year, "全年诉求都在当天回了话。")
    with pytest.raises(RefusedError) as refused:
        stories.make_pledge(scope, "换一个")
    assert refused.value.problems[0].code == "coaching.statement_made"
    assert pledge_on_card(made.people[0].pk).text.endswith("三天内告知结果。")  # type: ignore[union-attr]
    with pytest.raises(PermissionDenied):
        stories.make_pledge(Scope(), "没有本人")
