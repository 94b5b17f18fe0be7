"""Cards, exits, funds, contracts (S69): what schemes of the library ask for, on their own demonstrations."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import override_settings

from minping_web.assessments.models import AssessedResult
from minping_web.common.problems import RefusedError
from minping_web.organisations.models import Contract
from minping_web.publications.models import Publication
from minping_web.rewards.models import Line, Sheet, Standing
from minping_web.rewards.rules.words import Family, SheetState
from minping_web.rewards.selectors.conversions import conversions_of
from minping_web.rewards.selectors.sheets import barred_from, certified_of, problems_of
from minping_web.rewards.services.exporting import export_rows, take_export
from minping_web.rewards.services.lines import enter_budget, note_statement, withhold
from minping_web.rewards.services.signing import prepare, sign
from tests.web import factories
from tests.web.publications import factory as publishing
from tests.web.rewards import factory

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def demo_values() -> object:
    """Values that nobody published are invented for demonstrations."""
    with override_settings(DEMO=True):
        yield


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    """What was refused, all of it."""
    return [problem.code for problem in refused.value.problems]


def test_nobody_leaves_unheard_and_cards_are_followed_over_periods() -> None:
    """S99: a red card proposes the end of a contract; the innovation fund is the engine's, to the fen."""
    made = factory.published_demos("longgang-adviser")
    for publication in made:
        fund = Sheet.objects.filter(publication=publication, use="innovation").first()
        proposed = factory.proposals_of(publication, "innovation")
        assert (fund.total_fen if fund else 0) == sum(fen or 0 for fen in proposed.values())
    fund = Sheet.objects.filter(use="innovation").first()
    assert fund is not None
    assert (fund.granted_fen, problems_of(fund)) == (fund.total_fen, [])
    cards = Sheet.objects.filter(family=Family.CARD)
    shown = {(row.period, row.assessee_id) for row in Standing.objects.exclude(cards=[])}
    assert shown == {(line.sheet.period, line.assessee_id) for line in Line.objects.filter(sheet__in=cards)}
    exits = Sheet.objects.filter(kind="exit").first()
    assert exits is not None
    with pytest.raises(RefusedError) as refused:
        prepare(factory.fresh(factory.bureau()), exits.pk)
    assert codes(refused) == ["rewards.not_heard"]
    first, *others = exits.lines.all()
    note_statement(
        factory.fresh(factory.bureau()),
        first,
        heard_on=date(2020, 1, 1),
        text="已改进，请求再给机会",
        declined=False,
    )
    for line in others:
        withhold(factory.fresh(factory.bureau()), line, reason="尚未听取陈述")
    assert prepare(factory.fresh(factory.bureau()), exits.pk).state == SheetState.PREPARED


def test_street_funds_say_where_errors_allow_another_order() -> None:
    """S31, S29: 50, 40 and 30 times ten thousand yuan; who signs says why, where ranks are not told apart."""
    made = factory.published_demos("gulou-street", "2019")[0]
    fund = Sheet.objects.get(use="work_fund")
    assert fund.total_fen == 120_000_000
    assert {line.assessee_id: line.fen for line in fund.lines.all()} == factory.proposals_of(
        made, "work_fund"
    )
    assert fund.lines.filter(told_apart=False).exists()
    who = factory.bureau()
    enter_budget(factory.fresh(who), fund, fen=120_000_000, source="区财〔2019〕8号")
    prepared = prepare(factory.fresh(who), fund.pk)
    with pytest.raises(RefusedError) as refused:
        sign(factory.fresh(factory.bureau()), fund.pk, seen=prepared.sha256)
    assert codes(refused) == ["rewards.not_told_apart"]
    for _turn in range(fund.signatures_needed):
        sign(factory.fresh(factory.bureau()), fund.pk, seen=prepared.sha256, not_told_apart="按得分先后")
    assert {one.not_told_apart_reason for one in fund.signatures.all()} == {"按得分先后"}
    conversion = factory.signed(Sheet.objects.get(family=Family.CONVERSION))
    rows = list(export_rows(conversion, list(conversion.lines.select_related("area", "result"))))
    scores = {one.assessee_id: f"{one.score:.2f}" for one in made.run.results.all() if one.score is not None}
    assert {row["number"]: row["score"] for row in rows} == scores
    [taker] = conversions_of("gulou-street", conversion.text_zh)
    assert taker.scheme_id == "gulou-work-style"
    assert (taker.points, taker.converted(85.5), taker.converted(120.0)) == (40, 34.2, 40.0)
    assert len(rows) == len(scores)
    with override_settings(DEMO=False):
        assert conversions_of("gulou-street", conversion.text_zh)[0].converted(85.5) is None
    assert not Sheet.objects.filter(kind="report").exists()
    _a_corrected_score_is_converted_anew(made, conversion)


