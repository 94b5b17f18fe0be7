"""Joins the chapters of a place's report: result, scheme, snapshot, place -> `PlaceReport`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from minping_engine.assessment import Result
from minping_engine.errors import InputError, Problem
from minping_engine.reporting.bulletin_places import Survey
from minping_engine.reporting.lookups import look_up
from minping_engine.reporting.numbers import period_text
from minping_engine.reporting.place_report.asked import (
    advice_chapter,
    classes_chapter,
    questions_chapter,
    themes_chapter,
)
from minping_engine.reporting.place_report.change import change_chapter, method_chapter
from minping_engine.reporting.place_report.desk import ClassTables, PlaceDesk
from minping_engine.reporting.place_report.model import Block, Chapter, PlaceReport
from minping_engine.reporting.place_report.ruled import ruled_groups
from minping_engine.reporting.place_report.surveyed import figures, overall_chapter, survey_chapter
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot


def make_place_report(
    result: Result,
    scheme: LoadedScheme,
    snapshot: Snapshot,
    area_id: str,
    *,
    language: str = "zh",
    classes: ClassTables | None = None,
    left_out: frozenset[str] = frozenset(),
) -> PlaceReport:
    """The report of a place. Raises `InputError` for a place that the snapshot does not know.

    `left_out`: places of a correction whose means beside an earlier release tell somebody's score.
    """
    desk = _desk(result, scheme, snapshot, area_id, language=language, classes=classes)
    desk = replace(desk, survey=replace(desk.survey, left_out=left_out))
    period = period_text(result.period, language)
    return PlaceReport(
        language=language,
        area_id=area_id,
        title=desk.say("title", scheme=scheme.scheme.title.of(language)),
        subtitle=desk.say("subtitle", place=desk.place.name, period=period),
        notices=tuple(_notices(desk)),
        figures=tuple(figures(desk)),
        chapters=tuple(_chapters(desk)),
        issuer=desk.place.name,
        day=period,
        footer=f"{scheme.key}　{snapshot.sha256[:16]}",
    )


def _chapters(desk: PlaceDesk) -> Iterator[Chapter]:
    """Numbered in their order; where nobody was asked there is nothing to tell of groups and opinions."""
    asked = bool(desk.scheme.scheme.instruments)
    made: dict[str, Iterator[Block]] = {
        "survey": survey_chapter(desk),
        "overall": overall_chapter(desk),
        "questions": questions_chapter(desk),
        **({"classes": classes_chapter(desk), "themes": themes_chapter(desk)} if asked else {}),
        "change": change_chapter(desk),
        "advice": advice_chapter(desk),
    }
    for number, (name, blocks) in enumerate(made.items()):
        ruled = desk.words.get(f"chapter_{name}_ruled", "") if not asked else ""
        title = ruled or desk.words[f"chapter_{name}"]
        yield Chapter(
            name, desk.say("numbered", number=_number(number, desk.language), title=title), tuple(blocks)
        )
    yield Chapter("method", desk.words["chapter_method"], tuple(method_chapter(desk)))


def _number(at: int, language: str) -> str:
    return "一二三四五六七"[at] if language == "zh" else str(at + 1)


def _desk(
    result: Result,
    scheme: LoadedScheme,
    snapshot: Snapshot,
    area_id: str,
    *,
    language: str,
    classes: ClassTables | None,
) -> PlaceDesk:
    found = look_up(result, snapshot)
    if scheme.scheme.has_tree:
        found = replace(found, groups=ruled_groups(result["outcomes"].to_pylist(), found.places, scheme))
    place = found.places.by_id.get(area_id)
    if place is None:
        raise InputError([Problem("reporting.unknown_place", params={"id": area_id})])
    counts = result.head["counts"]
    survey = Survey(found, scheme, texts("bulletin", language), language, result.period, counts)
    words = texts("place_report", language)
    return PlaceDesk(survey, result, scheme, snapshot, words, language, place, classes)


def _notices(desk: PlaceDesk) -> Iterator[str]:
    if desk.snapshot.manifest.get("synthetic"):
        yield desk.words["demo_data"]
    if desk.scheme.uses_demo_values:
        yield desk.words["demo_values"]
    yield desk.words["office_only"]
