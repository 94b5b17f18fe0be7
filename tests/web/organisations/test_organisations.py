"""Organisations and contracts: trees without circles, sub-contracts inside their mains, who sees what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import Place
from minping_web.common.changes import recording, undo
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.tabular import read_table
from minping_web.organisations.exports import contract_rows
from minping_web.organisations.imports import CONTRACTS, ORGANISATIONS, apply_contracts, apply_organisations
from minping_web.organisations.models import Contract, Organisation, OrganisationContact
from minping_web.organisations.rules import DEEPEST, faults_of_chain, height, yuan
from minping_web.organisations.selectors import (
    contacts_of,
    contracts_seen,
    organisations_seen,
    serving_between,
    tree_of,
)
from minping_web.organisations.services import (
    ContactDraft,
    ContractDraft,
    add_contact,
    delete_contract,
    end_organisation,
    remove_contact,
    save_contract,
)
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, organisation, scope_with, user

START, END = date(2026, 1, 1), date(2026, 12, 31)


def _draft(code: str, principal: Organisation, contractor: Organisation, **values: object) -> ContractDraft:
    defaults: dict[str, object] = {"main": None, "starts_on": START, "ends_on": END, "amount_fen": 100_000_00}
    return ContractDraft(code, "养老服务", principal, contractor, **{**defaults, **values})  # type: ignore[arg-type]


@pytest.fixture
def chain(district: SmallDistrict) -> list[Organisation]:
    """A street office, a lead contractor, a sub-contractor, and one below."""
    return [
        organisation("street_office", "东街道办事处", area=district.streets[0]),
        organisation("social_organisation", "幸福服务中心"),
        organisation("contractor", "康复公司"),
        organisation("contractor", "理疗个体户"),
    ]


@pytest.mark.sqlite
def test_a_sub_contract_lies_inside_its_main_contract(chain: list[Organisation]) -> None:
    """S45: main and sub-contracts are a tree."""
    scope = scope_with("district_bureau")
    office, lead, sub, other = chain
    main = save_contract(scope, _draft("M", office, lead))
    wrong = _draft(
        "S", office, sub, main=main, starts_on=date(2025, 1, 1), ends_on=date(2027, 1, 1), amount_fen=10**8
    )
    with pytest.raises(RefusedError) as refused:
        save_contract(scope, wrong)
    assert {p.code for p in refused.value.problems} == {
        "contract.principal_differs",
        "contract.starts_before_main",
        "contract.ends_after_main",
        "contract.above_main",
    }
    save_contract(scope, _draft("S1", lead, sub, main=main, amount_fen=60_000_00))
    with pytest.raises(RefusedError) as refused:
        save_contract(scope, _draft("S2", lead, other, main=main, amount_fen=60_000_00))
    assert [p.code for p in refused.value.problems] == ["contract.above_main"]


def test_a_main_contract_is_not_cut_below_what_hangs_on_it(chain: list[Organisation]) -> None:
    scope = scope_with("district_bureau")
    office, lead, sub, _ = chain
    main = save_contract(scope, _draft("M", office, lead))
    save_contract(scope, _draft("S", lead, sub, main=main, amount_fen=60_000_00))
    with pytest.raises(RefusedError):
        save_contract(scope, _draft("M", office, lead, amount_fen=50_000_00), existing=main)
    with pytest.raises(RefusedError):
        save_contract(scope, _draft("M", office, lead, ends_on=date(2026, 6, 30)), existing=main)


links = st.dictionaries(
    st.sampled_from("abcdef"), st.one_of(st.none(), st.sampled_from("abcdef")), max_size=6
)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12))
def test_accepted_links_never_make_a_circle_or_a_chain_that_is_too_deep(
    wanted: list[tuple[str, str]],
) -> None:
    mains: dict[str, str | None] = dict.fromkeys("abcdef")
    for code, main in wanted:
        others = {name: above for name, above in mains.items() if name != code}
        if not faults_of_chain(code, main, others, Place()):
            mains[code] = main
    for code in mains:
        seen, above = {code}, mains[code]
        while above is not None:
            assert above not in seen
            seen.add(above)
            above = mains[above]
        assert len(seen) - 1 <= DEEPEST
    assert all(height(code, mains) <= DEEPEST for code in mains)


def test_fen_are_shown_as_yuan() -> None:
    assert [yuan(fen) for fen in (0, 5, 123_456_789)] == ["0.00", "0.05", "1,234,567.89"]


@pytest.mark.sqlite
def test_an_organisation_user_sees_own_contracts_and_what_hangs_below(chain: list[Organisation]) -> None:
    bureau = scope_with("district_bureau")
    office, lead, sub, stranger = chain
    main = save_contract(bureau, _draft("M", office, lead))
    below = save_contract(bureau, _draft("S", lead, sub, main=main, amount_fen=1))
    foreign = save_contract(bureau, _draft("X", office, stranger))
    of_lead = scope_with("organisation_user", organisation=lead)
    of_sub = scope_with("organisation_user", organisation=sub)
    assert set(contracts_seen(of_lead)) == {main, below}
    assert set(contracts_seen(of_sub)) == {below}
    assert set(organisations_seen(of_sub, "organisations.own")) == {sub}
    account = user()
    grant(account, "organisation_user", organisation=sub)
    client = sign_in(Client(), account)
    assert client.get(reverse("organisations:own")).status_code == 302
    assert client.get(reverse("organisations:detail", args=[sub.pk])).status_code == 200
    assert client.get(reverse("organisations:contract", args=[below.pk])).status_code == 200
    for name, found in (("detail", lead), ("contract", main), ("contract", foreign)):
        assert client.get(reverse(f"organisations:{name}", args=[found.pk])).status_code == 404
    assert client.get(reverse("organisations:list")).status_code == 403
    assert [node.contract for node in tree_of(bureau, below).lines()] == [main, below]


@pytest.mark.sqlite
def test_a_street_sees_its_own_bodies_and_contracts_carried_out_there(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    own = organisation("unit", "东单位", area=district.communities[0])
    foreign = organisation("unit", "西单位", area=district.communities[2])
    firm = organisation()
    here = save_contract(bureau, _draft("H", foreign, firm, places=(district.communities[1],)))
    save_contract(bureau, _draft("F", foreign, firm, places=(district.communities[2],)))
    street = scope_with("street_staff", area=district.streets[0])
    assert set(organisations_seen(street)) == {own}
    assert set(contracts_seen(street)) == {here}


@pytest.mark.sqlite
def test_contacts_are_sealed_and_shown_to_those_who_need_them(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    body = organisation("unit", "东单位", area=district.communities[0])
    made = add_contact(bureau, body, ContactDraft("投诉", "李联系", "13900000001"))
    raw = bytes(OrganisationContact.objects.get().sealed)
    assert b"13900000001" not in raw
    (line,) = contacts_of(bureau, body)
    assert (line.name, line.phone) == ("李联系", "13900000001")
    assert contacts_of(scope_with("auditor"), body) == []
    assert contacts_of(scope_with("street_staff", area=district.streets[0]), body)
    assert contacts_of(scope_with("organisation_user", organisation=body), body)
    remove_contact(bureau, made)
    assert not OrganisationContact.objects.exists()
    with pytest.raises(PermissionDenied):
        add_contact(scope_with("auditor"), body, ContactDraft("x", "y"))


def test_an_organisation_does_not_end_while_a_contract_runs(chain: list[Organisation]) -> None:
    scope = scope_with("district_bureau")
    main = save_contract(scope, _draft("M", chain[0], chain[1]))
    with pytest.raises(RefusedError):
        end_organisation(scope, chain[1], date(2026, 6, 30))
    delete_contract(scope, main)
    end_organisation(scope, chain[1], date(2026, 6, 30))
    chain[1].refresh_from_db()
    assert chain[1].valid_to == date(2026, 6, 30)


@pytest.mark.sqlite
def test_a_removed_contract_comes_back_with_its_places(
    district: SmallDistrict, chain: list[Organisation]
) -> None:
    scope = scope_with("district_bureau")
    main = save_contract(scope, _draft("M", chain[0], chain[1], places=tuple(district.communities[:2])))
    delete_contract(scope, main)
    from minping_web.common.models import ChangeSet

    undo(scope, ChangeSet.objects.order_by("-pk")[0])
    assert Contract.objects.get(code="M").places.count() == 2


@pytest.mark.sqlite
def test_tables_come_in_in_any_order_and_go_out_again(district: SmallDistrict, tmp_path: object) -> None:
    scope = scope_with("district_bureau")
    path = tmp_path / "a.csv"  # type: ignore[operator]
    path.write_text("单位编号,类别,名称,上级单位编号\nB,承包单位,乙公司,A\nA,街道办事处,甲街道,\n", "utf-8")
    with recording(scope, "organisations.organisations", "t") as recorder:
        apply_organisations(scope, read_table(path, ORGANISATIONS), recorder)
    assert Organisation.objects.get(code="B").parent.code == "A"  # type: ignore[union-attr]
    contracts = (
        "合同编号,标的,委托方编号,承接方编号,主合同编号,起始日期,终止日期,金额（元）,服务区域编号\n"
        f"M,养老,A,B,,2026-01-01,2026-12-31,1234.56,{district.communities[0].code}\n"
    )
    path.write_text(contracts, "utf-8")
    with recording(scope, "organisations.contracts", "t") as recorder:
        apply_contracts(scope, read_table(path, CONTRACTS), recorder)
    assert Contract.objects.get(code="M").amount_fen == 123456
    (row,) = contract_rows(scope, contracts_seen(scope))
    assert str(row["amount"]) == "1234.56"
    path.write_text("单位编号,类别,名称,上级单位编号\nX,部门,甲,Y\nY,部门,乙,X\n", "utf-8")
    with (
        pytest.raises(RefusedError) as refused,
        recording(scope, "organisations.organisations", "t") as recorder,
    ):
        apply_organisations(scope, read_table(path, ORGANISATIONS), recorder)
    assert {p.code for p in refused.value.problems} >= {"table.circle"}


def test_lists_cost_the_same_queries_for_600_bodies_as_for_ten(district: SmallDistrict) -> None:
    account = user()
    grant(account, "district_bureau")
    client = sign_in(Client(), account)
    counts = []
    for size in (60, 600):
        Organisation.objects.bulk_create(
            Organisation(kind="unit", code=f"N{size}-{n}", name=f"单位{n}", area=district.communities[0])
            for n in range(size)
        )
        first, second = Organisation.objects.all()[:2]
        Contract.objects.bulk_create(
            Contract(code=f"K{size}-{n}", subject="服务", principal=first, contractor=second, starts_on=START,
                     ends_on=today() + timedelta(days=9), amount_fen=1)
            for n in range(size)
        )  # fmt: skip
        for name in ("list", "contracts"):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(reverse(f"organisations:{name}")).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 16


def test_pages_add_edit_and_refuse_with_words(district: SmallDistrict) -> None:
    account = user()
    grant(account, "district_bureau")
    client = sign_in(Client(), account)
    data = {"kind": "department", "code": "D1", "name": "民政局"}
    assert client.post(reverse("organisations:add"), data).status_code == 302
    again = client.post(reverse("organisations:add"), data)
    assert again.status_code == 422
    assert "organisation.code_taken" in again.content.decode()
    body = Organisation.objects.get(code="D1")
    page = client.get(reverse("organisations:edit", args=[body.pk]))
    assert "民政局" in page.content.decode()
    firm = organisation()
    contract = {"code": "K1", "subject": "调查", "principal": "D1", "contractor": firm.code,
                "starts_on": "2026-01-01", "ends_on": "2026-12-31", "amount": "100.50"}  # fmt: skip
    assert client.post(reverse("organisations:contract_add"), contract).status_code == 302
    assert Contract.objects.get().amount_fen == 10050
    assert client.get(reverse("organisations:contract", args=[Contract.objects.get().pk])).status_code == 200


@pytest.mark.parametrize(
    ("second", "days"),
    [((date(2026, 3, 1), END), 62), ((date(2026, 1, 11), date(2026, 2, 9)), 40), ((START, END), 90)],
    ids=["gap", "overlap", "inside"],
)
def test_days_of_service_count_once_and_not_between_two_contracts(
    chain: list[Organisation], district: SmallDistrict, second: tuple[date, date], days: int
) -> None:
    """January, then another contract, seen in the first quarter: shares of the period come of it."""
    office, body = chain[:2]
    for number, (first, last) in enumerate([(START, date(2026, 1, 31)), second]):
        Contract.objects.create(code=f"D{number}", subject="便民服务", principal=office, contractor=body,
                                starts_on=first, ends_on=last, amount_fen=1)  # fmt: skip
    (span,) = serving_between(district.responsibility_areas[:1], START, date(2026, 3, 31))
    assert span.days == days
