"""Parts of a report card: picture of means, items, trend, answers, advice.

In: `Round` (look-ups, scheme, words) and one row of scores. Out: the frozen parts of
`card_model`. Differences are called differences only past sampling error; a mean of fewer than
three assessees is left out, since it would tell a colleague's score. Joined by `cards`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from minping_engine.reporting.card_model import Answered, Axis, ItemRow, Mark, ModeShare, TrendPoint
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.reporting.lookups import OWN, Lookups, Row
from minping_engine.reporting.numbers import (
    Z,
    count_text,
    interval_text,
    percent_text,
    period_parts,
    plain_text,
    points_text,
    rounded,
    signed_text,
)
from minping_engine.reporting.places import SHOWN_LEVELS, Place
from minping_engine.reporting.published import released_counts
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import TOTAL
from minping_engine.terms import AreaLevel, Mode, label

ALL_ITEMS_UP_TO, STRONGEST, WEAKEST = 8, 3, 5
PERIODS_SHOWN = 8
TICK_STEPS = (0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)


@dataclass(frozen=True)
class Round:
    """One round seen by its cards."""

    found: Lookups
    scheme: LoadedScheme
    words: dict[str, str]
    language: str
    period: str

    @property
    def z(self) -> float:
        """Normal quantile of the scheme's interval."""
        return Z[self.scheme.scheme.scoring.interval_percent]

    @property
    def counts(self) -> str:
        """Which estimate is the score: direct, adjusted or shrunken."""
        fairness = self.scheme.scheme.fairness
        return fairness.counts if fairness else "direct"

    @cached_property
    def full(self) -> float:
        """Most points of a total."""
        return self.scheme.scheme.scoring.total.points / 1000

    @property
    def score_se(self) -> str:
        """Column of the score's error by which a person is judged."""
        return f"{self.counts}_se"

    def grade_label(self, grade: str) -> str:
        """The grade as people read it."""
        return grade_labels(self.scheme, self.language).get(grade, grade)

    def benchmark(self, row: Row) -> Place | None:
        """The place whose mean the scheme sets scores beside (S7)."""
        level = AreaLevel(self.scheme.scheme.scoring.benchmark.of)
        place = self.found.places.at(row["area_id"], level)
        return place if place and self.mean(place.area_id) else None

    def mean(self, area_id: str, variable: str = TOTAL) -> Row | None:
        """A group's row if it may be shown."""
        group = self.found.group(area_id, variable)
        if group is None or group["mean"] is None or group["n_assessees"] < self.scheme.disclosure.mean_from:
            return None
        return group

    def place_name(self, place: Place) -> str:
        """The district is called by its level, other places by name."""
        if place.level == AreaLevel.DISTRICT:
            return "全区" if self.language == "zh" else "district"
        return place.name


def ends(point: float, se: float | None, z: float) -> tuple[float | None, float | None]:
    """An interval round a point; none without a standard error."""
    return (None, None) if se is None else (point - z * se, point + z * se)


def within(limits: tuple[float | None, float | None], full: float) -> tuple[float | None, float | None]:
    """An interval cut off at 0 and at full marks."""
    low, high = limits
    return (None, None) if low is None or high is None else (max(low, 0.0), min(high, full))


