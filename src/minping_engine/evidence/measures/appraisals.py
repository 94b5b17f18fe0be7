"""Marks by raters other than the sampled households, summed by assessee, group of raters and item.

In: the snapshot's `appraisals`. Out: counts, sums and the counts of each mark, whole numbers in
thousandths of a point. Means and shares (of top marks, of marks below a line) follow from them;
which groups count, and for how much, is the scheme's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minping_engine.evidence.measures.grouping import contract_table, count_distinct, count_rows
from minping_engine.snapshot import Snapshot

_GROUP = ("assessee_id", "rater_group")
_Counts = dict[tuple[str, str], dict[str | None, int]]


@dataclass(frozen=True)
class MarkSums:
    """One item's marks by one group: raters, marks, their sum, and (mark, how often) ascending."""

    n_raters: int
    n: int
    s_milli: int
    values: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class GroupMarks:
    """One group's marks: its raters, those of known kind by kind, and sums by item."""

    raters: int
    by_kind: Mapping[str, int]
    items: Mapping[str, MarkSums]


def appraisal_sums(snapshot: Snapshot) -> dict[str, dict[str, GroupMarks]]:
    """Assessee -> group of raters -> its marks. Who got no mark is not there."""
    appraisals = contract_table(snapshot, "appraisals")
    kinds = _nested(count_distinct(appraisals, [*_GROUP, "rater_kind"], "rater"))
    raters = _nested(count_distinct(appraisals, [*_GROUP, "item"], "rater"))
    values: dict[tuple[str, str], dict[str, list[tuple[int, int]]]] = {}
    for assessee, group, item, marks, n in count_rows(appraisals, [*_GROUP, "item", "marks_milli"]):
        values.setdefault((assessee, group), {}).setdefault(item, []).append((marks, n))
    made: dict[str, dict[str, GroupMarks]] = {}
    for assessee, group, n_raters in count_distinct(appraisals, _GROUP, "rater"):
        key = assessee, group
        items = {item: _sums(raters[key][item], marks) for item, marks in values[key].items()}
        by_kind = {kind: n for kind, n in kinds[key].items() if kind is not None}
        made.setdefault(assessee, {})[group] = GroupMarks(n_raters, by_kind, items)
    return made


def _nested(rows: Iterator[tuple[Any, ...]]) -> _Counts:
    nested: _Counts = {}
    for assessee, group, name, n in rows:
        nested.setdefault((assessee, group), {})[name] = n
    return nested


def _sums(n_raters: int, values: list[tuple[int, int]]) -> MarkSums:
    """In Python's whole numbers, which have no end: no sum can run over."""
    n = sum(count for _, count in values)
    return MarkSums(n_raters, n, sum(marks * count for marks, count in values), tuple(values))
