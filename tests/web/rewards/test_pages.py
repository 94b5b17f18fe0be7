"""Pages of rewards: from draft to payroll as people click it, one's own page, who sees what (G1)."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from minping_web.access.selectors import scope_of
from minping_web.accounts.models import User
from minping_web.assessments.models import AssessedResult
from minping_web.people.models import Person
from minping_web.publications.models import Publication
from minping_web.rewards.models import Line, PayrollExport, Sheet, Standing
from minping_web.rewards.rules.words import SheetState
from minping_web.rewards.selectors.hindrances import hindrances
from minping_web.rewards.selectors.mine import result_block
from minping_web.rewards.selectors.periods import keys_of_all, years_of
from minping_web.rewards.selectors.sheets import contract_lines
from minping_web.rewards.services.lines import make_statement
from tests.web import factories
from tests.web.entering import sign_in
from tests.web.publications import factory as publishing
from tests.web.rewards import factory

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def demo_values() -> object:
    """gulou-worker's bands and amounts were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


@pytest.fixture
def worker() -> User:
    """Somebody of the register with an account."""
    who = factories.user()
    Person.objects.create(code="W-7", name="王试七", user=who)
    factories.grant(who, "worker")
    return who


@pytest.fixture
def published(worker: User) -> Publication:
    """One result of a quarter, one of whose workers is the one with the account."""
    run = publishing.assessed_district()
    one = AssessedResult.objects.filter(run=run, status="assessed").first()
    assert one is not None
    AssessedResult.objects.filter(pk=one.pk).update(person=worker.person)
    return factory.published(run)


def client_of(role: str, **where: object) -> Client:
    """Somebody with that role and a second factor given just now."""
    who = factories.user()
    factories.grant(who, role, **where)
    return sign_in(Client(), who)


def test_from_draft_to_payroll_in_pages(published: Publication) -> None:
    """Budget, withholding, preparing, two signatures, the file; each page says what to do next."""
    sheet = Sheet.objects.get()
    first, second, third = (client_of("district_bureau") for _n in range(3))
    home = f"/rewards/{sheet.pk}/"
    assert "尚未填写该事项的预算" in first.get(home).content.decode()
    assert first.post(f"{home}budget/", {"yuan": "1", "source": "文件"}).status_code == 302
    assert "超出" in first.get(home).content.decode()
    first.post(f"{home}budget/", {"yuan": "60000.00", "source": "区财〔2020〕1号"})
    held = sheet.lines.exclude(person__isnull=False).first()
    assert held is not None
    assert first.post(f"{home}lines/{held.pk}/withhold/", {"reason": ""}).status_code == 422
    first.post(f"{home}lines/{held.pk}/withhold/", {"reason": "异议办理中"})
    assert "异议办理中" in first.get(f"{home}?state=withheld").content.decode()
    first.post(f"{home}prepare/")
    assert "/sign/" not in first.get(home).content.decode()
    sheet.refresh_from_db()
    assert "区财〔2020〕1号" in first.get(home).content.decode()
    signature = {"read": "on", "seen": sheet.sha256}
    assert first.post(f"{home}sign/", signature).status_code == 422
    assert second.post(f"{home}sign/", {"seen": sheet.sha256}).status_code == 422
    for who in (second, third):
        assert who.post(f"{home}sign/", signature).headers["Location"] == home
    sheet.refresh_from_db()
    assert sheet.state == SheetState.SIGNED
    assert first.post(f"{home}export/", {"reason": "", "form": "xlsx"}).status_code == 422
    book = first.post(f"{home}export/", {"reason": "工资", "form": "xlsx"})
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert sum(round(float(row[2]) * 100) for row in rows[1:]) == sheet.total_fen
    assert PayrollExport.objects.get().reason == "工资"
    assert "工资" in first.get("/rewards/exports/").content.decode()
    made = first.post(f"{home}supplement/").headers["Location"]
    assert held.name in first.get(made).content.decode()


def test_nobody_signs_past_a_new_statement_the_own_budget_or_the_own_line(
    published: Publication, worker: User
) -> None:
    """A statement after the page was shown asks for a further reading; no button where signing is refused."""
    sheet = Sheet.objects.get()
    first, payer, other = (client_of("district_bureau") for _n in range(3))
    home = f"/rewards/{sheet.pk}/"
    payer.post(f"{home}budget/", {"yuan": "60000.00", "source": "区财〔2020〕1号"})
    first.post(f"{home}prepare/")
    own = sheet.lines.get(person=worker.person)
    page = other.get(f"{home}sign/")
    seen = page.context["form"].initial["seen"]
    make_statement(scope_of(worker), own, text="我在病假")
    refused = other.post(f"{home}sign/", {"read": "on", "seen": seen})
    assert refused.status_code == 422
    assert "我在病假" in refused.content.decode()
    again = {"read": "on", "seen": refused.context["form"].initial["seen"]}
    assert "rewards.own_budget" in payer.get(home).content.decode()
    assert f"{home}sign/" not in payer.get(home).content.decode()
    assert payer.post(f"{home}sign/", again).status_code == 422
    factories.grant(worker, "district_bureau")
    named = sign_in(Client(), worker).get(home).content.decode()
    assert "rewards.own_case" in named
    assert f"{home}sign/" not in named
    assert other.post(f"{home}sign/", again).headers["Location"] == home
    budget = {"yuan": "70000.00", "source": "区财〔2020〕2号"}
    assert "rewards.own_budget" in other.post(f"{home}budget/", budget).content.decode()


