"""Tables of a trial as data: titles, columns, rows; for workbook and page.

In: a trial, a language. Out: `Sheet`s in reading order: summary, who moves, grade flips, money, stability,
weights, what changed in words. Money is in yuan here.
"""

from __future__ import annotations

from collections.abc import Sequence

from minping_engine.lab.model import Person, RoundTrial, StabilityState, Trial
from minping_engine.lab.words import (
    all_grades,
    either_grade_word,
    grade_word,
    reason_word,
    stability_sentences,
)
from minping_engine.reporting.numbers import period_text
from minping_engine.reporting.sheet_model import COUNT, POINTS, SHARE, TEXT, Cell, Field, Sheet
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme

Row = tuple[Cell, ...]
MONEY = "money"
"""A kind of column: yuan with two decimals."""


def trial_sheets(trial: Trial, language: str = "zh") -> list[Sheet]:
    """Every sheet."""
    return [
        summary_sheet(trial, language),
        people_sheet(trial, language),
        flips_sheet(trial, language),
        money_sheet(trial, language),
        stability_sheet(trial, language),
        levers_sheet(trial, language),
        changes_sheet(trial, language),
    ]


def _sheet(
    language: str, title: str, columns: Sequence[tuple[str, str, float]], rows: Sequence[Row]
) -> Sheet:
    words = texts("lab", language)
    return Sheet(words[title], tuple(Field(words[key], kind, width) for key, kind, width in columns), rows)


def summary_sheet(trial: Trial, language: str) -> Sheet:
    """One row per period."""
    columns = [
        ("t_period", TEXT, 16), ("t_assessees", COUNT, 10), ("t_moved", COUNT, 10), ("t_flipped", COUNT, 10),
        ("t_rose", COUNT, 8), ("t_fell", COUNT, 8), ("t_money_before", MONEY, 16),
        ("t_money_after", MONEY, 16), ("t_stability", TEXT, 90),
    ]  # fmt: skip
    rows: list[Row] = []
    for round_ in trial.rounds:
        ways = [person.way for person in round_.people]
        money = (sum(use.before for use in round_.money) / 100, sum(use.after for use in round_.money) / 100)
        said = " ".join(stability_sentences(trial, round_, language)[:2])
        counts = (len(round_.people), round_.moved, round_.flipped, ways.count(1), ways.count(-1))
        rows.append((period_text(round_.period, language), *counts, *money, said))
    return _sheet(language, "t_summary", columns, rows)


def people_sheet(trial: Trial, language: str) -> Sheet:
    """Everybody, those who move most first."""
    columns = [
        ("t_period", TEXT, 14), ("t_id", TEXT, 14), ("t_name", TEXT, 14), ("t_group", TEXT, 12),
        ("t_score_before", POINTS, 10), ("t_score_after", POINTS, 10), ("t_difference", POINTS, 8),
        ("t_rank_before", TEXT, 11), ("t_rank_after", TEXT, 11), ("t_grade_before", TEXT, 10),
        ("t_grade_after", TEXT, 10), ("t_marks_gained", TEXT, 18), ("t_marks_lost", TEXT, 18),
        ("t_yuan_before", MONEY, 14), ("t_yuan_after", MONEY, 14), ("t_yuan_difference", MONEY, 14),
        ("t_reason_before", TEXT, 16), ("t_reason_after", TEXT, 16),
    ]  # fmt: skip
    rows = [
        (period_text(round_.period, language), *_person_cells(trial, person, language))
        for round_ in trial.rounds
        for person in movers_first(round_.people)
    ]
    return _sheet(language, "t_people", columns, rows)


def movers_first(people: Sequence[Person]) -> list[Person]:
    """Flips, then the largest differences; equal ones by id."""
    return sorted(people, key=lambda one: (not one.flips, -abs(one.difference or 0.0), one.assessee_id))


def _person_cells(trial: Trial, person: Person, language: str) -> Row:
    before, after = person.before, person.after
    titles = _event_titles(trial, language)
    gained = (after.vetoes | after.cards) - (before.vetoes | before.cards)
    lost = (before.vetoes | before.cards) - (after.vetoes | after.cards)
    return (
        person.assessee_id,
        person.name,
        person.group or None,
        before.score,
        after.score,
        person.difference,
        rank_text(before.rank, before.rank_low, before.rank_high),
        rank_text(after.rank, after.rank_low, after.rank_high),
        grade_word(trial.base, before.grade, language),
        grade_word(trial.changed, after.grade, language),
        "、".join(sorted(titles.get(name, name) for name in gained)) or None,
        "、".join(sorted(titles.get(name, name) for name in lost)) or None,
        sum(before.money.values()) / 100,
        sum(after.money.values()) / 100,
        person.fen / 100,
        reason_word(before.reason, language),
        reason_word(after.reason, language),
    )


def rank_text(rank: int | None, low: int | None, high: int | None) -> str | None:
    """A place, and the places that errors allow where they differ."""
    if rank is None:
        return None
    return str(rank) if (low, high) in {(None, None), (rank, rank)} else f"{rank} ({low}–{high})"


