"""The annual card of one person: each period with interval, tied band and grade, the year's mean, questions.

In: a `Desk` and `PersonFigures`. Out: `Paper`. It is for the person and those who answer for the person; no
other person stands on it (G1). Its last lines say that the score was computed and how to ask for reasons
(PIPL 24).
"""

from __future__ import annotations

from minping_engine.reporting.grade_words import grade_labels
from minping_engine.reporting.numbers import (
    DASH,
    count_text,
    interval_text,
    plain_text,
)
from minping_engine.reporting.papers.figures import PersonFigures, PlaceFigures, Row, change, mean_of
from minping_engine.reporting.papers.model import Block, Figures, Heading, Paper, Table, Text
from minping_engine.reporting.papers.parts import Desk, without_empty
from minping_engine.terms import Status, label

ITEMS_SHOWN = 12
"""More questions than this do not fit on the page."""


class AnnualCards:
    """Makes the cards of a span in one language."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.words = desk, desk.words
        self.people = PersonFigures(desk.span)
        self.places = PlaceFigures(desk.span)
        self.grades = _grades(desk)

    def card(self, who: str) -> Paper:
        """The card of one person."""
        desk, row = self.desk, self.people.last_row(who)
        names = (each.name for each in reversed(desk.span.places.chain(row["area_id"])))
        area = " ".join(dict.fromkeys(names))  # a grid with one owner bears the owner's name
        kind = label(desk.span.scheme.scheme.assessee_kind, desk.language)
        return Paper(
            language=desk.language,
            title=self.words[f"card_title_{desk.span.kind.name.lower()}"].format(span=desk.span_text),
            subtitle=row["name"],
            subject=who,
            scheme=desk.span.scheme.scheme.title.of(desk.language),
            demo=self.words["demo"] if desk.span.synthetic else "",
            head=(
                (self.words["kind"], kind),
                (self.words["number"], who),
                (self.words["place"], area or row["area_id"]),
            ),
            blocks=tuple(self._blocks(who, row)),
            basis=desk.basis,
            words=desk.words,
            day=desk.day,
        )

    def _blocks(self, who: str, row: Row) -> list[Block]:
        desk, points = self.desk, self.people.points(who)
        blocks: list[Block] = [self._figures(who)]
        if desk.missing:
            blocks.append(Text(desk.missing, strong=True))
        trend = desk.trend(
            points,
            self.places.points(row["area_id"]),
            tuple(self._note(who, number) for number in range(len(points))),
            self._legend(who),
        )
        if trend:
            blocks += [Heading(self.words["by_period"]), trend, Text(self._change(who))]
        blocks += [Heading(self.words["details"]), self._table(who)]
        if items := self._items(who):
            blocks += [Heading(self.words["questions"]), items]
        asked = bool(desk.span.scheme.scheme.instruments)
        made = self.words["rights_asked" if asked else "rights_ruled"]
        return [*blocks, Heading(self.words["rights_title"]), Text(f"{made}{self.words['rights']}")]

    def _legend(self, who: str) -> str:
        """Only of signs that the picture has."""
        points, row = self.people.points(who), self.people.last_row(who)
        rows = [self.people.row(who, number) for number in range(len(points))]
        percent = self.desk.span.scheme.scheme.scoring.interval_percent
        has = {
            "legend_own": True,
            "legend_interval": any(point and point.low is not None for point in points),
            "legend_place": any(self.places.points(row["area_id"])),
            "legend_band": any(self._band(each) for each in rows if each),
        }
        return "　".join(self.words[key].format(percent=percent) for key, is_there in has.items() if is_there)

    def _figures(self, who: str) -> Figures:
        points = self.people.points(who)
        mean, known = mean_of(points), sum(point is not None for point in points)
        note = self.words["mean_note"].format(n=known)
        if mean and mean.low is not None:
            interval = interval_text(mean.low, mean.high)
            note = f"{self.words['interval'].format(text=interval)}{self.words['joint']}{note}"
        items = [(self.words["year_mean"].format(span=self.desk.span_text), self.desk.value(mean), note)]
        ballots = [self._ballots(who, number) for number in range(len(points))]
        if total := sum(ballots):
            items.append((self.words["ballots"], count_text(total), self.words["all_periods"]))
        return Figures(tuple(items))

    def _ballots(self, who: str, number: int) -> int:
        row = self.people.row(who, number)
        return int(row.get("n_ballots") or 0) if row else 0

    def _note(self, who: str, number: int) -> str:
        """Why a period has no score, or the tied band."""
        row = self.people.row(who, number)
        if row is None:
            return self.words["not_there"]
        if row["status"] != Status.ASSESSED:
            return self.words["not_assessed"]
        return self._band(row)

    def _band(self, row: Row) -> str:
        if row.get("tie_band") is None or row.get("set_low") is None:
            return ""
        return self.words["band"].format(
            band=row["tie_band"], low=row["set_low"], high=row["set_high"], of=row["ranked_of"]
        )

    def _change(self, who: str) -> str:
        points = self.people.deciding_points(who)
        if change(points) is None:
            return self.words["no_change"]
        return self.words["change"].format(change=self.desk.change_text(points))

    def _table(self, who: str) -> Table:
        words, rows = self.words, []
        for number, (period, point) in enumerate(
            zip(self.desk.periods, self.people.points(who), strict=True)
        ):
            row = self.people.row(who, number)
            ballots = self._ballots(who, number)
            rows.append(
                (
                    period,
                    self.desk.cell(point),
                    self._grade(row),
                    (self._band(row) if row else "") or DASH,
                    count_text(ballots) if ballots else DASH,
                )
            )
        head = (words["period"], words["score"], words["grade"], words["tied_band"], words["ballots"])
        return without_empty(Table(head, tuple(rows), (2.0, 2.0, 1.6, 3.4, 1.0)))

    def _grade(self, row: Row | None) -> str:
        if row is None or row["grade"] is None:
            return DASH
        return self.grades.get(row["grade"], str(row["grade"]))

    def _items(self, who: str) -> Table | None:
        form = self.desk.span.scheme.scheme.instruments
        items = form[0].items if form else ()
        if self.people.tree or not items or len(items) > ITEMS_SHOWN:
            return None
        rows = []
        for item in items:
            points = self.people.item_points(who, item.id)
            mean = mean_of(points)
            rows.append(
                (
                    item.short.of(self.desk.language),
                    *(self.desk.value(each) for each in points),
                    self.desk.value(mean),
                    plain_text(item.max_milli / 1000),
                )
            )
        head = (self.words["question"], *self.desk.short_periods, self.words["mean"], self.words["most"])
        return Table(head, tuple(rows), (3.0, *(1.0 for _ in head[1:])))


def _grades(desk: Desk) -> dict[str, str]:
    """Label by grade; a scheme with a tree names its grades in its own bands."""
    return grade_labels(desk.span.scheme, desk.language)
