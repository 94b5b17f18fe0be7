"""Residents report pressure and problems: nothing leads back; few may read, and it is written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from minping_web.access.rules import PERMISSIONS_OF, Role
from minping_web.ballots.events import CoercionReported, ProblemReported
from minping_web.ballots.models import CoercionReport, ProblemReport, ReportReading
from minping_web.ballots.rules.pace import Pace
from minping_web.ballots.rules.small import told_count
from minping_web.ballots.rules.words import Reading
from minping_web.ballots.selectors.places import widened
from minping_web.ballots.selectors.reports import Filters, counted_by_area, pressed_areas, pressures
from minping_web.ballots.services import reports
from minping_web.ballots.services.reports import (
    mark_problem,
    open_pressure,
    open_problem,
    report_pressure,
    report_problem,
)
from minping_web.common import events
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.words import Channel
from tests.web.ballots.forms import form_data
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, user
from tests.web.rounds.factory import open_round

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
WORDS = "有人上门盯着我打满分"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a bucket of its own."""
    paces = {CoercionReport: Pace(30, 12), ProblemReport: Pace(30, 12)}
    monkeypatch.setattr(reports, "_pace", paces)


def plain_bytes(table: str) -> bytes:
    """Every value of a table, as somebody with the database alone reads it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        return b"|".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for row in cursor.fetchall() for value in row
        )  # fmt: skip


def test_a_report_of_pressure_holds_area_day_kind_and_sealed_words(district: SmallDistrict) -> None:
    """D3: pressure is told without telling on oneself."""
    place = district.responsibility_areas[0]
    answer = Client().post(f"/report/pressure/?area={place.code}", {"kind": "watched", "text": WORDS})
    assert answer.status_code == 303
    assert not answer.cookies
    report = CoercionReport.objects.get()
    assert (report.area, report.day, report.kind) == (place.parent.parent, today(), "watched")
    assert WORDS.encode() not in plain_bytes("ballots_coercionreport")
    with connection.cursor() as cursor:
        table = connection.introspection.get_table_description(cursor, "ballots_coercionreport")
    assert {column.name for column in table} == {
        "id",
        "area_id",
        "day",
        "kind",
        "text",
        "seen_on",
        "passed_on",
        "is_mixed",
    }


def test_links_and_reports_name_the_community_of_the_area_that_was_asked(district: SmallDistrict) -> None:
    """Five households of an area were asked: its code beside a day would point at one of them."""
    ready = open_round(district, n=1, channels=(Channel.SMS, Channel.QR))
    first, second = next(iter(ready.by_invitation.values()))
    fine = {area.code for area in (*district.grids, *district.responsibility_areas)}
    pages = [Client().get(f"/v/{first}/").content.decode()]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', pages[0]))
    pages.append(Client().post(f"/v/{first}/", hidden | form_data()).content.decode())
    pages.append(Client().get(f"/v/{second}/").content.decode())
    for text in pages:
        codes = set(re.findall(r"\?area=([\w-]+)", text))
        assert codes <= {one.code for one in district.communities}
        assert codes
        assert not codes & fine


@pytest.mark.parametrize(("kind", "finest"), [("pressure", "community"), ("problem", "grid")])
def test_a_report_keeps_no_finer_place_than_its_kind_needs(
    district: SmallDistrict, kind: str, finest: str
) -> None:
    place = district.responsibility_areas[0]
    told = {"kind": "told", "field": "housing", "text": "漏水"}
    page = Client().post(f"/report/{kind}/?area={place.code}", told)
    assert place.code not in page.headers["Location"]
    model = CoercionReport if kind == "pressure" else ProblemReport
    found = model.objects.get().area
    assert found
    assert (found.level, place.path.startswith(found.path)) == (finest, True)
    assert place.code not in Client().get(f"/report/{kind}/?area={place.code}").content.decode()


def test_a_street_finds_the_reports_of_its_communities(
    district: SmallDistrict, act_as: Callable[..., Scope]
) -> None:
    report_pressure(district.communities[0], "told")
    scope = act_as("auditor")
    assert pressures(scope, Filters(text=district.streets[0].name)).count() == 1
    assert pressures(scope, Filters(text=district.streets[-1].name)).count() == 0


def test_a_report_says_which_rounds_ask_there(district: SmallDistrict) -> None:
    ready = open_round(district, n=1)
    report_pressure(ready.areas[0], "told")
    who = user()
    grant(who, "auditor", area=district.district)
    text = (
        sign_in(Client(), who).get(f"/reports/pressure/{CoercionReport.objects.get().pk}/").content.decode()
    )
    assert f"/rounds/{ready.round.pk}/progress/" in text
    SurveyRound.objects.update(state="closed")
    text = (
        sign_in(Client(), who).get(f"/reports/pressure/{CoercionReport.objects.get().pk}/").content.decode()
    )
    assert f"/rounds/{ready.round.pk}/progress/" not in text


def test_the_list_takes_as_many_queries_for_many_reports(
    district: SmallDistrict, act_as: Callable[..., Scope], django_assert_num_queries: Any
) -> None:
    for place in district.communities:
        report_pressure(place, "told")
    rows = pressures(act_as("auditor"))
    with django_assert_num_queries(1):
        assert all(one.area and one.area.around for one in rows)


def test_loading_the_thanks_again_sends_nothing_twice(district: SmallDistrict) -> None:
    client = Client()
    told = client.post("/report/pressure/", {"kind": "told"}).headers["Location"]
    for _time in range(2):
        assert client.get(told).status_code == 200
    assert CoercionReport.objects.count() == 1


def test_a_form_without_a_choice_comes_back_with_its_words(district: SmallDistrict) -> None:
    answer = Client().post("/report/problem/", {"text": "a<b", "contact": "楼下"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "a&lt;b" in text
    assert 'value="楼下"' in text
    assert not ProblemReport.objects.exists()


@pytest.mark.parametrize("code", ["nowhere", "x" * 300, "%00", "T' OR 1=1"])
def test_an_unknown_area_is_no_area(district: SmallDistrict, code: str) -> None:
    assert Client().get("/report/pressure/", {"area": code}).status_code == 200
    Client().post(f"/report/pressure/?area={code}", {"kind": "told"})
    assert CoercionReport.objects.get().area is None


def test_the_place_is_chosen_by_links_down_to_the_grid(district: SmallDistrict) -> None:
    client, where = Client(), ""
    for level in (district.streets, district.communities, district.grids):
        found = re.findall(
            r'\?area=([\w-]+)&amp;lang=zh-hans">', client.get(f"/report/problem/{where}").content.decode()
        )
        assert level[0].code in found
        where = f"?area={level[0].code}"
    text = client.get(f"/report/problem/{where}").content.decode()
    assert "area-list" not in text
    assert "东街道 和平社区 第一网格" in text


def test_fields_are_the_fourteen_of_the_reverse_list(district: SmallDistrict) -> None:
    """S25: fourteen fields."""
    text = Client().get("/report/problem/").content.decode()
    assert len(re.findall(r'type="radio" name="field"', text)) == 14
    assert "物业保洁" in text


def test_danger_is_met_with_the_numbers_to_call(district: SmallDistrict) -> None:
    text = {"field": "work_safety", "text": "煤气味", "urgent": "1", "contact": "10000000001"}
    answer = Client().post("/report/problem/", text, follow=True)
    for number in ("110", "119", "120"):
        assert number in answer.content.decode()
    assert b"10000000001" not in plain_bytes("ballots_problemreport")


def test_too_many_at_once_are_refused_the_same_for_everybody(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "_pace", {CoercionReport: Pace(2, 0), ProblemReport: Pace(2, 0)})
    codes = [Client().post("/report/pressure/", {"kind": "told", "text": WORDS}) for _time in range(3)]
    assert [answer.status_code for answer in codes] == [303, 303, 429]
    assert WORDS in codes[2].content.decode()
    assert Client().post("/report/problem/", {"field": "housing", "text": "漏水"}).status_code == 303


def test_the_bucket_fills_again_with_time() -> None:
    pace = Pace(2, 60)
    assert [pace.takes(0), pace.takes(0), pace.takes(0)] == [True, True, False]
    assert [pace.takes(0.5), pace.takes(1.0), pace.takes(1.1)] == [False, True, False]


def test_a_day_takes_no_more_than_its_ceiling(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_A_DAY", 1)
    CoercionReport.objects.create(day=today() - timedelta(days=1), kind="told")
    report_pressure(None, "told")
    assert Client().post("/report/pressure/", {"kind": "told"}).status_code == 429


def test_only_bureau_and_auditor_read_of_pressure() -> None:
    """Never the area's own staff: they may be who presses."""
    readers = {role for role in Role if "reports.view" in PERMISSIONS_OF[role]}
    assert readers == {Role.DISTRICT_BUREAU, Role.AUDITOR}
    assert {role for role in Role if "reports.problems" in PERMISSIONS_OF[role]} == {Role.DISTRICT_BUREAU}