def axis_for(values: Iterable[float | None], full: float) -> Axis:
    """A range with a little room on both sides and three to six round ticks, inside 0 and `full`."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    room = max((high - low) * 0.12, full * 0.01)
    low, high = max(0.0, low - room), min(full, high + room)
    step = next((step for step in TICK_STEPS if (high - low) / step <= 5), TICK_STEPS[-1])
    low, high = math.floor(low / step) * step, min(full, math.ceil(high / step) * step)
    count = math.floor((high - low) / step + 1e-9)
    ticks = [low + number * step for number in range(count + 1)]
    return Axis(low, high, tuple((tick, plain_text(tick)) for tick in ticks))


def marks(card_round: Round, row: Row) -> tuple[Mark, ...]:
    """Own score, nearest mean, widest mean; means on the same footing as the score that counts."""
    is_direct = card_round.counts == "direct"
    low, high = row["score_low"], row["score_high"]
    own = Mark(
        card_round.words["own"],
        points_text(row["score"]),
        interval_text(low, high),
        row["score"],
        low,
        high,
        *(_compared_range(card_round, row) if is_direct else (None, None)),
        is_own=True,
    )
    if not is_direct:
        return own, *_counted_mean(card_round, row)
    return own, *(_mean_mark(card_round, place) for place in _shown_places(card_round, row))


def _counted_mean(card_round: Round, row: Row) -> tuple[Mark, ...]:
    """The benchmark of a modelled score: `groups` hold direct means only, which it must not stand beside."""
    place = card_round.benchmark(row)
    if place is None or row["difference"] is None:
        return ()
    mean = row["score"] - row["difference"]
    name = card_round.words["mean_of"].format(place=card_round.place_name(place))
    return (Mark(name, points_text(mean), "", mean, None, None),)


def _shown_places(card_round: Round, row: Row) -> list[Place]:
    chain = [place for place in card_round.found.places.chain(row["area_id"]) if place.level in SHOWN_LEVELS]
    shown = [place for place in chain if card_round.mean(place.area_id)]
    return shown if len(shown) <= 2 else [shown[0], shown[-1]]


def _mean_mark(card_round: Round, place: Place) -> Mark:
    group = card_round.found.groups[place.area_id, TOTAL]
    return Mark(
        card_round.words["mean_of"].format(place=card_round.place_name(place)),
        points_text(group["mean"]),
        interval_text(group["low"], group["high"]),
        group["mean"],
        group["low"],
        group["high"],
    )


def _compared_half(card_round: Round, row: Row) -> float | None:
    """Half of the range by which a score is compared with the benchmark, points.

    A person is judged without population correction, and never by less than the printed interval, which
    for few ballots is wider than the normal one.
    """
    place, se = card_round.benchmark(row), row[card_round.score_se]
    group = card_round.mean(place.area_id) if place else None
    if se is None:
        return None
    error = math.hypot(se, group["se"] or 0.0 if group else 0.0)
    printed = [row["score"] - end for end in (row["score_low"], row["score_high"]) if end is not None]
    return float(max(card_round.z * error, *printed, *(-half for half in printed), 0.0))


def _compared_range(card_round: Round, row: Row) -> tuple[float | None, float | None]:
    """The range that holds the benchmark exactly where the verdict says "within error"."""
    return within(ends(row["score"], _compared_half(card_round, row), 1.0), card_round.full)


def verdict(card_round: Round, row: Row) -> str:
    """How the score stands to the benchmark, in words, by the range that decides."""
    place, half = card_round.benchmark(row), _compared_half(card_round, row)
    if place is None or row["difference"] is None or half is None:
        return ""
    low, high = (points_text(end) for end in _compared_range(card_round, row))
    if abs(row["difference"]) > half:
        key = "verdict_above" if row["difference"] > 0 else "verdict_below"
    else:
        is_wider = (low, high) != (points_text(row["score_low"]), points_text(row["score_high"]))
        key = "verdict_same_wider" if is_wider else "verdict_same"
    return card_round.words[key].format(
        benchmark=card_round.place_name(place),
        difference=points_text(abs(row["difference"])),
        low=low,
        high=high,
    )


def year_so_far(card_round: Round, row: Row) -> str:
    """The mean of this year's periods, once there are two (S2)."""
    if row["year_mean"] is None or row["year_periods"] < 2:
        return ""
    mean = points_text(row["year_mean"])
    key = "year_so_far" if card_round.counts == "direct" else "year_so_far_direct"
    return card_round.words[key].format(periods=row["year_periods"], mean=mean)


@dataclass(frozen=True)
class ItemFigures:
    """An item's numbers before they become text; `gap` orders items by how much they need work."""

    row: Row
    benchmark: float | None
    previous_se: float | None

    @property
    def share(self) -> float:
        """Share of the most points, 0 to 1."""
        return float(self.row["points"] / self.row["max_points"])

    @property
    def gap(self) -> float:
        """Distance to the benchmark's share, or the share itself where there is no benchmark."""
        if self.benchmark is None:
            return self.share - 1
        return float((self.row["points"] - self.benchmark) / self.row["max_points"])

    @property
    def is_below(self) -> bool:
        """Below the mean by the figures as they are printed: a reader sees no smaller difference."""
        printed = self.benchmark is not None and rounded(self.benchmark, 1)
        return bool(printed and rounded(self.row["points"], 1) < printed)


def item_figures(card_round: Round, row: Row) -> list[ItemFigures]:
    """Items with points, in the order of the instrument."""
    own = card_round.found.indicators.get(row["assessee_id"], {})
    place = card_round.benchmark(row)
    figures = []
    for item in card_round.scheme.scheme.instrument.items:
        if item.id in own and own[item.id]["points"] is not None:
            group = card_round.mean(place.area_id, item.id) if place else None
            earlier = card_round.found.earlier(OWN, row["assessee_id"], item.id)
            se = earlier[-1]["se"] if earlier else None
            figures.append(ItemFigures(own[item.id], group["mean"] if group else None, se))
    return figures


def chosen_items(figures: Sequence[ItemFigures]) -> list[ItemFigures]:
    """All items, or where there are many the strongest and the weakest, in order of the instrument."""
    if len(figures) <= ALL_ITEMS_UP_TO:
        return list(figures)
    by_gap = sorted(range(len(figures)), key=lambda number: figures[number].gap)
    weakest = by_gap[:WEAKEST]
    rest = sorted(by_gap[WEAKEST:], key=lambda number: -figures[number].share)
    return [figures[number] for number in sorted({*weakest, *rest[:STRONGEST]})]


