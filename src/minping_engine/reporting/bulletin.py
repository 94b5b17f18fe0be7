"""The bulletin for residents: `bulletin.html`, one file that needs nothing from outside.

In: result, scheme, snapshot. Out: what was asked, how many answered and how, what came out for
district, streets and communities, what happens next. Never a person (G1); small places are left
out (`published`). Places stand in order of their codes, with intervals: this is no league table.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from minping_engine.assessment.result import Result
from minping_engine.reporting.bulletin_fair import drivers_picture, drivers_sentence, people_sentence
from minping_engine.reporting.bulletin_model import Answers, Bulletin, ModeRow, Question
from minping_engine.reporting.bulletin_places import (
    ITEMS_BY_PLACE,
    Survey,
    community_tables,
    same_as_district,
    street_picture,
    trend_picture,
)
from minping_engine.reporting.html_pages import html_template
from minping_engine.reporting.lookups import look_up
from minping_engine.reporting.numbers import (
    count_text,
    interval_text,
    percent_text,
    period_text,
    plain_text,
    points_text,
)
from minping_engine.reporting.texts import texts
from minping_engine.scheme import Item, LoadedScheme
from minping_engine.snapshot import TOTAL, Snapshot
from minping_engine.terms import PERSON_KINDS, Mode, Status, label

WEAKEST_NAMED = 2
ANSWERS_REPEATED = 10
"""Answers that more questions than this share are printed once."""


def write_bulletin(
    result: Result,
    scheme: LoadedScheme,
    snapshot: Snapshot,
    path: Path,
    *,
    language: str = "zh",
    left_out: frozenset[str] = frozenset(),
) -> None:
    """Write the bulletin to `path`, without the places `left_out`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = html_template(__package__, "bulletin").render(
        it=build_bulletin(result, scheme, snapshot, language, left_out)
    )
    path.write_text(page, "utf-8", newline="\n")


def build_bulletin(
    result: Result,
    scheme: LoadedScheme,
    snapshot: Snapshot,
    language: str = "zh",
    left_out: frozenset[str] = frozenset(),
) -> Bulletin:
    """The bulletin as data."""
    words, counts = texts("bulletin", language), result.head["counts"]
    survey = Survey(look_up(result, snapshot), scheme, words, language, result.period, counts, left_out)
    scoring = scheme.scheme.scoring
    items = scheme.scheme.instrument.items[:ITEMS_BY_PLACE]
    has_few_items = len(scheme.scheme.instrument.items) <= ITEMS_BY_PLACE
    by_item = [street_picture(survey, item.id) for item in items] if has_few_items else []
    return Bulletin(
        language=language,
        title=scheme.scheme.title.of(language),
        period=period_text(result.period, language),
        demo_notes=_demo_notes(scheme, snapshot, words),
        figures=_figures(survey),
        asked_lead=_asked_lead(survey),
        shared_answers=_shared_answers(survey),
        questions=_questions(survey),
        how_text=_how_text(survey),
        modes=_modes(survey),
        plain_note=_plain_note(survey),
        trend=trend_picture(survey),
        streets=street_picture(survey, TOTAL),
        streets_lead=words["by_street_lead"].format(percent=scoring.interval_percent),
        streets_sentence=same_as_district(survey),
        streets_by_item=tuple(picture for picture in by_item if picture),
        people_sentence=people_sentence(survey, result),
        drivers=drivers_picture(survey, result),
        drivers_sentence=drivers_sentence(survey, result),
        communities=community_tables(survey),
        hidden_note=survey.hidden_note,
        next_steps=_next_steps(survey),
        notes=(
            words["read_interval"].format(percent=scoring.interval_percent),
            words["read_mean"].format(kind=survey.kind),
            words["read_secret"].format(unit=words[f"some_{scheme.scheme.sampling.unit}"]),
        ),
        check=words["check_text"].format(key=scheme.key, hash=snapshot.sha256[:16]),
        words={**words, "by_person": words["by_person"].format(kind=survey.kind)},
    )


def _plain_note(survey: Survey) -> str:
    """Says that means of places are of plain scores, where another estimate counts for the assessed."""
    fairness = survey.scheme.scheme.fairness
    return "" if fairness is None or fairness.counts == "direct" else survey.words["plain_note"]


def _demo_notes(scheme: LoadedScheme, snapshot: Snapshot, words: dict[str, str]) -> tuple[str, ...]:
    notes = [words["demo_note"]] if snapshot.manifest.get("synthetic") else []
    return tuple(notes + ([words["demo_values"]] if scheme.uses_demo_values else []))


