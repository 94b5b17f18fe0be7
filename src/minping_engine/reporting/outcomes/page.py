"""`outcomes.html`: what the rules made of a period, on one page that needs nothing from outside.

In: result, scheme, snapshot. Out: glance, picture, scores, who is not assessed and why, proposals, values.
Written by the same template as the fairness page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from minping_engine.assessment.result import Result
from minping_engine.reporting.html_pages import html_template
from minping_engine.reporting.numbers import DASH, period_text, plain_text
from minping_engine.reporting.outcomes.chart import Bar, stacked_bars
from minping_engine.reporting.outcomes.view import Row, View, change_text
from minping_engine.reporting.section_page import DistrictPart, Section, SectionPage, Table
from minping_engine.scheme import LoadedScheme
from minping_engine.scheme.describe import described_values
from minping_engine.snapshot import Snapshot

MOST_BARS, MOST_ROWS, MOST_PROPOSALS = 60, 400, 200


def write_outcome_page(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, path: Path, *, language: str = "zh"
) -> None:
    """Write the page to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = html_template("minping_engine.reporting", "sections").render(
        it=build_outcome_page(result, scheme, snapshot, language)
    )
    path.write_text(page, "utf-8", newline="\n")


def build_outcome_page(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, language: str = "zh"
) -> SectionPage:
    """The page as data."""
    view = View(result, scheme, snapshot, language)
    sections = (_scores(view), _missing(view), _uses(view), _values(view))
    return SectionPage(
        language=language,
        title=view.words["title"],
        heading=scheme.scheme.title.of(language),
        period=period_text(result.period, language),
        demo_notes=tuple(view.demo_notes),
        note=view.words["ties_line"],
        empty="",
        warnings=tuple(str(warning[language]) for warning in result.head["warnings"]),
        districts=(DistrictPart("", sections),),
        check=view.words["check_text"].format(key=scheme.key, hash=snapshot.sha256[:16]),
        words=view.words,
    )


def _glance(view: View) -> str:
    n, assessed = len(view.outcomes), len(view.assessed)
    parts = [view.words["sum_line"].format(n=n, assessed=assessed, rest=n - assessed)]
    grades = Counter(row["grade"] for row in view.assessed if row["grade"])
    if grades:
        order = list(view.grades)
        listed = sorted(grades, key=lambda grade: order.index(grade) if grade in order else len(order))
        parts.append("，".join(f"{view.grade(grade)} {grades[grade]}" for grade in listed) + "。")
    else:
        parts.append(view.words["ungraded"])
    if view.assessed:
        scores = [row["score"] for row in view.assessed]
        parts.append(
            view.words["mean_line"].format(
                low=view.score(min(scores)),
                middle=view.score(median(scores)),
                high=view.score(max(scores)),
                full=plain_text(_full(view)),
            )
        )
    return (" " if view.language == "en" else "").join(parts)


def _full(view: View) -> float:
    scheme = view.scheme.scheme
    return float(scheme.total.points) if scheme.has_tree else scheme.scoring.total.points / 1000


def _scores(view: View) -> Section:
    cells = {
        "name": [view.name(row) for row in view.assessed],
        "group": [row["group"] for row in view.assessed],
        "score": [view.score(row["score"]) for row in view.assessed],
        "grade": [view.grade(row["grade"]) for row in view.assessed],
        "why": [view.reasons.note(row) for row in view.assessed],
        "change": [change_text(row["grade_change"]) for row in view.assessed],
        "places": [view.places(row) for row in view.assessed],
        "vetoes": [view.named(row["vetoes"]) for row in view.assessed],
        "cards": [view.named(row["cards"]) for row in view.assessed],
    }
    columns = [name for name, column in cells.items() if any(column)]
    rows = tuple(zip(*([cell or DASH for cell in cells[name]] for name in columns), strict=True))
    more = max(len(rows) - MOST_ROWS, 0)
    heads = tuple(view.words[name] for name in columns)
    names = 2 if "group" in columns else 1
    return Section(
        key="scores",
        title=view.words["scores"],
        lead=view.words["scores_lead"],
        finding=_glance(view),
        action="",
        tables=(Table(view.words["scores"], heads, rows[:MOST_ROWS], names),) if rows else (),
        pictures=_pictures(view),
        notes=(view.words["more_rows"].format(n=more),) if more else (),
    )


def _pictures(view: View) -> tuple[str, ...]:
    tops = view.scheme.scheme.indicators
    if not tops or not view.assessed:
        return ()
    bars = [
        Bar(
            view.name(row),
            tuple(
                cell["points"] if (cell := view.points.get((row["assessee_id"], node.id))) else None
                for node in tops
            ),
            f"{view.score(row['score'])}　{view.grade(row['grade'])}",
        )
        for row in view.assessed[:MOST_BARS]
    ]
    titles = [f"{node.title.of(view.language)} {float(node.points):g}" for node in tops]
    full = [float(node.points) for node in tops]
    words = (view.words["chart_title"], view.words["chart_about"])
    return (stacked_bars(bars, titles, full, words),)


