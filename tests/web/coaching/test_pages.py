"""Pages of help: every one shows with and without rows, acts lead back, words do not press anybody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client, override_settings

import minping_web.coaching
from minping_web.coaching.models import CoachingPlan, Course, ServiceStory
from minping_web.common.clock import now, today
from minping_web.people.models import Person
from tests.web import factories
from tests.web.coaching import factory
from tests.web.coaching.factory import ITEMS, Quarter, Workers
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

LISTS = ("", "board/", "causes/", "teachers/", "effects/", "retention/", "courses/", "stories/", "pledges/")
PRESSING = ("处罚", "惩罚", "通报批评", "末位淘汰", "后进生", "落后分子", "必须参加", "警告")


@pytest.fixture(autouse=True)
def demo_values() -> object:
    """gulou-worker's bands were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


@pytest.fixture
def made(district: SmallDistrict) -> Workers:
    """A published quarter: the first worker is behind, the second ahead."""
    found = factory.workers(district, 12)
    items = {at: dict.fromkeys(ITEMS, 15.0 + 0.02 * at) for at in range(12)}
    items[0]["q4"], items[1]["q4"] = 8.0, 19.5
    quarter = Quarter(
        "2020Q1", dict.fromkeys(range(12), 86.0), step={0: 4, 1: 1}, items=items,
        asked={0: factory.last_grade()},
    )  # fmt: skip
    factory.publish(found, quarter)
    return found


def client_of(role: str, district: SmallDistrict) -> Client:
    """Somebody with that role, in the east where it has a place."""
    who = factories.user()
    area = {"community_staff": district.communities[0], "street_staff": district.streets[0]}.get(role)
    factories.grant(who, role, area=area)
    return sign_in(Client(), who)


def worker_client(person: Person) -> Client:
    """The worker's own telephone."""
    factory.worker_scope(person)
    user = Person.objects.get(pk=person.pk).user
    assert user is not None
    return sign_in(Client(), user)


def test_every_list_says_what_to_do_when_it_is_empty(district: SmallDistrict) -> None:
    client = client_of("district_bureau", district)
    for path in LISTS:
        page = client.get(f"/coaching/{path}")
        assert page.status_code == 200, path
        assert 'class="empty"' in page.content.decode() or path in ("board/",), path


def test_from_a_proposal_to_a_ticked_step(made: Workers, district: SmallDistrict) -> None:
    office, worker, colleague = (
        client_of("community_staff", district), worker_client(made.people[0]), worker_client(made.people[1]),
    )  # fmt: skip
    plan = CoachingPlan.objects.get()
    address, mine = f"/coaching/plans/{plan.pk}/", f"/coaching/mine/plans/{plan.pk}/"
    assert plan.name in office.get("/coaching/").content.decode()
    assert colleague.get(mine).status_code == 404
    posts = (
        {"act": "talk", "talk_on": today(), "talk_by": "李书记", "is_known": "partly", "talk_note": "多上门"},
        {"act": "goal", "dimension": "q4", "label": "回应及时", "target": "80"},
        {"act": "step", "kind": "visit", "times": "2", "minutes": "60", "text": "晚饭后走访"},
        {"act": "frame", "level": "community", "starts_on": today(), "ends_on": today() + timedelta(days=60)},
        {"act": "partner", "partner": made.people[1].code},
        {"act": "offer"},
    )
    for data in posts:
        assert office.post(address, data).status_code == 302, data
    assert plan.goals.get().before == pytest.approx(40.0)
    assert "回应及时" in worker.get(mine).content.decode()
    assert worker.post(mine, {"act": "yes"}).status_code == 302
    assert colleague.post(mine, {"act": "partner_yes"}).status_code == 302
    step = plan.steps.first()
    assert worker.post(mine, {"act": "done", "number": step.pk, "remark": "见到两户"}).status_code == 302
    page = office.get(address).content.decode()
    assert "见到两户" in page
    assert "120" in page
    table = office.get("/coaching/?format=csv").content.decode("utf-8-sig")
    assert "多上门" not in table
    assert office.post(address, {"act": "end", "ended_as": "partly", "result": "回应快了"}).status_code == 302
    assert "回应快了" in worker.get(mine).content.decode()


