"""Chapters by question or indicator, by group of residents and by mode, on opinions (S28).

In: `PlaceDesk`. Out: blocks. Groups and modes come from the protected tables of the open data alone, so that
two papers laid side by side give no hidden cell away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from minping_engine.insight import count_themes
from minping_engine.reporting.bulletin_fair import drivers_sentence
from minping_engine.reporting.card_parts import ends
from minping_engine.reporting.fair_words import FairWords
from minping_engine.reporting.lookups import Row
from minping_engine.reporting.numbers import (
    DASH,
    Z,
    count_text,
    interval_text,
    plain_text,
    points_text,
    signed_text,
)
from minping_engine.reporting.open_data.counting import EVERYWHERE, MODE
from minping_engine.reporting.place_report.desk import PlaceDesk, told_apart
from minping_engine.reporting.place_report.model import Block, Grid, Points, Text
from minping_engine.reporting.texts import texts
from minping_engine.scheme import Item, nodes_of

ENDS_NAMED = 2
MOST_QUESTIONS = 8
"""More columns than these do not fit on a page: groups are then shown for the weakest questions."""


def questions_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """Points by question beside the larger place and the period before."""
    if desk.scheme.scheme.has_tree:
        yield from _nodes(desk)
        return
    shares = item_shares(desk)
    if not shares:
        yield Text(desk.words["questions_none"])
        return
    ordered = sorted(shares, key=lambda pair: pair[1])
    names = [item.short.of(desk.language) for item, _ in ordered]
    if len(names) > ENDS_NAMED:
        yield Text(
            desk.joined(
                [
                    desk.say("questions_lead", n=len(names), weakest=names[0], strongest=names[-1]),
                    drivers_sentence(desk.survey, desk.result),
                ]
            )
        )
    yield _questions(desk)


def item_shares(desk: PlaceDesk) -> list[tuple[Item, float]]:
    """Questions with the share of their points, 0 to 1, as far as they may be shown."""
    rows = ((item, desk.row(item.id)) for item in desk.items)
    return [(item, row["mean"] / (item.max_milli / 1000)) for item, row in rows if row]


def _questions(desk: PlaceDesk) -> Grid:
    parent, words = desk.parent, desk.words
    rows = []
    for item, share in item_shares(desk):
        row = desk.row(item.id)
        assert row is not None
        above = desk.row(item.id, parent) if parent else None
        rows.append(
            (
                item.short.of(desk.language),
                f"{points_text(row['mean'])} / {plain_text(item.max_milli / 1000)}",
                interval_text(row["low"], row["high"]),
                f"{100 * share:.0f}%",
                *((points_text(above["mean"]) if above else DASH, desk.beside(row, above)) if parent else ()),
                *_change(desk, item.id, row),
            )
        )
    head = [words[f"h_{key}"] for key in ("question", "points", "interval", "percent")]
    if parent:
        name = desk.name(parent)
        head += [name, desk.say("h_beside", place=name)]
    head += [words["h_previous"], words["h_change"]]
    widths = (11, 8, 9, 6, 7, 8, 7, 10) if parent else (4, 3, 4, 2, 2, 4)
    return Grid(words["questions_title"], tuple(head), tuple(rows), widths)


def _change(desk: PlaceDesk, variable: str, row: Row) -> tuple[str, str]:
    """Points of the period before, and whether the change is more than error."""
    earlier = desk.survey.found.earlier(desk.place.level, desk.place.area_id, variable)
    old = earlier[-1] if earlier else None
    if old is None or old["estimate"] is None:
        return DASH, DASH
    change = row["mean"] - old["estimate"]
    error = old["se_fpc"] if old["se_fpc"] is not None else old["se"]
    low, high = ends(old["estimate"], error, Z[desk.scheme.scheme.scoring.interval_percent])
    sign = told_apart(row, {"mean": old["estimate"], "low": low, "high": high})
    word = "" if sign is None else desk.words[("change_down", "change_same", "change_up")[sign + 1]]
    return points_text(old["estimate"]), f"{signed_text(change, 2)} {word}".strip()


def _nodes(desk: PlaceDesk) -> Iterator[Block]:
    """Mean points by indicator of the scheme's tree, where enough have a value."""
    who, fewest = {row["assessee_id"] for row in desk.members}, desk.scheme.disclosure.mean_from
    found: dict[str, list[float]] = {}
    for row in desk.result["nodes"].to_pylist():
        if row["assessee_id"] in who and row["points"] is not None:
            found.setdefault(row["node"], []).append(row["points"])
    rows = tuple(
        (node.title.of(desk.language), points_text(math.fsum(values) / len(values)), count_text(len(values)))
        for node in nodes_of(desk.scheme.scheme.indicators)
        if len(values := found.get(node.id, [])) >= fewest
    )
    if not rows:
        yield Text(desk.words["questions_none"])
        return
    head = tuple(desk.words[f"h_{key}"] for key in ("indicator", "mean", "valued"))
    yield Grid(desk.words["nodes_title"], head, rows, (6, 2, 2))


