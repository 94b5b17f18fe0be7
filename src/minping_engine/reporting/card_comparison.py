"""A card's block "among comparable colleagues": level conditions, ranks, ties, change, chance of the grade.

In: `Peers` (rows of `adjustments` and `comparison_groups` by key), one row of scores. Out: `Comparison`
of `card_model`. Every sentence is a fixed one of `statements`; what the result does not know is left out.
Nobody who is not assessed is compared (docs/method/ranks.md, progress.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.assessment.result import Result
from minping_engine.ranking import RankingState
from minping_engine.reporting.card_model import Comparison, RankStrip
from minping_engine.reporting.card_parts import Round, ends, within
from minping_engine.reporting.fair_words import group_in_words, width_text
from minping_engine.reporting.lookups import Lookups, Row
from minping_engine.reporting.numbers import (
    count_text,
    interval_text,
    points_text,
    rounded,
    signed_text,
)
from minping_engine.reporting.statements import chance_text, likely_text, statement
from minping_engine.reporting.texts import texts
from minping_engine.scheme.model import ComparisonGroup, Fairness
from minping_engine.terms import AreaLevel, Standing, Status

GROUND = "ground:"
PARTS = ("mix", "mode", "ground", "weights")
"""Steps as a reader sees them: who answered, how they were asked, where they live, who lives there."""
GroupKey = tuple[str, str]


@dataclass(frozen=True)
class Peers:
    """What the block reads: points moved by part, comparison groups, members of each tie band."""

    moved: Mapping[str, Mapping[str, float]]
    groups: Mapping[GroupKey, Row]
    ties: Mapping[tuple[GroupKey, int], int]
    has_ground: bool
    """Whether anybody's score was levelled for the ground."""


def look_up_peers(result: Result, found: Lookups) -> Peers:
    """One pass over each table; empty where the scheme compares nobody."""
    groups = {
        (row["district"], row["comparison_group"]): row for row in result["comparison_groups"].to_pylist()
    }
    banded = [row for row in found.scores if row["tie_band"] is not None] if groups else []
    ties = Counter((group_key(found, row), row["tie_band"]) for row in banded)
    moved = _moved(result["adjustments"])
    return Peers(moved, groups, ties, any("ground" in parts for parts in moved.values()))


def group_key(found: Lookups, row: Row) -> GroupKey:
    """District and label of a row's comparison group."""
    district = found.places.at(row["area_id"], AreaLevel.DISTRICT)
    return district.area_id if district else "", row["comparison_group"] or ""


def _moved(adjustments: pa.Table) -> dict[str, dict[str, float]]:
    """Points by assessee and part; shrinkage is no part of the adjusted score."""
    table = adjustments.filter(pc.not_equal(adjustments["step"], "shrinkage"))
    is_ground = pc.starts_with(table["step"], GROUND)
    is_mode = pc.equal(table["step"], "mode")
    part = pc.if_else(is_ground, "ground", pc.if_else(is_mode, "mode", "mix"))
    sums = table.append_column("part", part).group_by(["assessee_id", "part"]).aggregate([("points", "sum")])
    moved: dict[str, dict[str, float]] = {}
    for row in sums.to_pylist():
        moved.setdefault(row["assessee_id"], {})[row["part"]] = row["points_sum"]
    return moved


def comparison(card_round: Round, peers: Peers, row: Row) -> Comparison | None:
    """The block of one assessee; None where nothing was adjusted, or nobody is assessed."""
    fairness = card_round.scheme.scheme.fairness
    if fairness is None or row["status"] != Status.ASSESSED or row["adjusted"] is None:
        return None
    is_shown_above = card_round.counts == "adjusted"
    value, se = (row["direct"], row["direct_se"]) if is_shown_above else (row["adjusted"], row["adjusted_se"])
    low, high = within(ends(value, se, card_round.z), card_round.full)
    return Comparison(
        group=_group_text(card_round, fairness.comparison_group, row),
        score_label=card_round.words["before_levelling" if is_shown_above else "after_levelling"],
        score=points_text(value),
        interval=interval_text(low, high) if low is not None else "",
        strip=_strip(card_round, peers, row),
        lines=tuple(_lines(card_round, peers, row)),
    )