def _a_corrected_score_is_converted_anew(made: Publication, conversion: Sheet) -> None:
    """Who keeps the consequence with another score stands on the difference sheet, and nobody else."""
    one = conversion.lines.exclude(result__score=None).first()
    assert one
    assert one.result
    AssessedResult.objects.filter(pk=one.result_id).update(score=one.result.score - 1)
    factory.published(publishing.assessed(made.run.snapshot, "更正"), supersedes=made)
    [line] = Sheet.objects.get(family=Family.CONVERSION, state=SheetState.DRAFT).lines.all()
    assert (line.assessee_id, line.change) == (one.assessee_id, "changed")


def test_a_contractor_is_not_paid_beyond_its_contract() -> None:
    """S45, S48: its own part of the contract is the limit; what is held back is named and not paid."""
    factory.published_demos("xiaoshi-organisation", "2020Q1")
    pay = Sheet.objects.get(use="payment")
    held_back = Sheet.objects.get(use="held_back")
    assert not held_back.has_money
    assert held_back.lines.filter(fen__gt=0).exists()
    lead = factories.organisation("contractor", "总承接机构")
    bureau = factories.organisation("bureau", "民政局")
    for line in pay.lines.all():
        type(lead).objects.get_or_create(code=line.assessee_id, name=line.name, kind="contractor")
    for code in pay.lines.values_list("assessee_id", flat=True):
        Contract.objects.create(
            code=f"C-{code}", subject="服务", principal=bureau, contractor=type(lead).objects.get(code=code),
            starts_on=date(2020, 1, 1), ends_on=date(2099, 12, 31),
            amount_fen=pay.lines.get(assessee_id=code).fen or 0,
        )  # fmt: skip
    assert prepare(factory.fresh(factory.bureau()), pay.pk).state == SheetState.PREPARED
    main = Contract.objects.order_by("code").first()
    assert main is not None
    Contract.objects.create(
        code="SUB", subject="分包", principal=main.contractor, contractor=lead, main=main,
        starts_on=date(2020, 1, 1), ends_on=date(2099, 12, 31), amount_fen=1,
    )  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        sign(factory.fresh(factory.bureau()), pay.pk, seen=Sheet.objects.get(pk=pay.pk).sha256)
    assert codes(refused) == ["rewards.over_contract"]
    with pytest.raises(RefusedError):
        take_export(factory.fresh(factory.bureau()), pay.pk, reason="支付", form="xlsx")


@pytest.mark.deep
def test_promotion_shows_certificates_and_a_veto_keeps_from_honours() -> None:
    """S94, S101, S102."""
    factory.published_demos("chaoyang-worker-year")
    promotion = Sheet.objects.filter(kind="promotion").first()
    assert promotion is not None
    found = certified_of(promotion)
    assert found is not None
    assert (found.here, found.everywhere) == (0, 0)
    factory.published_demos("baotaqiao-year")
    honour = Sheet.objects.get(use="honour")
    barred = {one.name for one in barred_from(honour)}
    assert barred
    assert not barred & set(honour.lines.values_list("name", flat=True))
