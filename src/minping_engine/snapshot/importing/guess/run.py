"""`guess_map`: files in, a map or reasons out. Joins the steps of this package.

Each scheme is tried by itself; the one whose questions are found without a doubt wins. If none
is, the attempt that got furthest explains what is unclear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from minping_engine.snapshot.importing.guess.answers import is_answer_like
from minping_engine.snapshot.importing.guess.asked import Asked, SchemeLike, asked_from_scheme
from minping_engine.snapshot.importing.guess.candidates import RoleColumns, sort_by_role
from minping_engine.snapshot.importing.guess.columns import Sight, all_rows, look
from minping_engine.snapshot.importing.guess.drafting import draft_yaml, instrument_of, label_items
from minping_engine.snapshot.importing.guess.footers import find_footers, without_footers
from minping_engine.snapshot.importing.guess.items import Match, match_items
from minping_engine.snapshot.importing.guess.long_form import (
    LongForm,
    as_question_column,
    choose_ballot,
    find_long_form,
)
from minping_engine.snapshot.importing.guess.outcome import Findings, Guess
from minping_engine.snapshot.importing.guess.roles import (
    choose_cells,
    choose_household,
    choose_mode,
    choose_places,
    choose_target,
)
from minping_engine.snapshot.importing.guess.sheets import check_sheets, main_tables, unreadable
from minping_engine.snapshot.importing.guess.times import answered_twice, choose_time
from minping_engine.snapshot.importing.guess.words import is_missing
from minping_engine.snapshot.importing.mapping import ImportMap, Where
from minping_engine.snapshot.importing.raw import RawTable, read_raw

KNOWN_BY = {
    "wording": "guess.took_by_wording",
    "code": "guess.took_by_code",
    "order": "guess.took_by_order",
}


@dataclass
class Attempt:
    """What one scheme's questionnaire made of the files."""

    asked: Asked
    found: Findings
    matched: int = 0
    data: dict[str, Any] = field(default_factory=dict)


def guess_map(files: Sequence[Path], schemes: SchemeLike | Sequence[SchemeLike]) -> Guess:
    """Guess the map of `files` for one of `schemes` (one loaded scheme, or the whole library).

    `Guess.map` is None whenever anything is unclear; `Guess.problems` then says what and names
    the candidates. Nothing is written.
    """
    several = list(schemes) if isinstance(schemes, Sequence) else [schemes]
    tables = [table for path in files for table in read_raw(path)]
    broken = unreadable(tables)
    if broken or not tables:
        return Guess(None, tuple(broken))
    chosen, strays = main_tables(tables)
    rows = all_rows(chosen)
    filters = find_footers(rows)
    attempts = [_attempt(asked_from_scheme(scheme), chosen, rows, filters) for scheme in several]
    for attempt in attempts:
        if attempt.matched:
            check_sheets(chosen, strays, attempt.asked, attempt.found)
    return _in_file(_decide(attempts), files)


def _in_file(guess: Guess, files: Sequence[Path]) -> Guess:
    """Name the file of what is unclear; of several files, nobody can say which."""
    if len(files) != 1:
        return guess
    problems = tuple(
        problem if problem.place.file else replace(problem, place=replace(problem.place, file=files[0].name))
        for problem in guess.problems
    )
    return replace(guess, problems=problems)


def _decide(attempts: Sequence[Attempt]) -> Guess:
    clear = [attempt for attempt in attempts if not attempt.found.problems]
    best = max(attempts, key=lambda attempt: (not attempt.found.problems, attempt.matched), default=None)
    if best is None or best.matched == 0:
        found = best.found if best else Findings()
        return Guess(None, tuple(found.problems), tuple(found.notes))
    if len(clear) > 1:
        keys = " | ".join(attempt.asked.scheme for attempt in clear)
        best.found.refuse("guess.two_schemes", candidates=keys, lines="--scheme ID")
    problems = tuple(best.found.problems)
    map_ = None if problems else ImportMap.model_validate(best.data)
    draft = draft_yaml(best.data, best.found)
    return Guess(map_, problems, tuple(best.found.notes), best.asked.scheme, draft)


def _attempt(asked: Asked, tables: Sequence[RawTable], rows: pa.Table, filters: tuple[Where, ...]) -> Attempt:
    attempt = Attempt(asked, Findings())
    found = attempt.found
    kept = without_footers(rows, filters)
    sights = look(kept)
    matches, form = _questions(kept, sights, asked, found)
    attempt.matched = len(matches)
    if not matches:
        if not found.problems:
            found.refuse("guess.no_items", items=len(asked.questions), scheme=asked.scheme)
        return attempt
    _note_reading(tables, filters, found)
    taken = {match.sight.name for match in matches}
    if form:
        taken = {form.item.name, form.answer.name}
    others = [sight for sight in sights if sight.name not in taken]
    rows_per_ballot = len(matches) if form else 1
    columns = sort_by_role(kept, others, found, rows_per_ballot=rows_per_ballot)
    attempt.data = _data(attempt, matches, form, columns)
    _note_unused(columns, asked, found)
    attempt.data |= _reading(tables, filters, form)
    return attempt