def test_every_reading_is_written_down_before_the_words_are_shown(
    district: SmallDistrict, act_as: Callable[..., Scope]
) -> None:
    report_pressure(district.grids[0], "told", WORDS)
    scope = act_as("auditor")
    opened = open_pressure(scope, CoercionReport.objects.get().pk)
    assert opened.text == WORDS
    reading = ReportReading.objects.get()
    assert (reading.reader_id, reading.what) == (scope.user_id, Reading.READ)


def test_words_that_were_moved_to_another_row_do_not_open(
    district: SmallDistrict, act_as: Callable[..., Scope]
) -> None:
    report_problem(None, "housing", "漏水", contact="甲")
    report_problem(None, "housing", "断电", contact="乙")
    one, other = ProblemReport.objects.all()
    ProblemReport.objects.filter(pk=one.pk).update(text=other.text)
    opened = open_problem(act_as("district_bureau"), one.pk)
    assert (opened.lost, opened.text) == (True, "")


def test_marks_are_the_bureaus_and_are_written_down(
    district: SmallDistrict, act_as: Callable[..., Scope]
) -> None:
    report_problem(district.grids[0], "housing", "漏水")
    found = ProblemReport.objects.get()
    mark_problem(act_as("district_bureau"), found.pk, Reading.PASSED)
    found.refresh_from_db()
    assert found.passed_on == today()
    assert ReportReading.objects.get().what == Reading.PASSED