def _group_text(card_round: Round, rule: ComparisonGroup | None, row: Row) -> str:
    """The comparison group by name, and how many of it are compared."""
    words, label = card_round.words, row["comparison_group"] or ""
    label = group_in_words(label, rule, texts("fairness", card_round.language)) if label else ""
    name = words["group_named"].format(group=label) if label else words["group_all"]
    if row["ranked_of"] is None:
        return name
    return words["group_size"].format(group=name, n=_counted(card_round, row["ranked_of"]))


def _counted(card_round: Round, n: int) -> str:
    return card_round.words["counted_one" if n == 1 else "counted"].format(n=count_text(n))


def _strip(card_round: Round, peers: Peers, row: Row) -> RankStrip | None:
    n, place = row["ranked_of"], _place_kind(card_round, peers, row)
    if place is None or n is None or n < 2:
        return None
    low, high = ((row[name] - 1) / (n - 1) for name in ("rank_low", "rank_high"))
    words = card_round.words["place_at" if place == "rank_rough" else "rank_at"]
    first, last = (words.format(rank=count_text(rank)) for rank in (1, n))
    return RankStrip(low, high, first, last)


def _place_kind(card_round: Round, peers: Peers, row: Row) -> str | None:
    """Sentence of the place: a rank only where the group's ranking is carried, else a rough one or none."""
    group = peers.groups.get(group_key(card_round.found, row))
    if group is None or row["standing"] != Standing.FULL or row["rank_low"] is None:
        return None
    kinds = {RankingState.CARRIED: "rank_interval", RankingState.TOO_WIDE: "rank_rough"}
    return kinds.get(RankingState(group["ranking"]))


def _lines(card_round: Round, peers: Peers, row: Row) -> Iterator[tuple[str, str]]:
    """Label and sentence of what there is to say."""
    is_rough = _place_kind(card_round, peers, row) == "rank_rough"
    sentences = {
        "line_levelled": _levelled(card_round, peers, row),
        "line_ground": _ground(card_round, peers),
        "line_place" if is_rough else "line_rank": _rank(card_round, peers, row),
        "line_tie": _tie(card_round, peers, row),
        "line_progress": _progress(card_round, row),
        "line_grade": _grade_chance(card_round, row),
    }
    return ((card_round.words[key], text) for key, text in sentences.items() if text)


def _levelled(card_round: Round, peers: Peers, row: Row) -> str:
    """What was taken out, and how many points it moved; as printed, parts add up to the move of the score."""
    words, fairness = card_round.words, card_round.scheme.scheme.fairness
    parts = dict(peers.moved.get(row["assessee_id"], {}))
    if row["weighted"] is not None:
        parts["weights"] = row["weighted"] - row["direct"]
    if not parts or fairness is None:
        return ""
    total = rounded(row["adjusted"], 2) - rounded(row["direct"], 2)
    names = [part for part in PARTS if part in parts]
    shown = shares_of(total, [parts[part] for part in names])
    texts = [
        words[f"moved_{part}"].format(points=signed_text(float(points), 2))
        for part, points in zip(names, shown, strict=True)
        if points or _is_asked(fairness, part)
    ]
    return words["moved_total"].format(
        parts=words["separator"].join(texts), points=signed_text(float(total), 2)
    )


def shares_of(total: Decimal, parts: Sequence[float]) -> list[Decimal]:
    """`parts` in hundredths that add up to `total`: the largest remainders are rounded up.

    Each part is off by less than 0.01 as long as `total` is within 0.01 of the true sum.
    """
    floors = [math.floor(part * 100) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda number: floors[number] - parts[number] * 100)
    up = set(by_remainder[: int(total * 100) - sum(floors)])
    return [Decimal(floor + (number in up)) / 100 for number, floor in enumerate(floors)]


def _is_asked(fairness: Fairness, part: str) -> bool:
    """Whether the scheme has the step at all."""
    asked = {
        "mix": fairness.adjusters,
        "mode": fairness.modes,
        "ground": fairness.context,
        "weights": fairness.weighting,
    }
    return bool(asked[part])