def test_a_wrong_form_comes_back_with_what_is_wrong(made: Workers, district: SmallDistrict) -> None:
    office = client_of("community_staff", district)
    address = f"/coaching/plans/{CoachingPlan.objects.get().pk}/"
    assert office.post(address, {"act": "offer"}).status_code == 422
    assert office.post(address, {"act": "goal", "label": ""}).status_code == 422
    assert office.post(address, {"act": "nothing"}).status_code == 400


def test_whoever_only_reads_changes_nothing(made: Workers, district: SmallDistrict) -> None:
    auditor = client_of("auditor", district)
    address = f"/coaching/plans/{CoachingPlan.objects.get().pk}/"
    assert auditor.get(address).status_code == 200
    assert auditor.post(address, {"act": "offer"}).status_code == 403
    assert auditor.get("/coaching/plans/new/").status_code == 403


def test_lists_show_rows_in_a_fixed_number_of_queries(
    made: Workers, district: SmallDistrict, django_assert_max_num_queries: object
) -> None:
    bureau = client_of("district_bureau", district)
    day = today() + timedelta(days=3)
    Course.objects.bulk_create(
        Course(code=f"K{at}", title=f"课{at}", level="foundation", scheme_id="gulou-worker", dimensions="q4",
               starts_on=day, ends_on=day, seats=5)
        for at in range(5)
    )  # fmt: skip
    ServiceStory.objects.bulk_create(
        ServiceStory(person=person, area=made.place(at), happened_on=today(), title=f"故事{at}",
                     text="做了一件事", written_at=factory.timezone.now())
        for at, person in enumerate(made.people)
    )  # fmt: skip
    for path in LISTS:
        with django_assert_max_num_queries(32):  # type: ignore[operator]
            assert bureau.get(f"/coaching/{path}").status_code == 200


def test_the_own_page_has_courses_stories_pledge_and_cards(made: Workers, district: SmallDistrict) -> None:
    worker = worker_client(made.people[0])
    day = today() + timedelta(days=3)
    course = Course.objects.create(
        code="K1", title="当日回应", level="foundation", scheme_id="gulou-worker", dimensions="q4",
        starts_on=day, ends_on=day, seats=5,
    )  # fmt: skip
    assert "当日回应" in worker.get("/coaching/mine/").content.decode()
    assert worker.post("/coaching/mine/", {"act": "enrol", "number": course.pk}).status_code == 302
    assert worker.post("/coaching/mine/pledge/", {"text": "有请必到"}).status_code == 302
    story = {"title": "路灯亮了", "text": "报修两次，路灯亮了。", "happened_on": today(), "consents": "on"}
    assert worker.post("/coaching/mine/stories/new/", story).status_code == 302
    page = worker.get("/coaching/mine/").content.decode()
    assert "路灯亮了" in page
    assert "有请必到" in page
    assert made.people[0].name in worker.get("/coaching/mine/card/").content.decode()


def test_an_account_without_a_record_is_told_so(district: SmallDistrict) -> None:
    client = client_of("district_bureau", district)
    assert 'class="empty"' in client.get("/coaching/mine/").content.decode()
    assert client.get("/coaching/mine/card/").status_code == 404


def test_no_text_of_help_presses_anybody() -> None:
    folder = Path(minping_web.coaching.__file__).parent
    texts = [*folder.rglob("*.html"), *folder.rglob("*.po"), *folder.rglob("*.yaml"), *folder.rglob("*.py")]
    found = [(path.name, word) for path in texts for word in PRESSING if word in path.read_text("utf-8")]
    assert found == []


def test_the_board_shows_the_first_of_each_step_and_leads_to_all(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: object
) -> None:
    """A district has hundreds of open plans at one step; how many there are is told all the same."""
    monkeypatch.setattr("minping_web.coaching.selectors.plans.ON_BOARD", 2)
    place = district.responsibility_areas[0]
    CoachingPlan.objects.bulk_create(
        CoachingPlan(name=f"王板{at}", level="street", area=place, assessee_id=f"B{at}", opened_at=now())
        for at in range(5)
    )
    office = client_of("district_bureau", district)
    office.get("/coaching/board/")
    with django_assert_max_num_queries(18):
        page = office.get("/coaching/board/").content.decode()
    assert [name in page for name in ("王板0", "王板1", "王板2")] == [True, True, False]
    assert '<span class="muted">5</span>' in page
    assert page.count("/coaching/?state=open&amp;level=") == 1
    assert "王板4" in office.get("/coaching/?state=open&level=street").content.decode()
