"""The report of a year or half-year: the district over time, questions, streets, communities, grades.

In: a `Desk`. Out: `Paper`. No person is named and none is ranked (G1); places too small stay empty
(`published`). Streets stand in the order of their codes; beside each stands whether the data tell it from
the district.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from minping_engine.reporting.numbers import (
    DASH,
    count_text,
    interval_text,
    percent_text,
    plain_text,
    points_text,
)
from minping_engine.reporting.papers.annual_card import _grades
from minping_engine.reporting.papers.figures import PersonFigures, PlaceFigures, Points, change, mean_of
from minping_engine.reporting.papers.model import Block, Figures, Heading, Paper, Table, Text
from minping_engine.reporting.papers.parts import Desk, without_empty
from minping_engine.terms import AreaLevel, Status, label


def period_report(desk: Desk) -> Paper:
    """The report as data."""
    report = _Report(desk)
    words, scheme = desk.words, desk.span.scheme.scheme
    place = desk.span.places.name(report.places.district) if report.places.district else ""
    return Paper(
        language=desk.language,
        title=words[f"report_title_{desk.span.kind.name.lower()}"].format(span=desk.span_text),
        subtitle=place,
        subject=desk.span.kind.value,
        scheme=scheme.title.of(desk.language),
        demo=words["demo"] if desk.span.synthetic else "",
        head=(
            (words["kind"], label(scheme.assessee_kind, desk.language)),
            (words["covers"], words["separator"].join(desk.periods)),
        ),
        blocks=tuple(report.blocks()),
        basis=desk.basis,
        words=desk.words,
        day=desk.day,
    )


class _Report:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.words = desk, desk.words
        self.people = PersonFigures(desk.span)
        self.places = PlaceFigures(desk.span)

    def blocks(self) -> list[Block]:
        blocks: list[Block] = [self._figures()]
        if self.desk.missing:
            blocks.append(Text(self.desk.missing, strong=True))
        blocks += [*self._district(), *self._questions(), *self._streets(), *self._communities()]
        blocks += [*self._fieldwork(), *self._grades()]
        return [*blocks, Heading(self.words["how_to_read"]), Text(self._notes())]

    def _district_points(self) -> Points:
        none: Points = tuple(None for _ in self.desk.periods)
        return self.places.points(self.places.district) if self.places.district else none

    def _figures(self) -> Figures:
        counts = [result.head["counts"] for result in self.desk.span.results]
        points = self._district_points()
        items = []
        if mean := mean_of(points):
            note = self.words["mean_note"].format(n=sum(point is not None for point in points))
            if mean.low is not None:
                interval = interval_text(mean.low, mean.high)
                note = f"{self.words['interval'].format(text=interval)}{self.words['joint']}{note}"
            name = self.words["year_mean"].format(span=self.desk.span_text)
            items.append((name, points_text(mean.value), note))
        if total := sum(int(count["ballots_counted"]) for count in counts):
            items.append((self.words["ballots"], count_text(total), self.words["all_periods"]))
        last = counts[-1]
        whole = self.words["of_all"].format(n=count_text(last["assessees"]))
        items.append((self.words["assessed_last"], count_text(last["assessed"]), whole))
        return Figures(tuple(items))

    def _district(self) -> list[Block]:
        points = self._district_points()
        none: Points = tuple(None for _ in points)
        percent = self.desk.span.scheme.scheme.scoring.interval_percent
        with_error = any(point and point.low is not None for point in points)
        legend = self.words["report_legend" if with_error else "legend_mean"].format(percent=percent)
        trend = self.desk.trend(points, none, ["" for _ in points], legend)
        if trend is None:
            return []
        if change(points) is None:
            return [Heading(self.words["district"]), trend, Text(self.words["no_change"])]
        said = self.words["change"].format(change=self.desk.change_text(points))
        return [Heading(self.words["district"]), trend, Text(said)]

    def _questions(self) -> list[Block]:
        forms, area = self.desk.span.scheme.scheme.instruments, self.places.district
        if not forms or area is None:
            return []
        rows = []
        for item in forms[0].items:
            points = self.places.points(area, item.id)
            if any(points):
                name, most = item.short.of(self.desk.language), plain_text(item.max_milli / 1000)
                rows.append((name, *self.desk.cells(points), most, self.desk.change_cell(points)))
        head = (self.words["question"], *self._heads(), self.words["most"], self.words["change_head"])
        widths = (2.2, *(1.7 for _ in self._heads()), 0.8, 2.4)
        return [Heading(self.words["by_question"]), Table(head, tuple(rows), widths)] if rows else []

    def _heads(self) -> tuple[str, ...]:
        return (*self.desk.short_periods, self.words["mean"])

    def _streets(self) -> list[Block]:
        streets = self.places.at_level(AreaLevel.STREET)
        rows = []
        for area in streets:
            points = self.places.points(area)
            name = self.desk.span.places.name(area)
            rows.append((name, *self.desk.cells(points), self._beside_district(points)))
        if not _has_values(rows):
            return []
        head = (self.words["street"], *self._heads(), self.words["beside_district"])
        widths = (2.2, *(1.7 for _ in self._heads()), 2.4)
        table = without_empty(Table(head, tuple(rows), widths))
        return [Heading(self.words["by_street"]), table]

    def _beside_district(self, points: Points) -> str:
        """Whether the data tell the mean over all periods from the district's."""
        own, district = mean_of(points), mean_of(self._district_points())
        if own is None or district is None or own.half is None or district.half is None:
            return DASH
        difference = own.value - district.value
        if abs(difference) <= math.hypot(own.half, district.half):
            return self.words["tied"]
        return self.words["above" if difference > 0 else "below"]

    def _communities(self) -> list[Block]:
        blocks: list[Block] = []
        by_street: dict[str, list[str]] = {}
        for area in self.places.at_level(AreaLevel.COMMUNITY):
            street = self.desk.span.places.at(area, AreaLevel.STREET)
            by_street.setdefault(street.name if street else "", []).append(area)
        for street_name, areas in by_street.items():
            name = self.desk.span.places.name
            rows = tuple((name(area), *self.desk.cells(self.places.points(area))) for area in areas)
            if not _has_values(rows):
                continue
            head = (f"{self.words['community']} · {street_name}", *self._heads())
            blocks.append(Table(head, rows, (3.0, *(1.7 for _ in self._heads()))))
        return [Heading(self.words["by_community"]), *blocks] if blocks else []

    def _fieldwork(self) -> list[Block]:
        rows = []
        for period, result in zip(self.desk.periods, self.desk.span.results, strict=True):
            counts = result.head["counts"]
            ballots, drawn = int(counts["ballots_counted"]), counts["drawn"]
            # More ballots than drawn: others were asked too, and no rate can be told from these counts.
            rate = percent_text(ballots, drawn) if drawn and ballots <= drawn else DASH
            people = (count_text(counts["assessed"]), count_text(counts["not_assessed"]))
            counted = count_text(ballots) if ballots else DASH
            rows.append((period, count_text(drawn), counted, rate, *people))
        keys = ("period", "drawn", "ballots", "rate", "assessed", "not_assessed")
        head = tuple(self.words[key] for key in keys)
        table = without_empty(Table(head, tuple(rows), (2.0, *(1.2 for _ in keys[1:]))))
        asked = bool(self.desk.span.scheme.scheme.instruments)
        return [Heading(self.words["fieldwork" if asked else "assessment"]), table]

    def _grades(self) -> list[Block]:
        """How many have each grade, of all that are assessed (S68)."""
        labels = _grades(self.desk)
        counted = [
            Counter(
                row["grade"] for row in rows.values() if row["status"] == Status.ASSESSED and row["grade"]
            )
            for rows in self.people.rows
        ]
        found = dict.fromkeys(grade for counts in counted for grade in sorted(counts))
        order = [
            *(grade for grade in labels if grade in found),
            *(grade for grade in found if grade not in labels),
        ]
        if not order:
            return []
        rows = tuple(
            (labels.get(grade, grade), *(self._share(counts[grade], counts) for counts in counted))
            for grade in order
        )
        head = (self.words["grade"], *self.desk.short_periods)
        widths = (2.0, *(1.5 for _ in self.desk.periods))
        return [Heading(self.words["grades"]), Table(head, rows, widths)]

    @staticmethod
    def _share(count: int, counts: Counter[str]) -> str:
        return f"{count_text(count)} ({percent_text(count, counts.total())})" if count else "0"

    def _notes(self) -> str:
        limits = self.desk.span.scheme.disclosure
        percent = self.desk.span.scheme.scheme.scoring.interval_percent
        asked = bool(self.desk.span.scheme.scheme.instruments)
        parts = ("notes_error", "notes_small", "notes_order") if asked else ("notes_few", "notes_order")
        return "".join(self.words[key] for key in parts).format(
            percent=percent, people=limits.mean_from, ballots=limits.scored_from
        )


def _has_values(rows: Iterable[tuple[str, ...]]) -> bool:
    """Whether anything beside the names may be shown."""
    return any(cell != DASH for row in rows for cell in row[1:])
