"""Community, street, district: how far up help is sought, from quarters in a row (S9)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.coaching import (
    LadderReasonKind,
    LadderRule,
    Quarter,
    QuarterSide,
    ladder_in_words,
    ladder_step,
)
from minping_engine.errors import InputError
from minping_engine.terms import AreaLevel

SIDES = {
    "b": QuarterSide.BEHIND,
    "a": QuarterSide.AHEAD,
    "m": QuarterSide.BETWEEN,
    "n": QuarterSide.NOT_ASSESSED,
}


def quarters(said: str) -> list[Quarter]:
    """Oldest first; a capital letter is a quarter of low reliability."""
    return [
        Quarter(f"Q{number}", SIDES[one.lower()], 0.5 if one.isupper() else 0.9)
        for number, one in enumerate(said, 1)
    ]


@pytest.mark.parametrize(
    ("said", "side", "level", "counted"),
    [
        ("", "between", None, 0),
        ("m", "between", None, 0),
        ("b", "behind", "community", 1),
        ("bb", "behind", "street", 2),
        ("bbb", "behind", "district", 3),
        ("bbbbb", "behind", "district", 5),
        ("bbm", "between", None, 0),  # she has caught up
        ("bmb", "behind", "community", 1),
        ("abb", "behind", "street", 2),
        ("aaa", "ahead", "district", 3),
        ("bna", "ahead", "community", 1),
        ("bnb", "behind", "street", 2),  # not assessed: neither counted nor an end
        ("bBb", "behind", "street", 2),  # too unreliable: the same
        ("bbn", "behind", "street", 2),
        ("bnnb", "behind", "community", 1),  # two lack: too long ago
        ("B", "between", None, 0),
        ("nn", "between", None, 0),
    ],
)
def test_quarters_in_a_row_lead_up_the_ladder(said: str, side: str, level: str | None, counted: int) -> None:
    step = ladder_step(quarters(said))
    assert (step.side, step.level, step.quarters) == (side, level, counted)


def test_a_rule_may_ask_for_more_quarters() -> None:
    rule = LadderRule(quarters=(2, 4, 6))
    few = ladder_step(quarters("b"), rule=rule)
    assert (few.level, few.reasons[-1].kind) == (None, LadderReasonKind.TOO_FEW_QUARTERS)
    assert ladder_step(quarters("bbbb"), rule=rule).level is AreaLevel.STREET


def test_a_reliability_on_the_limit_counts() -> None:
    assert ladder_step([Quarter("Q1", QuarterSide.BEHIND, 0.70)]).quarters == 1
    assert ladder_step([Quarter("Q1", QuarterSide.BEHIND, 0.699999)]).quarters == 0


@given(st.text("bamnBA", max_size=8))
def test_every_step_has_a_reason_and_older_quarters_never_lower_it(said: str) -> None:
    step = ladder_step(quarters(said))
    assert step.reasons
    assert step.quarters == sum(reason.kind is LadderReasonKind.COUNTED for reason in step.reasons)
    assert all(words for language in ("zh", "en") for words in ladder_in_words(step, language))
    assert ladder_step(quarters("b" + said)).quarters >= step.quarters


def test_the_reasons_are_told_in_words() -> None:
    assert ladder_in_words(ladder_step(quarters("mbNb")), "en") == (
        "Help by the street (2 quarters behind in a row).",
        "Q4 behind: counted.",
        "Q3 not assessed: neither counted nor an end.",
        "Q2 behind: counted.",
        "Q1 between: the series ends there.",
    )
    assert ladder_in_words(ladder_step(quarters("aaa")), "zh")[0] == "可在全区带教（连续 3 个季度领先）。"


@pytest.mark.parametrize(
    "rule",
    [
        LadderRule(quarters=(0, 1, 2)),
        LadderRule(quarters=(1, 1, 2)),
        LadderRule(least_reliability=70),
        LadderRule(most_skipped=-1),
    ],
)
def test_a_rule_that_is_none_is_refused(rule: LadderRule) -> None:
    with pytest.raises(InputError, match="ladder_rule"):
        ladder_step(quarters("b"), rule=rule)
