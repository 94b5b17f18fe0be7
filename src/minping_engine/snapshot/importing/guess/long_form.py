"""The long form: one row per answer, a column that names the question and one with the answer.

Known by a column whose values are the questions themselves (ids, codes or wordings), all of them,
each many times. Everything else about such a file is guessed as in the wide form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.snapshot.importing.guess.answers import read_answers
from minping_engine.snapshot.importing.guess.asked import Question
from minping_engine.snapshot.importing.guess.candidates import RoleColumns, role_of
from minping_engine.snapshot.importing.guess.columns import Sight, read_heading
from minping_engine.snapshot.importing.guess.items import ALIKE, RIVAL, Likeness
from minping_engine.snapshot.importing.guess.outcome import Findings
from minping_engine.snapshot.importing.guess.words import plain

MOST_QUESTIONS = 80


@dataclass(frozen=True)
class LongForm:
    """Item and answer columns; the text that stands for each question; values that are other questions."""

    item: Sight
    answer: Sight
    values: dict[str, str]
    others: tuple[str, ...]


def find_long_form(
    rows: pa.Table, sights: Sequence[Sight], questions: Sequence[Question], found: Findings
) -> LongForm | None:
    """The long form if the file is one."""
    for sight in sights:
        if not 1 < sight.distinct <= MOST_QUESTIONS or sight.distinct * 3 > sight.filled:
            continue
        values = _questions_in(sight, questions)
        if len(values) == len(questions):
            return _with_answers(rows, sight, values, sights, questions, found)
    return None


def _questions_in(sight: Sight, questions: Sequence[Question]) -> dict[str, str]:
    """Question id -> the value that stands for it; empty unless each has exactly one clear value."""
    likeness = Likeness(questions)
    chosen: dict[str, str] = {}
    for question in questions:
        marks = {value: _mark(value, question, likeness) for value in sight.counts}
        ranked = sorted(marks, key=lambda value: -marks[value])
        if marks[ranked[0]] < ALIKE or (len(ranked) > 1 and marks[ranked[1]] >= RIVAL * marks[ranked[0]]):
            return {}
        chosen[question.id] = ranked[0]
    return chosen if len(set(chosen.values())) == len(questions) else {}


def _mark(value: str, question: Question, likeness: Likeness) -> float:
    heading = read_heading(value)
    if plain(value) == plain(question.id) or (
        not plain(heading.text) and f"q{heading.number}" == question.id
    ):
        return 1.0
    return likeness.of(heading.text, question)


def _with_answers(
    rows: pa.Table,
    item: Sight,
    values: dict[str, str],
    sights: Sequence[Sight],
    questions: Sequence[Question],
    found: Findings,
) -> LongForm | None:
    fitting = []
    for sight in sights:
        if sight is item:
            continue
        readings = [
            read_answers(values_of(rows, item, sight, values[question.id]), question)
            for question in questions
        ]
        if all(reading.known_share >= 0.6 for reading in readings):
            fitting.append(sight)
    named = [sight for sight in fitting if role_of(sight) == "answer"]
    labelled = [sight for sight in fitting if not any(text.isdigit() for text in sight.counts)]
    chosen = next((group for group in (named, labelled, fitting) if group), [])
    if len(chosen) != 1:
        names = " | ".join(sight.name for sight in chosen)
        found.refuse(
            "guess.two_candidates", item.name, role="answer", candidates=names, lines='columns: {answer: "…"}'
        )
        return None
    others = tuple(sorted(set(item.counts) - set(values.values())))
    return LongForm(item, chosen[0], values, others)


def values_of(rows: pa.Table, item: Sight, answer: Sight, value: str) -> list[str]:
    """Distinct answers to one question."""
    own = rows.filter(pc.fill_null(pc.equal(rows.column(item.name), value), False))
    return [str(text) for text in pc.unique(own.column(answer.name).drop_null()).to_pylist()]


def as_question_column(form: LongForm, rows: pa.Table, question: Question) -> Sight:
    """The answers to one question, looked at as if they were a column named like the question."""
    counts = dict.fromkeys(values_of(rows, form.item, form.answer, form.values[question.id]), 1)
    heading = read_heading(form.values[question.id])
    return replace(form.answer, heading=heading, counts=counts, distinct=len(counts), filled=len(counts))


def choose_ballot(form: LongForm, columns: RoleColumns, keys: Sequence[str], found: Findings) -> str | None:
    """The column whose value all answers of a ballot share; not needed where no household has several."""
    fitting = [
        sight
        for sight in columns.of("ballot", "")
        if sight.distinct < sight.filled and _is_unique(columns.rows, [sight.name, *keys, form.item.name])
    ]
    named = [sight for sight in fitting if sight in columns.of("ballot")] or fitting
    if named and all(_is_unique(columns.rows, [sight.name, form.item.name]) for sight in named[:1]):
        found.note("guess.took", named[0].name, role="ballot")
        return named[0].name
    if not _is_unique(columns.rows, [*keys, form.item.name]):
        found.refuse("guess.no_ballot", form.item.name, lines='columns: {ballot: "…"}')
    return None


def _is_unique(rows: pa.Table, names: Sequence[str]) -> bool:
    return bool(rows.select(names).group_by(names).aggregate([]).num_rows == rows.num_rows)
