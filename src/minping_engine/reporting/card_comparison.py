"""A card's block "among comparable colleagues": level conditions, ranks, ties, change, chance of the grade.

In: `Peers` (rows of `adjustments` and `comparison_groups` by key), one row of scores. Out: `Comparison`
of `card_model`. Every sentence is a fixed one of `statements`; what the result does not know is left out.
Nobody who is not assessed is compared (docs/method/ranks.md, progress.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.assessment.result import Result
from minping_engine.ranking import RankingState
from minping_engine.reporting.card_model import Comparison, RankStrip
from minping_engine.reporting.card_parts import Round, ends, within
from minping_engine.reporting.lookups import Lookups, Row
from minping_engine.reporting.numbers import (
    count_text,
    interval_text,
    plain_text,
    points_text,
    signed_text,
)
from minping_engine.reporting.statements import chance_text, likely_text, statement
from minping_engine.scheme.model import ComparisonGroup
from minping_engine.terms import AreaLevel, Standing, Status

GROUND = "ground:"
PARTS = ("mix", "mode", "ground")
"""Steps as a reader sees them: who answered, how they were asked, where they live."""
GroupKey = tuple[str, str]


@dataclass(frozen=True)
class Peers:
    """What the block reads: points moved by part, comparison groups, members of each tie band."""

    moved: Mapping[str, Mapping[str, float]]
    groups: Mapping[GroupKey, Row]
    ties: Mapping[tuple[GroupKey, int], int]


def look_up_peers(result: Result, found: Lookups) -> Peers:
    """One pass over each table; empty where the scheme compares nobody."""
    groups = {
        (row["district"], row["comparison_group"]): row for row in result["comparison_groups"].to_pylist()
    }
    banded = [row for row in found.scores if row["tie_band"] is not None] if groups else []
    ties = Counter((group_key(found, row), row["tie_band"]) for row in banded)
    return Peers(_moved(result["adjustments"]), groups, ties)


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
        strip=_strip(card_round, row),
        lines=tuple(_lines(card_round, peers, row)),
    )


def _group_text(card_round: Round, rule: ComparisonGroup | None, row: Row) -> str:
    """The comparison group by name, and how many of it are compared."""
    words, label = card_round.words, row["comparison_group"] or ""
    if rule and rule.attribute == "self":
        # Groups of one place each are labelled by id and name: two places may bear one name.
        label = label.partition(" ")[2]
    name = words["group_named"].format(group=label) if label else words["group_all"]
    if row["ranked_of"] is None:
        return name
    return words["group_size"].format(group=name, n=_counted(card_round, row["ranked_of"]))


def _counted(card_round: Round, n: int) -> str:
    return card_round.words["counted_one" if n == 1 else "counted"].format(n=count_text(n))


def _strip(card_round: Round, row: Row) -> RankStrip | None:
    n = row["ranked_of"]
    if not _has_ranks(row) or n is None or n < 2:
        return None
    low, high = ((row[name] - 1) / (n - 1) for name in ("rank_low", "rank_high"))
    first, last = (card_round.words["rank_at"].format(rank=count_text(rank)) for rank in (1, n))
    return RankStrip(low, high, first, last)


def _has_ranks(row: Row) -> bool:
    return row["standing"] == Standing.FULL and row["rank_low"] is not None


def _lines(card_round: Round, peers: Peers, row: Row) -> Iterator[tuple[str, str]]:
    """Label and sentence of what there is to say."""
    sentences = {
        "line_levelled": _levelled(card_round, peers, row),
        "line_rank": _rank(card_round, peers, row),
        "line_tie": _tie(card_round, peers, row),
        "line_progress": _progress(card_round, row),
        "line_grade": _grade_chance(card_round, row),
    }
    return ((card_round.words[key], text) for key, text in sentences.items() if text)


def _levelled(card_round: Round, peers: Peers, row: Row) -> str:
    """What was taken out, and how many points it moved; the parts add up to adjusted less direct."""
    words, moved = card_round.words, peers.moved.get(row["assessee_id"], {})
    parts = [(f"moved_{part}", moved[part]) for part in PARTS if part in moved]
    if row["weighted"] is not None and row["direct"] is not None:
        parts.append(("moved_weights", row["weighted"] - row["direct"]))
    if not parts:
        return ""
    texts = [words[key].format(points=signed_text(points, 2)) for key, points in parts]
    total = signed_text(sum(points for _, points in parts), 2)
    return words["moved_total"].format(parts=words["separator"].join(texts), points=total)


def _rank(card_round: Round, peers: Peers, row: Row) -> str:
    """The range of ranks, or the sentence why there is none."""
    language = card_round.language
    if row["standing"] is not None and row["standing"] != Standing.FULL:
        return statement(Standing(row["standing"]), language)
    fairness = card_round.scheme.scheme.fairness
    if _has_ranks(row) and fairness is not None:
        key = "rank_interval" if row["rank_low"] < row["rank_high"] else "rank_interval_one"
        return statement(
            key,
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
    width = plain_text(group["median_width"]) if group["median_width"] is not None else ""
    return statement(
        RankingState(group["ranking"]),
        card_round.language,
        n=_counted(card_round, group["compared"]),
        width=width,
    )


def _tie(card_round: Round, peers: Peers, row: Row) -> str:
    """With whom the score shares a band; a joint rank only where the group's ranking holds."""
    if row["tie_band"] is None or row["standing"] != Standing.FULL:
        return ""
    key = group_key(card_round.found, row)
    members, group = peers.ties[key, row["tie_band"]], peers.groups.get(key)
    is_ranked = group is not None and group["ranking"] == RankingState.CARRIED
    if members == 1:
        name = "tie_band_alone"
    elif members == row["ranked_of"]:
        name = "tie_band_all"
    else:
        name = "tie_band" if is_ranked else "tie_band_unranked"
    return statement(
        name,
        card_round.language,
        n=_counted(card_round, members),
        others=_counted(card_round, members - 1),
        rank=count_text(row["tie_rank"]),
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
    return statement("progress_unclear", card_round.language, low=signed_text(low), high=signed_text(high))


def _changed(key: str, card_round: Round, sizes: tuple[float, float, float], percent: int) -> str:
    change, low, high = (points_text(size, 1) for size in sizes)
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
