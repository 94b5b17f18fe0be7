"""Differences add up: whatever is signed, corrected and signed again ends at the last result, to the fen."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_web.rewards.rules.drafts import DraftLine, DraftSheet, Held, differing
from minping_web.rewards.rules.payroll import LayoutError, layout, yuan_exact
from minping_web.rewards.rules.words import Change, Family

WHO = st.sampled_from("abcdef")
PAID = st.dictionaries(WHO, st.integers(min_value=0, max_value=10**9))
NAMED = st.sets(WHO)


def sheet(lines: Mapping[str, int | None], *, has_money: bool) -> DraftSheet:
    """What a result proposes."""
    made = tuple(DraftLine(who, fen, {}) for who, fen in lines.items())
    return DraftSheet("use", "pay", Family.PAY, ("", ""), ("", ""), "", 1, has_money, made)


def after(signed: Mapping[str, Held], difference: DraftSheet) -> dict[str, Held]:
    """What holds when the difference is signed too."""
    found = dict(signed)
    for line in difference.lines:
        fen = found.get(line.assessee_id, Held()).fen + (line.fen or 0)
        found[line.assessee_id] = Held(fen, line.change != Change.WITHDRAWN)
    return {who: held for who, held in found.items() if held.holds or held.fen}


@given(st.lists(PAID, min_size=1, max_size=4))
def test_what_was_signed_and_its_differences_are_the_last_result(results: list[dict[str, int]]) -> None:
    """Each total is the result's; a result that changes nothing makes no line."""
    signed: dict[str, Held] = {}
    for result in results:
        difference = differing(sheet(result, has_money=True), signed)
        before = sum(held.fen for held in signed.values())
        assert before + sum(line.fen or 0 for line in difference.lines) == sum(result.values())
        for line in difference.lines:
            assert (line.before_fen or 0) + (line.fen or 0) == result.get(line.assessee_id, 0)
        signed = after(signed, difference)
        assert signed == {who: Held(fen, True) for who, fen in result.items()}
        assert not differing(sheet(result, has_money=True), signed).lines


@given(st.lists(NAMED, min_size=1, max_size=4))
def test_consequences_without_money_are_added_and_taken_back(results: list[set[str]]) -> None:
    """An honour or a notice holds exactly for those whom the last result names."""
    signed: dict[str, Held] = {}
    for result in results:
        difference = differing(sheet(dict.fromkeys(result), has_money=False), signed)
        signed = after(signed, difference)
        assert set(signed) == result
        assert all(line.fen is None for line in difference.lines)


def test_the_deployment_names_the_columns_of_payroll_files() -> None:
    """A key alone keeps our heading; an unknown key is named; amounts are exact."""
    chosen = layout("number=人员编码, amount")
    assert [(one.key, one.zh) for one in chosen] == [("number", "人员编码"), ("amount", "金额（元）")]
    assert [one.key for one in layout("")] == ["number", "name", "amount", "period", "rule"]
    with pytest.raises(LayoutError, match="salary"):
        layout("salary")
    assert str(yuan_exact(-120050)) == "-1200.50"