def _missing(view: View) -> Section:
    rows = tuple(
        (view.name(row), view.reason(row["reason"])) for row in view.outcomes if row["score"] is None
    )
    table = Table(view.words["not_assessed"], (view.words["name"], view.words["reason"]), rows[:MOST_ROWS], 2)
    return Section(
        key="missing",
        title=view.words["not_assessed"],
        lead="",
        finding=view.words["missing_line"].format(n=len(rows)) if rows else view.words["nobody"],
        action="",
        tables=(table,) if rows else (),
    )


def _uses(view: View) -> Section:
    made: dict[str, list[Row]] = {use.id: [] for use in view.scheme.scheme.use}
    for row in view.result["proposals"].to_pylist():
        made[row["use"]].append(row)
    unsure = {name: sum(row["told_apart"] is False for row in rows) for name, rows in made.items()}
    rows = tuple(
        (
            view.titles[use.id],
            str(len(made[use.id])),
            f"{sum(row['fen'] or 0 for row in made[use.id]) / 100:,.2f}" if use.money else DASH,
            str(unsure[use.id]) if unsure[use.id] else DASH,
            str(use.signatures),
        )
        for use in view.scheme.scheme.use
    )
    heads = tuple(view.words[key] for key in ("what", "people", "yuan", "uncertain", "signatures"))
    return Section(
        key="uses",
        title=view.words["uses"],
        lead=view.words["uses_lead"],
        finding="",
        action="",
        tables=(Table(view.words["by_use"], heads, rows), *_who_gets_what(view)) if rows else (),
        notes=tuple(_notes(view, any(unsure.values()))),
    )


def _who_gets_what(view: View) -> tuple[Table, ...]:
    """A row for everybody to whom more is proposed than to all."""
    rows = _proposed(view)[:MOST_PROPOSALS]
    heads = tuple(view.words[key] for key in ("name", "follows", "yuan", "uncertain"))
    used = [place for place in range(len(heads)) if place < 2 or any(row[place] for row in rows)]
    cells = tuple(tuple(row[place] or DASH for place in used) for row in rows)
    table = Table(view.words["who_gets"], tuple(heads[place] for place in used), cells, 2)
    return (table,) if rows else ()


def _proposed(view: View) -> list[tuple[str, str, str, str]]:
    """Name, what follows, yuan, whether the place is uncertain."""
    made = []
    for outcome in view.outcomes:
        rows = [
            row for row in view.proposals.get(outcome["assessee_id"], []) if row["use"] not in _to_all(view)
        ]
        if rows:
            paid = [row["fen"] for row in rows if row["fen"] is not None]
            yuan = f"{sum(paid) / 100:,.2f}" if paid else ""
            unsure = view.words["yes"] if any(row["told_apart"] is False for row in rows) else ""
            made.append((view.name(outcome), _followed(view, rows), yuan, unsure))
    return made


def _followed(view: View, rows: list[Row]) -> str:
    """The uses by their texts; where several bring money, each with its own."""
    several = sum(row["fen"] is not None for row in rows) > 1
    texts = [
        view.words["with_yuan"].format(text=view.titles[row["use"]], yuan=f"{row['fen'] / 100:,.2f}")
        if several and row["fen"] is not None
        else view.titles[row["use"]]
        for row in rows
    ]
    return view.words["between"].join(texts)


def _to_all(view: View) -> dict[str, str]:
    """Uses that follow for everybody who is assessed, with their texts: they tell nobody apart."""
    uses = view.scheme.scheme.use
    return {use.id: view.titles[use.id] for use in uses if not use.when and not use.money}


def _notes(view: View, unsure: bool) -> Iterator[str]:
    if _to_all(view):
        yield view.words["to_all"].format(texts=view.words["between"].join(_to_all(view).values()))
    more = len(_proposed(view)) - MOST_PROPOSALS
    if more > 0:
        yield view.words["more_proposals"].format(n=more)
    if unsure:
        yield view.words["uncertain_note"]


def _values(view: View) -> Section:
    rows = tuple(described_values(view.scheme, view.language))
    heads = tuple(view.words[key] for key in ("what", "value", "source", "origin"))
    return Section(
        key="values",
        title=view.words["values"],
        lead=view.words["values_lead"],
        finding="",
        action="",
        tables=(Table(view.words["values"], heads, rows, 4),) if rows else (),
    )
