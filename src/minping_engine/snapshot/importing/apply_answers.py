"""Answer texts -> integer codes per ballot, for one row per ballot (wide) and one per answer (long).

In: rows and item rules. Out: `Answers`: which row opens each ballot, and one masked code column
per item. Each distinct text is judged once; what is not allowed becomes one fault with its
first place, its count and the most similar answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from minping_engine.errors import Place
from minping_engine.snapshot.importing.apply_items import ItemRule
from minping_engine.snapshot.importing.faults import Faults, shown, suggestion
from minping_engine.snapshot.importing.mapping import ColumnsMap
from minping_engine.snapshot.importing.rows import Rows
from minping_engine.snapshot.importing.texts import Codes, Distinct, combined, distinct, fold, number_in

NOT_ANSWERED = -1


@dataclass(frozen=True)
class Answers:
    """`first_row[b]` is the row that ballot b's other columns are read from; codes are -1 for no answer."""

    first_row: Codes
    codes: dict[str, Codes]

    def column(self, item: str, chosen: Codes) -> pa.Array:
        """Answer codes of the chosen ballots, null where not answered."""
        values = self.codes[item][chosen]
        return pa.array(values, pa.int16(), mask=values == NOT_ANSWERED)


def wide_answers(rows: Rows, rules: Sequence[ItemRule], faults: Faults) -> Answers:
    """Each row is a ballot, each item a column."""
    codes = {}
    for rule in rules:
        if rule.column in rows.absent:
            codes[rule.id] = np.full(len(rows), NOT_ANSWERED, np.int64)
        else:
            column = rows.distinct(rule.column, rule.missing)
            codes[rule.id] = _coded(column, rule, rows, rule.column, faults)
    return Answers(np.arange(len(rows), dtype=np.int64), codes)


def _coded(
    column: Distinct, rule: ItemRule, rows: Rows, name: str, faults: Faults, at: Codes | None = None
) -> Codes:
    """Codes of one item's answers; `at` are the rows that `column` stands for (default: all)."""
    known = [rule.code_of(text) for text in column.texts]
    lookup = np.array([NOT_ANSWERED if code is None else code for code in known] + [NOT_ANSWERED], np.int64)
    if None in known:
        _refuse_texts(column, rule, rows, name, faults, at)
    return lookup[column.codes]


def _refuse_texts(
    column: Distinct, rule: ItemRule, rows: Rows, name: str, faults: Faults, at: Codes | None
) -> None:
    counts, first = column.counts(), column.first_rows()
    for number, text in enumerate(column.texts):
        if rule.code_of(text) is None:
            row = int(first[number] if at is None else at[first[number]])
            code, near = _reason(text, rule)
            place, count = rows.place(row, name), int(counts[number])
            faults.add(code, place, count=count, item=rule.id, value=shown(text), near=near)


def _reason(text: str, rule: ItemRule) -> tuple[str, str]:
    """Why an answer is not allowed, and what would be."""
    if rule.takes_numbers and number_in(text) is not None:
        return "importing.out_of_range", ", ".join(str(code) for code, _ in rule.codes)
    return "importing.unknown_answer", suggestion(text, rule.texts)


def long_answers(
    rows: Rows, rules: Sequence[ItemRule], columns: ColumnsMap, target: Distinct, faults: Faults
) -> Answers:
    """Each row is one answer; rows of the same ballot (or target and household) make a ballot."""
    ballot = _ballot_of_row(rows, columns, target, faults)
    found, first_row, group = np.unique(ballot, return_index=True, return_inverse=True)
    codes = {rule.id: np.full(len(found), NOT_ANSWERED, np.int64) for rule in rules}
    if columns.item is None or columns.answer is None or {columns.item, columns.answer} & rows.absent:
        return Answers(first_row.astype(np.int64), codes)
    asked = rows.distinct(columns.item)
    which = _rule_of_text(asked, rules, rows, columns.item, faults)
    rule_of_row = np.append(which, -1)[asked.codes]
    for number, rule in enumerate(rules):
        at = np.flatnonzero(rule_of_row == number).astype(np.int64)
        answers = _answers_at(rows, columns.answer, rule, at)
        coded = _coded(answers, rule, rows, columns.answer, faults, at)
        _refuse_twice(group[at], at, rule, rows, columns.item, faults)
        codes[rule.id][group[at]] = coded
    return Answers(first_row.astype(np.int64), codes)


def _answers_at(rows: Rows, column: str, rule: ItemRule, at: Codes) -> Distinct:
    return distinct(rows.cells.column(column).take(pa.array(at)), (*rows.missing, *rule.missing))


def _ballot_of_row(
    rows: Rows, columns: ColumnsMap, target: Distinct, faults: Faults
) -> npt.NDArray[np.int64]:
    """A number per row, equal for rows of the same ballot."""
    names = [columns.ballot] if columns.ballot else list(columns.household)
    if not names:
        faults.add("importing.no_ballot_column", Place(key="columns.ballot"))
        return np.arange(len(rows), dtype=np.int64)
    key = combined([rows.distinct(name) for name in names])
    empty = np.flatnonzero(key.codes < 0)
    if len(empty) and not set(names) & rows.absent:
        faults.add("importing.ballot_missing", rows.place(int(empty[0]), names[0]), count=len(empty))
    return key.codes * (len(target.texts) + 1) + target.codes


def _rule_of_text(
    asked: Distinct, rules: Sequence[ItemRule], rows: Rows, column: str, faults: Faults
) -> Codes:
    by_text = {fold(text): number for number, rule in enumerate(rules) for text in (rule.id, rule.value)}
    counts, first = asked.counts(), asked.first_rows()
    which = []
    for number, text in enumerate(asked.texts):
        which.append(by_text.get(fold(text), -1))
        if which[-1] < 0:
            near = suggestion(text, (rule.value for rule in rules))
            place = rows.place(int(first[number]), column)
            faults.add(
                "importing.unknown_item", place, count=int(counts[number]), value=shown(text), near=near
            )
    return np.array(which, np.int64)


def _refuse_twice(groups: Codes, at: Codes, rule: ItemRule, rows: Rows, column: str, faults: Faults) -> None:
    order = np.argsort(groups, kind="stable")
    again = order[1:][groups[order][1:] == groups[order][:-1]]
    if len(again):
        faults.add(
            "importing.answered_twice",
            rows.place(int(at[again].min()), column),
            count=len(again),
            item=rule.id,
        )
