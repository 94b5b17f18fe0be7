"""Why help is proposed, from the rows of a published result (S9).

In: rows of scores, outcomes, proposals of one assessee. Out: the side of the period for the ladder, and
reasons in two languages, kept as they were said. Who is ahead is asked to teach, and gets no plan for that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from minping_engine.coaching import LadderRule, Quarter, QuarterSide, ladder_in_words, ladder_step
from minping_engine.terms import Status
from minping_web.coaching.rules.words import Level, Side

Row = Mapping[str, Any]
HELP = frozenset({"coaching", "training"})
GRADE_NAMES = frozenset({"grade", "grade_step", "grade_steps", "grade_change"})
SURE = 0.025
"""A fall counts when the chance that it was a gain is not above this."""
Text = dict[str, str]
FELL = {
    "zh": "与上期相比下降 {points} 分，超出正常波动。",
    "en": "Fell by {points} points since the period before, beyond what chance explains.",
}


@dataclass(frozen=True)
class Reason:
    """One reason; `kind` is use, fall or office; `basis` are the numbers behind it."""

    kind: str
    text: Text
    use: str = ""
    basis: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"kind": self.kind, "use": self.use, "text": self.text, "basis": self.basis}


@dataclass(frozen=True)
class Found:
    """What a publication says about one assessee: side, reasons for help, what it asks of those ahead."""

    side: str
    help: tuple[Reason, ...]
    teaching: tuple[Reason, ...]


def side_of(score: Row, outcome: Row, steps: int) -> Side:
    """By the scheme's grade; without grades by whether the interval lies on one side of the benchmark."""
    if outcome.get("status", score.get("status")) != Status.ASSESSED:
        return Side.NOT_ASSESSED
    step = outcome.get("grade_step")
    if step is not None and steps > 1:
        return Side.BEHIND if step == steps else Side.AHEAD if step == 1 else Side.BETWEEN
    return _beside_benchmark(score)


def _beside_benchmark(score: Row) -> Side:
    names = ("score", "score_low", "score_high", "difference")
    if any(score.get(name) is None for name in names):
        return Side.BETWEEN
    value, low, high, difference = (float(score[name]) for name in names)
    benchmark = value - difference
    if high < benchmark:
        return Side.BEHIND
    return Side.AHEAD if low > benchmark else Side.BETWEEN


def fell(score: Row) -> bool:
    """Whether the score fell beyond what chance explains."""
    change, chance = score.get("progress"), score.get("p_better")
    shown = score.get("progress_state") == "shown"
    return bool(shown and change is not None and chance is not None and change < 0 and chance <= SURE)


def found_of(score: Row, side: Side, proposals: Iterable[Row], texts: Mapping[str, Text]) -> Found:
    """Reasons of one assessee, each once."""
    help_: list[Reason] = []
    teaching: list[Reason] = []
    for row in proposals:
        if row["kind"] not in HELP:
            continue
        reason = Reason("use", texts.get(row["use"], {}), row["use"], json.loads(row["basis"]))
        (teaching if _of_those_ahead(side, reason) else help_).append(reason)
    if fell(score):
        points = f"{-float(score['progress']):.2f}"
        said = {language: text.format(points=points) for language, text in FELL.items()}
        help_.append(Reason("fall", said, basis={"p_better": f"{float(score['p_better']):.4f}"}))
    return Found(side, tuple(help_), tuple(teaching))


def _of_those_ahead(side: Side, reason: Reason) -> bool:
    """A rule on grades alone that holds for somebody in the first grade asks her to share what works."""
    return side is Side.AHEAD and bool(reason.basis) and set(reason.basis) <= GRADE_NAMES


@dataclass(frozen=True)
class Rung:
    """The step of the ladder with its reasons in two languages; `level` "" = nobody above is asked."""

    level: str
    quarters: int
    words: list[Text]


def rung_of(history: Iterable[tuple[str, str, float | None]], rule: LadderRule) -> Rung:
    """From (period, side, reliability), oldest first. An unknown reliability is the scheme's business."""
    quarters = [
        Quarter(period, QuarterSide(side), 1.0 if reliability is None else reliability)
        for period, side, reliability in history
    ]
    step = ladder_step(quarters, rule=rule)
    said = zip(ladder_in_words(step, "zh"), ladder_in_words(step, "en"), strict=True)
    level = Level(step.level.value).value if step.level else ""
    return Rung(level, step.quarters, [{"zh": zh, "en": en} for zh, en in said])


def ladder_rule(values: Mapping[str, Any]) -> LadderRule:
    """The scheme's own numbers where it has them, else the engine's."""
    usual = LadderRule()
    street = int(values.get("street_ladder_from", usual.quarters[1]))
    district = int(values.get("district_ladder_from", usual.quarters[2]))
    return LadderRule(quarters=(1, street, district)) if 1 < street < district else usual