def _ground(card_round: Round, peers: Peers) -> str:
    """Says that the ground stayed as it is though the scheme asks to level it."""
    fairness = card_round.scheme.scheme.fairness
    if fairness is None or not fairness.context or peers.has_ground:
        return ""
    return statement("ground_not_levelled", card_round.language)


def _rank(card_round: Round, peers: Peers, row: Row) -> str:
    """The range of ranks or places, or the sentence why there is none."""
    language = card_round.language
    if row["standing"] is not None and row["standing"] != Standing.FULL:
        return statement(Standing(row["standing"]), language)
    fairness, place = card_round.scheme.scheme.fairness, _place_kind(card_round, peers, row)
    if place is not None and fairness is not None:
        return statement(
            place if row["rank_low"] < row["rank_high"] else f"{place}_one",
            language,
            n=_counted(card_round, row["ranked_of"]),
            low=count_text(row["rank_low"]),
            high=count_text(row["rank_high"]),
            percent=fairness.ranks.level_percent,
        )
    group = peers.groups.get(group_key(card_round.found, row))
    return _ranking(card_round, group) if group else ""


def _ranking(card_round: Round, group: Row) -> str:
    """Why a group has no ranks."""
    width = width_text(group["median_width"]) if group["median_width"] is not None else ""
    return statement(
        RankingState(group["ranking"]),
        card_round.language,
        n=_counted(card_round, group["compared"]),
        width=width,
    )


def _tie(card_round: Round, peers: Peers, row: Row) -> str:
    """With whom the score shares a band; ranks are named only where the group's ranking holds."""
    if row["tie_band"] is None or row["standing"] != Standing.FULL:
        return ""
    key = group_key(card_round.found, row)
    members, group = peers.ties[key, row["tie_band"]], peers.groups.get(key)
    is_ranked = group is not None and group["ranking"] == RankingState.CARRIED
    if members == 1:
        name = "tie_band_alone"
    elif members == row["ranked_of"]:
        name = "tie_band_all"
    elif is_ranked:
        name = "tie_band" if members == 2 else "tie_band_many"
    else:
        name = "tie_band_unranked"
    return statement(
        name,
        card_round.language,
        n=_counted(card_round, members),
        others=_counted(card_round, members - 1),
        rank=count_text(row["tie_rank"]),
        last=count_text(row["tie_rank"] + members - 1),
    )


def _progress(card_round: Round, row: Row) -> str:
    """Gain, loss, or no clear change since the last comparable period."""
    if row["progress"] is None or row["progress_se"] is None:
        return ""
    low, high = (row["progress"] + side * card_round.z * row["progress_se"] for side in (-1, 1))
    percent: int = card_round.scheme.scheme.scoring.interval_percent
    if low > 0:
        return _changed("progress_gain", card_round, (row["progress"], low, high), percent)
    if high < 0:
        return _changed("progress_loss", card_round, (-row["progress"], -high, -low), percent)
    places = _places_for(low, high)
    return statement(
        "progress_unclear",
        card_round.language,
        low=signed_text(low, places),
        high=signed_text(high, places),
    )


def _places_for(*ends_of_range: float) -> int:
    """One decimal, or as many as keep an end from looking like nought (three at most)."""
    kept = (places for places in (1, 2) if all(rounded(end, places) for end in ends_of_range))
    return next(kept, 3)


def _changed(key: str, card_round: Round, sizes: tuple[float, float, float], percent: int) -> str:
    change, low, high = (points_text(size, _places_for(*sizes)) for size in sizes)
    return statement(key, card_round.language, change=change, low=low, high=high, percent=percent)


def _grade_chance(card_round: Round, row: Row) -> str:
    """How sure the grade is."""
    if row["grade"] is None or row["grade_chance"] is None:
        return ""
    language, chance = card_round.language, row["grade_chance"]
    return statement(
        "grade_chance",
        language,
        grade=card_round.grade_label(row["grade"]),
        likely=likely_text(chance, language),
        chance=chance_text(chance, language),
    )