def item_row(card_round: Round, figures: ItemFigures, name: str, *, has_advice: bool) -> ItemRow:
    """One item as it is printed."""
    row = figures.row
    change = None if row["previous"] is None else row["points"] - row["previous"]
    share = None if figures.benchmark is None else figures.benchmark / row["max_points"]
    return ItemRow(
        name=name,
        points=points_text(row["points"], 1),
        most=plain_text(row["max_points"]),
        share=figures.share,
        benchmark_share=share,
        benchmark=points_text(figures.benchmark, 1),
        previous=points_text(row["previous"], 1),
        change=signed_text(change, 1),
        direction=_direction(card_round, figures, change),
        has_advice=has_advice,
    )


def _direction(card_round: Round, figures: ItemFigures, change: float | None) -> int | None:
    """1 up, -1 down, 0 within sampling error; None where the errors are not known well enough."""
    too_few = figures.row["n"] < card_round.scheme.disclosure.scored_from
    if too_few or change is None or figures.row["se"] is None or figures.previous_se is None:
        return None
    error = card_round.z * math.hypot(figures.row["se"], figures.previous_se)
    return 0 if abs(change) <= error else (1 if change > 0 else -1)


def trend(card_round: Round, row: Row) -> tuple[TrendPoint, ...]:
    """Earlier scores and this one, oldest first; empty if there is nothing to compare."""
    earlier = [
        old
        for old in card_round.found.earlier(OWN, row["assessee_id"])[-(PERIODS_SHOWN - 1) :]
        if old["estimate"] is not None
    ]
    if not earlier:
        return ()
    place = card_round.benchmark(row)
    means = {
        old["period"]: old["estimate"]
        for old in (card_round.found.earlier(place.level, place.area_id) if place else ())
    }
    group = card_round.mean(place.area_id) if place else None
    points = [_earlier_point(card_round, old, means.get(old["period"])) for old in earlier]
    if row["direct"] is not None:
        points.append(_current_point(card_round, row, group["mean"] if group else None))
    return tuple(points)


def _earlier_point(card_round: Round, old: Row, benchmark: float | None) -> TrendPoint:
    se = old["se_fpc"] if old["se_fpc"] is not None else old["se"]
    low, high = ends(old["estimate"], se, card_round.z)
    year, short = period_parts(old["period"], card_round.language)
    text = points_text(old["estimate"], 1)
    return TrendPoint(year, short, text, old["estimate"], low, high, benchmark, is_current=False)


def _current_point(card_round: Round, row: Row, benchmark: float | None) -> TrendPoint:
    year, short = period_parts(card_round.period, card_round.language)
    text = points_text(row["direct"], 1)
    return TrendPoint(year, short, text, row["direct"], row["low"], row["high"], benchmark, is_current=True)


def answered(card_round: Round, row: Row) -> Answered:
    """How many answered, of how many, by which mode."""
    words, scheme = card_round.words, card_round.scheme
    unit = scheme.scheme.sampling.unit
    goal = words["of_target"].format(n=count_text(scheme.target_ballots)) if scheme.target_ballots else ""
    facts = [(words["ballots"], count_text(row["n_ballots"]), goal)]
    if row["eligible"] is not None:
        facts.append((words[f"eligible_{unit}"], count_text(row["eligible"]), ""))
    # Of five drawn, "all answered" would name the five.
    if row["drawn"] is not None and row["n_ballots"] >= scheme.disclosure.shown_from:
        facts.append((words["drawn"], count_text(row["drawn"]), ""))
        facts.append((words["response_rate"], percent_text(row["n_ballots"], row["drawn"]), ""))
    if row["visited"] is not None:
        facts.append((words["visited"], count_text(row["visited"]), _quota(card_round)))
    return Answered(tuple(facts), _mode_shares(card_round, row), _answered_note(card_round, row))


def _quota(card_round: Round) -> str:
    quota = card_round.scheme.visit_quota
    return card_round.words[f"visit_{quota.window}"].format(n=quota.count) if quota else ""


def _mode_shares(card_round: Round, row: Row) -> tuple[ModeShare, ...]:
    """Modes by size; below the thresholds they would tell who answered."""
    limits = card_round.scheme.disclosure
    if row["n_ballots"] < limits.shown_from:
        return ()
    pairs = card_round.found.modes.get(row["assessee_id"], ())
    kept, others = released_counts(pairs, limits.released_cell_from)
    if not kept:
        return ()
    named = [(label(Mode(mode), card_round.language), n) for mode, n in kept]
    named += [(card_round.words["other_modes"], others)] if others else []
    total = sum(n for _, n in named)
    return tuple(ModeShare(name, count_text(n), n / total) for name, n in named)


def _answered_note(card_round: Round, row: Row) -> str:
    notes = []
    if row["n_rejected"]:
        notes.append(card_round.words["rejected_note"].format(n=count_text(row["n_rejected"])))
    if row["shared_target"]:
        notes.append(card_round.words["shared_note"])
    return " ".join(notes)