def test_counts_of_one_or_two_are_not_told_apart(
    district: SmallDistrict, act_as: Callable[..., Scope]
) -> None:
    for place, number in zip(district.communities, (1, 2, 3), strict=False):
        for _time in range(number):
            report_pressure(place, "told")
    rows = {row["code"]: row["reports"] for row in counted_by_area(pressures(act_as("auditor")))}
    assert [rows[place.code] for place in district.communities[:3]] == ["<3", "<3", "3"]
    assert told_count(0) == "0"
    assert [(one.area_id, one.reports) for one in pressed_areas(today())] == [(district.communities[2].pk, 3)]


def test_whoever_reacts_hears_area_and_day_alone(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[object] = []
    monkeypatch.setattr(
        events, "_handlers", {CoercionReported: [heard.append], ProblemReported: [heard.append]}
    )
    report_pressure(district.grids[0], "told", WORDS)
    report_problem(district.grids[1], "housing", "漏水", is_urgent=True)
    assert heard == [
        CoercionReported(district.communities[0].pk, today()),
        ProblemReported(district.grids[1].pk, today(), "housing", True),
    ]


def test_staff_pages_list_without_words_and_open_one_by_one(district: SmallDistrict) -> None:
    report_pressure(district.grids[0], "threatened", WORDS)
    who = user()
    grant(who, "district_bureau", area=district.district)
    client, found = sign_in(Client(), who), CoercionReport.objects.get()
    listed = client.get("/reports/pressure/").content.decode()
    assert WORDS not in listed
    assert WORDS in client.get(f"/reports/pressure/{found.pk}/").content.decode()
    assert client.post(f"/reports/pressure/{found.pk}/mark/", {"what": "seen"}).status_code == 302
    assert "和平社区" in client.get("/reports/pressure/?state=seen").content.decode()
    assert "和平社区" not in client.get("/reports/pressure/?state=new&q=x").content.decode()
    assert client.get("/reports/problems/").status_code == 200
    exported = client.get("/reports/pressure/?format=csv")
    assert "<3" in b"".join(exported).decode()  # type: ignore[arg-type]
    assert ReportReading.objects.filter(what=Reading.EXPORT).count() == 1


def test_the_live_page_warns_of_an_area_with_several_reports(district: SmallDistrict) -> None:
    ready = open_round(district, n=1)
    near, elsewhere = (widened(area, "community") for area in (ready.areas[0], ready.areas[-1]))
    assert near
    assert elsewhere
    for _time in range(3):
        report_pressure(ready.areas[0], "told")
    report_pressure(elsewhere, "told")
    said = {}
    for role in ("district_bureau", "survey_manager"):
        who = user()
        grant(who, role, area=district.district)
        said[role] = sign_in(Client(), who).get(f"/rounds/{ready.round.pk}/progress/").content.decode()
    assert '/reports/pressure/">' in said["district_bureau"].split("<main")[1]
    assert near.name in said["district_bureau"].split("notice warn")[1].split("</p>")[0]
    assert elsewhere.name not in said["district_bureau"].split("notice warn")[1].split("</p>")[0]
    assert "notice warn" not in said["survey_manager"]
