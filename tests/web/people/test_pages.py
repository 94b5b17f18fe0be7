"""Pages of people: whom a role sees, what it may change, how many queries a full district costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from minping_web.common.clock import now, today
from minping_web.people.forms import MoveForm
from minping_web.people.models import (
    Certificate,
    CorrectionRequest,
    Handover,
    JobDescription,
    PersonContact,
    Position,
)
from minping_web.people.selectors import people_now, people_seen, work_phone_of
from minping_web.people.services import (
    CertificateDraft,
    load_presets,
    save_certificate,
    save_stand_in,
    set_grade,
    set_work_phone,
    verify_certificate,
)
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, area, grant, organisation, scope_with, user
from tests.web.people.factory import crowd, person, posting

RARE = "阿不都·热合曼𠮷"


def _client(role: str, **bound: object) -> Client:
    who = user()
    grant(who, role, **bound)  # type: ignore[arg-type]
    return sign_in(Client(), who)


@pytest.mark.sqlite
def test_a_street_sees_who_serves_served_or_is_employed_there(district: SmallDistrict) -> None:
    here, there = district.responsibility_areas[0], district.responsibility_areas[-1]
    now, once, hired, foreign = person("现任"), person("曾任"), person("雇员"), person("外街道")
    posting(now, here)
    posting(once, here, "deputy", ends_on=date(2025, 1, 1))
    posting(once, there)
    hired.employer = organisation("street_office", "东街道办事处", area=district.streets[0])
    hired.save()
    posting(foreign, there, "deputy")
    scope = scope_with("street_staff", area=district.streets[0])
    assert set(people_seen(scope)) == {now, once, hired}
    assert set(people_now(scope, "people.edit")) == {now, hired}


def test_foreign_people_are_not_found_on_any_page(district: SmallDistrict) -> None:
    foreign = person("外街道")
    posting(foreign, district.responsibility_areas[-1])
    client = _client("street_staff", area=district.streets[0])
    for name in ("detail", "edit", "move", "phone", "grade", "certificate_add", "stand_in_add"):
        assert client.get(reverse(f"people:{name}", args=[foreign.pk])).status_code in (403, 404), name
    assert "外街道" not in client.get(reverse("people:list"), {"state": "all"}).content.decode()
    exported = client.get(reverse("people:list"), {"format": "csv", "state": "all"}).content.decode(
        "utf-8-sig"
    )
    assert "外街道" not in exported


def test_who_only_sees_a_past_posting_sees_no_papers(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    moved = person("调走的人")
    posting(moved, district.responsibility_areas[0], ends_on=date(2025, 1, 1))
    posting(moved, district.responsibility_areas[-1], starts_on=date(2025, 1, 2))
    set_work_phone(bureau, moved, "13900000000")
    save_certificate(bureau, moved, CertificateDraft("mediator", "0000123456", date(2025, 5, 5)))
    page = _client("street_staff", area=district.streets[0]).get(reverse("people:detail", args=[moved.pk]))
    text = page.content.decode()
    assert "13900000000" not in text
    assert "3456" not in text
    assert district.responsibility_areas[-1].name not in text or district.responsibility_areas[0].name in text


@pytest.mark.sqlite
def test_a_work_phone_is_sealed_and_opened_for_contact_rights_only(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    who = person()
    posting(who, district.responsibility_areas[0])
    set_work_phone(bureau, who, "13900000000")
    assert b"13900000000" not in bytes(PersonContact.objects.get().sealed)
    assert work_phone_of(bureau, who) == "13900000000"
    assert work_phone_of(scope_with("auditor"), who) is None
    assert work_phone_of(scope_with("community_staff", area=district.communities[2]), who) is None
    set_work_phone(bureau, who, "")
    assert not PersonContact.objects.exists()


def test_rare_characters_pass_through_form_list_and_export(district: SmallDistrict) -> None:
    client = _client("district_bureau")
    answer = client.post(reverse("people:add"), {"code": "S77", "name": RARE, "kind": "community_worker"})
    assert answer.status_code == 302
    assert RARE in client.get(reverse("people:list")).content.decode()
    assert RARE in client.get(reverse("people:list"), {"format": "csv"}).content.decode("utf-8-sig")


def test_a_refused_form_shows_every_problem_and_keeps_the_words(district: SmallDistrict) -> None:
    person(code="S1")
    client = _client("district_bureau")
    data = {
        "code": "S1",
        "name": "重号",
        "kind": "other",
        "started_on": "2026-02-01",
        "left_on": "2026-01-01",
    }
    answer = client.post(reverse("people:add"), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "person.code_taken" in text
    assert "person.left_before_start" in text
    assert "重号" in text


def test_a_move_is_previewed_before_it_is_confirmed(district: SmallDistrict) -> None:
    who = person("甲社工")
    posting(who, district.responsibility_areas[0])
    new = district.responsibility_areas[1]
    client = _client("street_staff", area=district.streets[0])
    data = {"kind": "transfer", "day": today().isoformat(), "area": new.code, "role": "responsible"}
    preview = client.post(reverse("people:move", args=[who.pk]), data)
    assert preview.status_code == 200
    assert who.postings.count() == 1
    done = client.post(reverse("people:move", args=[who.pk]), {**data, "confirm": "1"})
    assert done.status_code == 302
    assert who.postings.filter(area=new).exists()
    sheet = Handover.objects.get()
    assert client.get(reverse("people:handover", args=[sheet.pk])).status_code == 200
    answer = client.post(
        reverse("people:handover", args=[sheet.pk]), {"done_1": "on", "note_1": "两件未办结"}
    )
    assert answer.status_code == 302
    assert sheet.items.get(number=1).note == "两件未办结"


def test_a_worker_sees_the_own_record_and_asks_for_a_correction(district: SmallDistrict) -> None:
    """G1: the page says what is not kept."""
    account = user()
    grant(account, "worker")
    who = person("甲社工", user=account)
    posting(who, district.responsibility_areas[0])
    client = sign_in(Client(), account)
    text = client.get(reverse("people:mine")).content.decode()
    assert "甲社工" in text
    assert district.responsibility_areas[0].name in text
    assert "行动轨迹" in text
    client.post(reverse("people:mine"), {"about": "posting", "text": "三月起我不再负责"})
    asked = CorrectionRequest.objects.get()
    office = _client("street_staff", area=district.streets[0])
    assert "甲社工" in office.get(reverse("people:corrections")).content.decode()
    office.post(reverse("people:correction", args=[asked.pk]), {"corrected": "yes", "answer": "已更正"})
    asked.refresh_from_db()
    assert asked.state == CorrectionRequest.State.CORRECTED
    assert "已更正" in client.get(reverse("people:mine")).content.decode()
    foreign = _client("street_staff", area=district.streets[1])
    assert foreign.get(reverse("people:correction", args=[asked.pk])).status_code == 404
    assert client.get(reverse("people:list")).status_code == 403


def test_nobody_verifies_the_own_certificate(district: SmallDistrict) -> None:
    from dataclasses import replace

    from minping_web.common.problems import RefusedError

    bureau = scope_with("district_bureau")
    who = person()
    posting(who, district.responsibility_areas[0])
    made = save_certificate(
        bureau, who, CertificateDraft("social_worker", "2024-0000-9876", date(2024, 5, 5))
    )
    assert made.number_tail == "9876"
    with pytest.raises(RefusedError):
        verify_certificate(replace(bureau, person_id=who.pk), made)
    verify_certificate(bureau, made)
    made.refresh_from_db()
    assert made.verified_on == today()
    save_certificate(
        bureau, who, CertificateDraft("social_worker", "2024-0000-0000", date(2024, 5, 5)), existing=made
    )
    made.refresh_from_db()
    assert made.verified_on is None


def test_job_descriptions_come_as_presets_and_change_by_versions(district: SmallDistrict) -> None:
    """S65: four job descriptions; S101: two ladders of three steps."""
    load_presets(scope_with("district_bureau"), day=date(2026, 1, 1))
    assert Position.objects.count() == 4
    position = Position.objects.get(code="grid_worker")
    client = _client("district_bureau")
    data = {"in_force_from": "2026-02-01", "purpose": "新目的", "duties": "一\n二"}
    assert client.post(reverse("people:position_revise", args=[position.pk]), data).status_code == 302
    again = client.post(reverse("people:position_revise", args=[position.pk]), data)
    assert again.status_code == 422
    assert list(JobDescription.objects.filter(position=position).values_list("version", flat=True)) == [2, 1]
    street = _client("street_staff", area=district.streets[0])
    assert street.get(reverse("people:position_revise", args=[position.pk])).status_code == 403
    before = Position.objects.count()
    client.post(reverse("people:presets"))
    assert Position.objects.count() == before


def test_a_new_stand_in_ends_the_earlier_one(district: SmallDistrict) -> None:
    """S70: AB roles."""
    bureau = scope_with("district_bureau")
    first, second, third = person("甲"), person("乙"), person("丙")
    old = save_stand_in(bureau, first, second, place="counter", starts_on=date(2026, 1, 1))
    save_stand_in(bureau, first, third, place="counter", starts_on=date(2026, 2, 1))
    old.refresh_from_db()
    assert old.ends_on == date(2026, 1, 31)


def test_expiring_certificates_can_be_found(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    who = person("证书到期者")
    posting(who, district.responsibility_areas[0])
    soon = today() + timedelta(days=30)
    save_certificate(bureau, who, CertificateDraft("first_aid", "12345678", date(2024, 1, 1), soon))
    client = _client("district_bureau")
    assert "证书到期者" in client.get(reverse("people:certificates"), {"state": "soon"}).content.decode()
    assert "证书到期者" not in client.get(reverse("people:certificates"), {"state": "over"}).content.decode()
    assert Certificate.objects.count() == 1


PAGES = [
    "list",
    "postings",
    "vacancies",
    "load",
    "handovers",
    "skills",
    "certificates",
    "positions",
    "corrections",
]


@pytest.mark.sqlite
def test_lists_cost_the_same_queries_for_1100_people_as_for_sixty(district: SmallDistrict) -> None:
    load_presets(scope_with("district_bureau"))
    client = _client("district_bureau")
    crowd(district.communities[0], 60)
    few = {name: _queries(client, name) for name in PAGES}
    crowd(district.communities[1], 1040)
    many = {name: _queries(client, name) for name in PAGES}
    assert few == many
    assert max(many.values()) <= 18


def _queries(client: Client, name: str) -> int:
    client.get(reverse(f"people:{name}"))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse(f"people:{name}")).status_code == 200
    return len(seen)


def test_the_load_page_compares_with_the_rule(district: SmallDistrict) -> None:
    """S71."""
    heavy = area("responsibility_area", "大田", district.grids[0], households=900)
    posting(person("超负荷者"), heavy)
    text = _client("district_bureau").get(reverse("people:load"), {"band": "above"}).content.decode()
    assert "超负荷者" in text
    assert "900" in text


def test_skills_show_as_a_matrix(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    load_presets(bureau)
    who = person("全科社工")
    posting(who, district.responsibility_areas[0])
    from minping_web.people.models import Skill

    set_grade(bureau, who, Skill.objects.get(code="welfare"), 3)
    text = _client("street_staff", area=district.streets[0]).get(reverse("people:skills")).content.decode()
    assert "全科社工" in text
    set_grade(bureau, who, Skill.objects.get(code="welfare"), None)
    assert not who.skills.exists()


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["vacancies", "load", "handovers", "corrections"])
def test_lists_that_follow_from_others_are_searched_and_exported(district: SmallDistrict, name: str) -> None:
    people = [person(one) for one in ("寻得", "旁人")]
    for one, field in zip(people, district.responsibility_areas, strict=False):
        posting(one, field)
        CorrectionRequest.objects.create(person=one, about="person", text="有误", asked_at=now())
        Handover.objects.create(giver=one, area=field, day=today())
    wanted = "寻得" if name != "vacancies" else "河湾"
    client = _client("district_bureau")
    page = client.get(reverse(f"people:{name}"), {"q": wanted})
    assert wanted in page.content.decode()
    assert "旁人" not in page.content.decode()
    for form in ("csv", "xlsx"):
        file = client.get(reverse(f"people:{name}"), {"q": wanted, "format": form})
        assert "attachment" in file.headers["Content-Disposition"]
    rows = client.get(reverse(f"people:{name}"), {"q": wanted, "format": "csv"}).content.decode("utf-8-sig")
    assert wanted in rows
    assert "旁人" not in rows
    assert len(rows.strip().splitlines()) == (2 if name != "vacancies" else 3)
    none = client.get(reverse(f"people:{name}"), {"q": "不存在"})
    assert none.status_code == 200
    assert "寻得" not in none.content.decode()


def test_a_name_that_several_areas_have_is_told_apart_from_none(district: SmallDistrict) -> None:
    scope = scope_with("street_staff", area=district.streets[0])
    form = MoveForm({"kind": "join", "day": "2026-03-01", "area": "第一网格"}, scope=scope)
    told = " ".join(form.errors["area"])
    assert "和平社区" in told
    assert district.grids[2].code in told
    assert "河湾社区" not in told
    assert district.grids[0].code not in " ".join(
        MoveForm({"kind": "join", "day": "2026-03-01", "area": "无"}, scope=scope).errors["area"]
    )
    chosen = MoveForm({"kind": "join", "day": "2026-03-01", "area": "第一网格 · 新村社区"}, scope=scope)
    assert chosen.is_valid()
    assert chosen.cleaned_data["area"] == district.grids[2]
    assert f'<option value="{district.grids[2].code}">第一网格 · 新村社区</option>' in str(form)