def classes_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """Points by group of residents and by mode, from the protected tables."""
    grids = list(_class_grids(desk))
    if not grids:
        yield Text(desk.words["classes_none"])
        return
    yield Text(desk.joined([desk.words["classes_lead"], desk.words["classes_caution"]]))
    yield from grids


def _class_grids(desk: PlaceDesk) -> Iterator[Block]:
    if desk.classes is None:
        return
    points, ballots = (_of_place(desk, table) for table in (desk.classes.points, desk.classes.ballots))
    items = [item for item, _ in sorted(item_shares(desk), key=lambda pair: pair[1])][:MOST_QUESTIONS]
    shown = [item for item in desk.items if item in items]
    means = {(row["question"], row["variable"], row["class"]): row["mean"] for row in points}
    names = FairWords(texts("fairness", desk.language), desk.language, {})
    for variable in dict.fromkeys(row["variable"] for row in ballots):
        levels = [row for row in ballots if row["variable"] == variable and row["class"] != EVERYWHERE]
        rows = tuple(
            (
                row[f"label_{desk.language}"],
                count_text(row["ballots"]),
                *(points_text(means.get((item.id, variable, row["class"]))) for item in shown),
            )
            for row in levels
        )
        if not rows:
            continue
        title = desk.words["class_mode"] if variable == MODE else names.variable(variable)
        head = (
            desk.words["h_class"],
            desk.words["h_ballots"],
            *(item.short.of(desk.language) for item in shown),
        )
        name = desk.say("classes_title", variable=title)
        yield Grid(name, head, rows, (4, 2, *(3 for _ in shown)))


def _of_place(desk: PlaceDesk, table: Any) -> list[dict[str, Any]]:
    """Rows of this place; a lone district is the total itself."""
    here = {desk.place.area_id}
    if desk.parent is None:
        here.add(EVERYWHERE)
    return [row for row in table.to_pylist() if row["area_id"] in here]


def themes_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """Themes of opinions from five on, never a word of them; then what is clearly weak."""
    inside = {target for target, chain in desk.chains.items() if desk.place.area_id in chain}
    comments = [row for row in desk.snapshot.table("comments").to_pylist() if row["target"] in inside]
    fewest = desk.scheme.disclosure.comments_from
    counted = count_themes([row["text"] for row in comments], fewest=fewest)
    if len(comments) < fewest:
        yield Text(desk.words["themes_none"]) if not comments else _few(desk, len(comments))
    elif not counted:
        yield _few(desk, len(comments))
    else:
        yield Text(desk.say("themes_lead", n=count_text(len(comments)), fewest=fewest))
        rows = tuple((theme.title(desk.language), count_text(n)) for theme, n in counted)
        head = (desk.words["h_theme"], desk.words["h_opinions"])
        yield Grid(desk.words["themes_title"], head, rows, (4, 1))
    yield from _weak(desk)


def _few(desk: PlaceDesk, n: int) -> Text:
    return Text(desk.say("themes_few", n=count_text(n), fewest=desk.scheme.disclosure.comments_from))


def _weak(desk: PlaceDesk) -> Iterator[Block]:
    parent = desk.parent
    if parent is None or not item_shares(desk):
        return
    below = [
        item.short.of(desk.language)
        for item, _ in item_shares(desk)
        if told_apart(desk.row(item.id), desk.row(item.id, parent)) == -1
    ]
    name = desk.name(parent)
    if below:
        yield Text(desk.say("weak_title", parent=name, names=desk.listed(below)))
    else:
        yield Text(desk.say("weak_none", parent=name))


def advice_chapter(desk: PlaceDesk) -> Iterator[Block]:
    """The scheme's advice for the weakest questions, and what follows from results."""
    parent, gaps = desk.parent, []
    for item, share in item_shares(desk):
        above = desk.row(item.id, parent) if parent else None
        most = item.max_milli / 1000
        gaps.append((share - (above["mean"] / most if above else 1.0), item))
    weakest = [item for _, item in sorted(gaps, key=lambda pair: pair[0])[:ENDS_NAMED]]
    if weakest:
        name = desk.name(parent) if parent else desk.words["h_most"]
        yield Text(desk.say("advice_lead", parent=name, n=len(weakest)))
        yield Points(tuple(_advised(desk, item) for item in weakest))
    uses = tuple(use.text.of(desk.language) for use in desk.scheme.scheme.use)
    if uses:
        yield Text(desk.words["uses_lead"])
        yield Points(uses)


def _advised(desk: PlaceDesk, item: Item) -> str:
    row = desk.row(item.id)
    assert row is not None
    text = item.advice.of(desk.language) if item.advice else desk.words["advice_none"]
    points = f"{points_text(row['mean'], 1)} / {plain_text(item.max_milli / 1000)}"
    return desk.say("advice_item", item=item.short.of(desk.language), points=points, text=text)
