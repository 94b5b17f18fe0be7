"""The fairness page for the office: `fairness.html`, one file that needs nothing from outside.

In: result, scheme, snapshot. Out: what was done to scores, whether they tell people apart, who was heard
less, what goes with the overall answer; each with one sentence of what to do (S12, D7;
docs/method/fairness-report.md). Decides nothing: verdicts come from the result. Internal: pictures have no
names, but the list of borderline decisions has ids.
"""

from __future__ import annotations

from pathlib import Path

from minping_engine.assessment.result import Result
from minping_engine.reporting.fair_words import fair_words
from minping_engine.reporting.fairness_people import borderline_section, drivers_section, groups_section
from minping_engine.reporting.fairness_scores import Reading, steps_section
from minping_engine.reporting.fairness_survey import (
    heard_section,
    modes_section,
    slopes_section,
    weights_section,
)
from minping_engine.reporting.html_pages import html_template
from minping_engine.reporting.numbers import period_text
from minping_engine.reporting.places import read_places
from minping_engine.reporting.section_page import DistrictPart, SectionPage
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot

SECTIONS = (
    steps_section,
    groups_section,
    slopes_section,
    heard_section,
    modes_section,
    weights_section,
    drivers_section,
    borderline_section,
)


def write_fairness(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, path: Path, *, language: str = "zh"
) -> None:
    """Write the fairness page to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = html_template(__package__, "sections").render(
        it=build_fairness(result, scheme, snapshot, language)
    )
    path.write_text(page, "utf-8", newline="\n")


def build_fairness(
    result: Result, scheme: LoadedScheme, snapshot: Snapshot, language: str = "zh"
) -> SectionPage:
    """The page as data."""
    names = fair_words(snapshot, language)
    words = names.words
    districts = _districts(result) if scheme.scheme.fairness else []
    empty = "" if districts else words["no_district" if scheme.scheme.fairness else "no_fairness"]
    places = read_places(snapshot)
    demo = [words["demo_note"]] if snapshot.manifest.get("synthetic") else []
    return SectionPage(
        language=language,
        title=words["title"],
        heading=scheme.scheme.title.of(language),
        period=period_text(result.period, language),
        demo_notes=tuple(demo + ([words["demo_values"]] if scheme.uses_demo_values else [])),
        note=words["language_note"].format(percent=scheme.scheme.scoring.interval_percent),
        empty=empty,
        warnings=tuple(str(warning[language]) for warning in result.head["warnings"]),
        districts=tuple(
            _part(Reading(result, scheme, names, places, district, is_only=len(districts) == 1))
            for district in districts
        ),
        check=words["check_text"].format(key=scheme.key, hash=snapshot.sha256[:16]),
        words=words,
    )


def _districts(result: Result) -> list[str]:
    found: set[str] = set()
    for name in ("coefficients", "comparison_groups", "drivers", "fairness"):
        found.update(result[name]["district"].to_pylist())
    return sorted(found)


def _part(reading: Reading) -> DistrictPart:
    name = "" if reading.is_only else reading.places.name(reading.district)
    return DistrictPart(name, tuple(section(reading) for section in SECTIONS))