def test_no_signature_and_no_file_without_a_second_factor(published: Publication) -> None:
    """A stale factor is asked for again, on GET and on POST."""
    who = factories.user()
    factories.grant(who, "district_bureau")
    client = sign_in(Client(), who, factor_minutes_ago=30)
    for page in ("sign", "export"):
        for method in (client.get, client.post):
            answer = method(f"/rewards/{Sheet.objects.get().pk}/{page}/")
            assert answer.status_code == 302
            assert "/accounts/" in answer.headers["Location"]


def test_one_sees_one_s_own_and_others_see_nothing(published: Publication, worker: User) -> None:
    """The worker reads amount, rule and state, and says something to it; no list of persons is anybody's
    but the bureau's and the auditor's."""
    sheet = Sheet.objects.get()
    own, foreign = sheet.lines.get(person=worker.person), sheet.lines.filter(person=None).first()
    assert foreign is not None
    client = sign_in(Client(), worker)
    page = client.get("/rewards/mine/").content.decode()
    assert "按规则拟定，尚未签字" in page
    assert own.basis_zh in page
    assert foreign.name not in page
    assert client.post(f"/rewards/mine/{own.pk}/statement/", {"text": "季度内请病假"}).status_code == 302
    assert "季度内请病假" in client_of("district_bureau").get(f"/rewards/{sheet.pk}/").content.decode()
    assert "季度内请病假" in client_of("district_bureau").get(f"/rewards/{sheet.pk}/sign/").content.decode()
    assert client.get(f"/rewards/mine/{foreign.pk}/statement/").status_code == 404
    block = result_block(factory.fresh(worker), own.result_id or 0)
    assert block is not None
    assert "元" in block.facts[0][1]
    assert result_block(factory.fresh(worker), foreign.result_id or 0) is None
    street = factories.small_district().streets[0]
    for role, where in (("street_staff", {"area": street}), ("worker", {}), ("administrator", {})):
        staff = client_of(role, **where)
        for path in ("/rewards/", f"/rewards/{sheet.pk}/", "/rewards/periods/", "/rewards/money/"):
            assert staff.get(path).status_code == 403
        assert result_block(factories.scope_with(role, **where), own.result_id or 0) is None
    for path in ("/rewards/", f"/rewards/{sheet.pk}/", "/rewards/mine/", "/rewards/periods/"):
        assert "/accounts/login/" in Client().get(path).headers["Location"]


def test_lists_name_people_in_alphabetical_order_and_cost_few_queries(
    published: Publication, worker: User, django_assert_max_num_queries: object
) -> None:
    """Nothing is sorted by amount or grade (G1); queries do not grow with the lines."""
    auditor = client_of("auditor")
    sheet = Sheet.objects.get()
    with django_assert_max_num_queries(40):
        page = auditor.get(f"/rewards/{sheet.pk}/").content.decode()
    names = list(Line.objects.filter(sheet=sheet).values_list("name", flat=True))
    places = [page.index(name) for name in names]
    assert places == sorted(places)
    for path in ("/rewards/", "/rewards/periods/", "/rewards/money/", f"/rewards/people/{worker.person.pk}/"):
        with django_assert_max_num_queries(30):
            assert auditor.get(path).status_code == 200
    assert "签字" in auditor.get("/rewards/?format=csv").content.decode("utf-8-sig")
    assert auditor.get("/rewards/money/?format=xlsx").content.startswith(b"PK")
    assert auditor.post(f"/rewards/{sheet.pk}/prepare/").status_code == 403


def test_a_sheet_is_printed_whole_and_a_part_of_it_says_so(
    published: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, sheet = client_of("auditor"), Sheet.objects.get()
    monkeypatch.setattr("minping_web.common.edit_pages.ROWS", 1)
    names = list(sheet.lines.values_list("name", flat=True))
    part = auditor.get(f"/rewards/{sheet.pk}/").content.decode()
    assert f"本次打印仅含第 1 至 1 行，共 {len(names)} 行" in part
    assert names[-1] not in part
    whole = auditor.get(f"/rewards/{sheet.pk}/?all=1").content.decode()
    assert all(name in whole for name in names)
    assert "本次打印仅含" not in whole


def test_a_sheet_of_persons_and_a_year_are_summed_by_the_database(published: Publication) -> None:
    """No line is read to tell what hinders, and only the year's rows of a page are read whole."""
    sheet, scope = Sheet.objects.get(), factories.scope_with("auditor")
    sheet.lines.update(person=Person.objects.get())
    with CaptureQueriesContext(connection) as counted:
        hindrances(sheet)
        contract_lines(sheet)
    lines = [one["sql"] for one in counted if f'FROM "{Line._meta.db_table}"' in one["sql"]]
    assert lines
    assert all("LIMIT 1" in sql or "COUNT(" in sql for sql in lines)
    year = sheet.period[:4]
    keys = keys_of_all(scope, year)
    assert [one.name for one in years_of(keys, year)] == [name for name, _assessee, _scheme in keys]
    assert [one.assessee_id for one in years_of(keys[1:2], year)] == [keys[1][1]]
    one = Standing.objects.get(assessee_id=keys[0][1])
    Standing.objects.filter(pk=one.pk).update(cards=[{"zh": "黄", "en": "y", "colour": "yellow"}])
    Standing.objects.exclude(pk=one.pk).update(cards=[])
    assert keys_of_all(scope, year, only="cards") == keys[:1]
    assert keys_of_all(scope, year, only="falls") == []
    assert keys_of_all(scope, year, search="没有这个人") == []