def _event_titles(trial: Trial, language: str) -> dict[str, str]:
    parts = [
        part
        for loaded in (trial.base, trial.changed)
        for part in (*loaded.scheme.vetoes, *loaded.scheme.cards)
    ]
    return {part.id: part.title.of(language) for part in parts}


def flips_sheet(trial: Trial, language: str) -> Sheet:
    """Grades before (rows) and after (columns)."""
    words, grades = texts("lab", language), all_grades(trial)
    fields = (
        Field(words["t_period"], TEXT, 14),
        Field(f"{words['t_before']} \\ {words['t_after']}", TEXT, 18),
        *(Field(either_grade_word(trial, grade, language), COUNT, 10) for grade in grades),
        Field(words["t_all"], COUNT, 10),
    )
    rows: list[Row] = []
    for round_ in trial.rounds:
        for before, counts in flip_rows(round_, grades):
            named = (period_text(round_.period, language), either_grade_word(trial, before, language))
            rows.append((*named, *counts, sum(counts)))
    return Sheet(words["t_flips"], fields, rows)


def flip_rows(round_: RoundTrial, grades: Sequence[str | None]) -> list[tuple[str | None, list[int]]]:
    """Counts after, by grade before; grades that nobody had are left out."""
    rows = [(before, [round_.flips[before, after] for after in grades]) for before in grades]
    return [(before, counts) for before, counts in rows if sum(counts)]


def money_sheet(trial: Trial, language: str) -> Sheet:
    """Totals by use, and of all uses."""
    columns = [
        ("t_period", TEXT, 14), ("t_use", TEXT, 48), ("t_money_before", MONEY, 16),
        ("t_money_after", MONEY, 16),
        ("t_yuan_difference", MONEY, 16), ("t_paid_before", COUNT, 12), ("t_paid_after", COUNT, 12),
        ("t_budget", MONEY, 16), ("t_adds_up", TEXT, 12),
    ]  # fmt: skip
    words = texts("lab", language)
    rows: list[Row] = []
    for round_ in trial.rounds:
        for use in round_.money:
            title = use.title_en if language == "en" else use.title_zh
            budget = None if use.budget_after is None else use.budget_after / 100
            amounts = (use.before / 100, use.after / 100, (use.after - use.before) / 100)
            divided = use.budget_before is not None or use.budget_after is not None
            adds_up = words["t_yes" if use.adds_up else "t_no"] if divided else None
            counts = (use.paid_before, use.paid_after, budget, adds_up)
            rows.append((period_text(round_.period, language), title, *amounts, *counts))
    return _sheet(language, "t_money", columns, rows)


def stability_sheet(trial: Trial, language: str) -> Sheet:
    """Everybody under other weights, those whose grade holds least first."""
    columns = [
        ("t_period", TEXT, 14), ("t_id", TEXT, 14), ("t_grade_after", TEXT, 10), ("t_keeps_grade", SHARE, 14),
        ("t_keeps_rank", SHARE, 14), ("t_rank_range", TEXT, 18),
    ]  # fmt: skip
    rows: list[Row] = []
    for round_ in trial.rounds:
        people = sorted(round_.stability.people, key=lambda one: (one.keeps_grade or 0.0, one.assessee_id))
        if round_.stability.state is not StabilityState.VARIED:
            said = stability_sentences(trial, round_, language)[0]
            rows.append((period_text(round_.period, language), said, None, None, None, None))
        for one in people:
            grade = grade_word(trial.changed, one.grade, language)
            shares = (one.keeps_grade, one.keeps_rank, f"{one.rank_low}–{one.rank_high}")
            rows.append((period_text(round_.period, language), one.assessee_id, grade, *shares))
    return _sheet(language, "t_stability", columns, rows)


def levers_sheet(trial: Trial, language: str) -> Sheet:
    """One weight at a time."""
    columns = [
        ("t_period", TEXT, 14), ("t_indicator", TEXT, 30), ("t_points", POINTS, 10), ("t_lower", COUNT, 20),
        ("t_higher", COUNT, 20),
    ]  # fmt: skip
    rows = [
        (
            period_text(round_.period, language),
            lever.title_en if language == "en" else lever.title_zh,
            lever.points,
            lever.lower,
            lever.higher,
        )
        for round_ in trial.rounds
        for lever in round_.stability.levers
    ]
    return _sheet(language, "t_levers", columns, rows)


def changes_sheet(trial: Trial, language: str) -> Sheet:
    """What differs between the schemes, in words."""
    words = texts("lab", language)
    sentences = [change.sentence for change in trial.changes[language]] or [words["no_changes"]]
    return Sheet(words["t_changes"], (Field(words["t_changes"], TEXT, 110),), [(one,) for one in sentences])


def scheme_line(loaded: LoadedScheme, language: str) -> str:
    """A scheme as papers name it."""
    return f"{loaded.scheme.title.of(language)} {loaded.key}"