def _questions(
    rows: pa.Table, sights: Sequence[Sight], asked: Asked, found: Findings
) -> tuple[list[Match], LongForm | None]:
    form = find_long_form(rows, sights, asked.questions, found)
    if form:
        columns = [(question, as_question_column(form, rows, question)) for question in asked.questions]
        found.note("guess.took", form.item.name, role="item")
        found.note("guess.took", form.answer.name, role="answer")
        return [Match(question, sight, "long") for question, sight in columns], form
    matches = match_items(sights, asked.questions, found)
    for match in matches:
        found.note(KNOWN_BY[match.by], match.sight.name, item=match.question.id)
    return matches, None


def _note_unused(columns: RoleColumns, asked: Asked, found: Findings) -> None:
    """Columns that nothing was said of yet; those with the questionnaire's own answers stand out."""
    spoken_of = {note.place.column for note in found.notes}
    for sight in columns.of(*columns.by_role):
        if sight.name in spoken_of:
            continue
        if sight in columns.of("ballot", "time_start", "time_entry", "time_done"):
            found.note("guess.left_out_platform", sight.name)
            continue
        asks = any(is_answer_like(sight, question, by_labels=True) for question in asked.questions)
        found.note("guess.left_out_question" if asks else "guess.left_out_unknown", sight.name)


def _note_reading(tables: Sequence[RawTable], filters: tuple[Where, ...], found: Findings) -> None:
    for table in tables:
        if table.skipped_rows or table.header_rows > 1:
            found.note("guess.header_found", rows=table.skipped_rows, header=table.header_rows)
            break
    for where in filters:
        found.note("guess.footer_left_out", where.column, texts=len(where.not_))


def _data(
    attempt: Attempt, matches: Sequence[Match], form: LongForm | None, columns: RoleColumns
) -> dict[str, Any]:
    """The map as plain data: what is sure."""
    asked, found = attempt.asked, attempt.found
    target = choose_target(columns, found)
    household = choose_household(columns, found)
    keys = [*([target["target"]] if target else []), *household]
    ballot = choose_ballot(form, columns, keys, found) if form else None
    matters = not (target and household) or answered_twice(columns.rows, keys, ballot)
    time = choose_time(columns, found, matters=matters)
    mode = choose_mode(columns, found)
    named: dict[str, Any] = {
        "target": [target["target"]] if target else None,
        "household": list(household) or None,
        "answered_at": time,
    }
    if form:
        named |= {"ballot": ballot, "item": form.item.name, "answer": form.answer.name}
    data: dict[str, Any] = {
        "instrument": instrument_of(asked),
        "layout": "long" if form else "wide",
        "columns": {key: value for key, value in named.items() if value},
        "mode": {"column": mode[0], "values": mode[1]} if mode else "unknown",
        "items": _items(matches, form, found),
        "cells": {name: {"column": column} for name, column in choose_cells(columns, found).items()},
        "register": _register(asked, target, columns, found),
        "missing": _missing(matches),
    }
    return {key: value for key, value in data.items() if value not in (None, [], {})}


def _items(matches: Sequence[Match], form: LongForm | None, found: Findings) -> dict[str, Any]:
    labels = label_items(matches, found)
    return {
        match.question.id: (
            {"value": form.values[match.question.id]} if form else {"column": match.sight.name}
        )
        | {"labels": labels[match.question.id]}
        for match in matches
    }


def _missing(matches: Sequence[Match]) -> list[str]:
    """Texts seen among the answers that mean no answer."""
    return sorted({text for match in matches for text in match.sight.counts if is_missing(text)})


def _register(asked: Asked, target: dict[str, str], columns: RoleColumns, found: Findings) -> dict[str, Any]:
    register: dict[str, Any] = {"assessee_kind": asked.assessee_kind.value}
    if "target_name" in target:
        register["name_column"] = target["target_name"]
    if "assessee" in target:
        register["assessee"] = {"column": target["assessee"]}
        if "assessee_name" in target:
            register["assessee"]["name_column"] = target["assessee_name"]
    for level, (column, name) in choose_places(columns, target.get("target", ""), found).items():
        register[level] = {"column": column} | ({"name_column": name} if name else {})
    eligible = columns.of("eligible")
    if len(eligible) == 1 and all(text.isdigit() for text in eligible[0].counts):
        register["eligible_column"] = eligible[0].name
        found.note("guess.took", eligible[0].name, role="eligible")
    return register


def _reading(tables: Sequence[RawTable], filters: tuple[Where, ...], form: LongForm | None) -> dict[str, Any]:
    """How to read the files, where that is not plain, and which rows to leave out."""
    reading = {(table.skipped_rows, table.header_rows) for table in tables if table.encoding != "parquet"}
    data: dict[str, Any] = {}
    if len(reading) == 1 and (shape := next(iter(reading))) != (0, 1):
        data["reading"] = {"skip_rows": shape[0], "header_rows": shape[1]}
    where: list[dict[str, Any]] = [{"column": one.column, "not": list(one.not_)} for one in filters]
    if form and form.others:
        where.append({"column": form.item.name, "is": sorted(form.values.values())})
    return data | ({"where": where} if where else {})