def _figures(survey: Survey) -> tuple[tuple[str, str, str], ...]:
    """(label, number, note) of the figures at the top."""
    words = survey.words
    figures = []
    district = survey.district_row(TOTAL)
    if district:
        key = "mean" if survey.streets else "mean_one"
        percent = survey.scheme.scheme.scoring.interval_percent
        text = interval_text(district["low"], district["high"])
        figures.append(
            (
                words[key],
                points_text(district["mean"]),
                words["interval"].format(percent=percent, text=text),
            )
        )
    if district and district["year_mean"] is not None and district["year_periods"] > 1:
        name = words["year_mean"].format(periods=district["year_periods"])
        figures.append((name, points_text(district["year_mean"]), ""))
    figures.append((words["answered"], count_text(_ballots(survey)), ""))
    rate = _response_rate(survey)
    if rate:
        figures.append((words["response_rate"], rate, ""))
    return tuple(figures)


def _ballots(survey: Survey) -> int:
    return int(survey.counts["ballots_counted"])


def _response_rate(survey: Survey) -> str:
    drawn = survey.counts["drawn"]
    return percent_text(_ballots(survey), drawn) if drawn else ""


def _asked_lead(survey: Survey) -> str:
    scheme, words, count = survey.scheme.scheme, survey.words, len(survey.scheme.scheme.instrument.items)
    return words[f"asked_lead_{scheme.sampling.unit}"].format(
        by=scheme.means.collected_by.of(survey.language),
        questions=words["one_question"] if count == 1 else words["questions"].format(count=count),
        full=plain_text(scheme.scoring.total.points / 1000),
    )


def _answers(survey: Survey, item: Item) -> Answers:
    return tuple(
        (answer.label.of(survey.language), plain_text(answer.points / 1000)) for answer in item.answers
    )


def _shared_answers(survey: Survey) -> Answers:
    """Answers that so many questions share that they are printed once; empty if there are none."""
    counted = Counter(_answers(survey, item) for item in survey.scheme.scheme.instrument.items)
    answers, count = counted.most_common(1)[0]
    return answers if count > ANSWERS_REPEATED else ()


def _questions(survey: Survey) -> tuple[Question, ...]:
    shared = _shared_answers(survey)
    questions = []
    for item in survey.scheme.scheme.instrument.items:
        row = survey.district_row(item.id)
        most = item.max_milli / 1000
        answers = _answers(survey, item)
        questions.append(
            Question(
                short=item.short.of(survey.language),
                text=item.text.of(survey.language),
                answers=() if answers == shared else answers,
                share=100 * row["mean"] / most if row else None,
                points=f"{points_text(row['mean'])} / {plain_text(most)}" if row else "",
                interval=interval_text(row["low"], row["high"]) if row else "",
            )
        )
    return tuple(questions)


def _how_text(survey: Survey) -> str:
    words = survey.words
    text = words["how_text"].format(n=count_text(_ballots(survey)), of_these=_of_not_assessed(survey))
    drawn = survey.counts["drawn"]
    if drawn:
        rate = words["how_rate"].format(drawn=count_text(drawn), rate=_response_rate(survey))
        text = f"{text}{'' if survey.language == 'zh' else ' '}{rate}"
    return text


def _of_not_assessed(survey: Survey) -> str:
    """How many ballots are of those not assessed: they count as ballots and enter no score shown."""
    given = [row["n_ballots"] for row in survey.found.scores if row["status"] != Status.ASSESSED]
    given = [n for n in given if n]
    if not given:
        return ""
    key = "of_these_people" if survey.scheme.scheme.assessee_kind in PERSON_KINDS else "of_these_others"
    return survey.words[key].format(n=count_text(sum(given)), count=len(given), kind=survey.kind)


def _modes(survey: Survey) -> tuple[ModeRow, ...]:
    """Ballots by mode in the whole district, largest first; small cells are left out."""
    counts = {int(mode): n for mode, n in survey.counts["modes"].items()}
    fewest = survey.scheme.disclosure.released_cell_from
    ordered = sorted((pair for pair in counts.items() if pair[1] >= fewest), key=lambda pair: -pair[1])
    total = sum(n for _, n in ordered)
    rows, start = [], 0.0
    for mode, n in ordered:
        share = 100 * n / total
        name = label(Mode(mode), survey.language)
        rows.append(ModeRow(name, count_text(n), percent_text(n, total), start, share))
        start += share
    return tuple(rows)


def _next_steps(survey: Survey) -> tuple[str, ...]:
    words = survey.words
    stop = "。" if survey.language == "zh" else "."
    texts_of_use = (use.text.of(survey.language) for use in survey.scheme.scheme.use)
    steps = [text if text.endswith(stop) else text + stop for text in texts_of_use]
    shares = {
        item.short.of(survey.language): row["mean"] / item.max_milli
        for item in survey.scheme.scheme.instrument.items
        if (row := survey.district_row(item.id))
    }
    if len(shares) > WEAKEST_NAMED:
        weakest = sorted(shares, key=lambda name: shares[name])[:WEAKEST_NAMED]
        steps.insert(0, words["next_weakest"].format(items=words["separator"].join(weakest)))
    if any(row["status"] == Status.ASSESSED for row in survey.found.scores):
        is_person = survey.scheme.scheme.assessee_kind in PERSON_KINDS
        steps.append(words["next_person" if is_person else "next_other"].format(kind=survey.kind))
    return (*steps, words["next_places"])
