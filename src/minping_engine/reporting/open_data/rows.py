"""Protected tables -> the rows of the open files; a hidden number is empty and says why.

In: an `OpenDataRound` with its protected tables. Out: one arrow table per file. Names stand in both
languages. The mean of a class is shown only where its ballots are shown too: one without the other leads to
the sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from minping_engine.disclosure import CellKey, Protected, PublishedTable, Reason
from minping_engine.reporting.numbers import rounded
from minping_engine.reporting.open_data.counting import EVERYWHERE, MODE, REST
from minping_engine.reporting.open_data.protecting import ANSWER, BALLOTS, NO_ANSWER, POINTS
from minping_engine.reporting.open_data.rounds import OpenDataRound
from minping_engine.reporting.texts import both_languages
from minping_engine.scheme import Instrument
from minping_engine.snapshot import TOTAL
from minping_engine.terms import AreaLevel, Mode, label

Row = dict[str, Any]
Labels = tuple[str, str]
_TEXT, _WHOLE, _NUMBER = pa.string(), pa.int64(), pa.float64()
_PLACE = {"area_id": _TEXT, "level": _TEXT, "place": _TEXT}
_LABELS = {"label_zh": _TEXT, "label_en": _TEXT}
FILES: dict[str, dict[str, pa.DataType]] = {
    "questions": {
        "instrument": _TEXT,
        "question": _TEXT,
        "text_zh": _TEXT,
        "text_en": _TEXT,
        "max_points": _NUMBER,
    },
    "places": {
        **_PLACE,
        "question": _TEXT,
        "assessed": _WHOLE,
        "mean": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "hidden": _TEXT,
    },
    "ballots": {
        **_PLACE,
        "instrument": _TEXT,
        "variable": _TEXT,
        "class": _TEXT,
        **_LABELS,
        "ballots": _WHOLE,
        "hidden": _TEXT,
    },
    "answers": {
        **_PLACE,
        "instrument": _TEXT,
        "question": _TEXT,
        "answer": _TEXT,
        **_LABELS,
        "ballots": _WHOLE,
        "percent": _NUMBER,
        "hidden": _TEXT,
    },
    "points": {
        **_PLACE,
        "instrument": _TEXT,
        "question": _TEXT,
        "variable": _TEXT,
        "class": _TEXT,
        **_LABELS,
        "mean": _NUMBER,
        "max_points": _NUMBER,
        "hidden": _TEXT,
    },
}
"""File -> column -> type. Words for both stand in `texts/open_data.yaml`."""


@dataclass(frozen=True)
class OpenRows:
    """Makes the rows of a round."""

    round_: OpenDataRound
    safe: dict[str, Protected]

    def tables(self) -> dict[str, pa.Table]:
        """File name -> table."""
        made = {
            "questions": self._questions(),
            "places": self._places(),
            **{name: [] for name in ("ballots", "answers", "points")},
        }
        for form in self.round_.forms:
            for table in self.safe[form.id].tables:
                name = self._file(table)
                made[name] += getattr(self, f"_{name}")(form, table)
        return {
            name: pa.Table.from_pylist(_ordered(rows), pa.schema(list(FILES[name].items())))
            for name, rows in made.items()
        }

    @staticmethod
    def _file(table: PublishedTable) -> str:
        if table.measure != BALLOTS:
            return "points"
        return "answers" if table.shares_of else "ballots"

    def _questions(self) -> list[Row]:
        return [
            {
                "instrument": form.key,
                "question": item.id,
                "text_zh": item.text.zh,
                "text_en": item.text.en,
                "max_points": item.max_milli / 1000,
            }
            for form in self.round_.forms
            for item in form.items
        ]

    def _places(self) -> list[Row]:
        """Means of the assessed people's scores, as in the bulletin."""
        rows = []
        survey = self.round_.survey
        for (area, variable), group in survey.found.groups.items():
            if group["level"] not in (AreaLevel.DISTRICT, AreaLevel.STREET, AreaLevel.COMMUNITY):
                continue
            row = survey.row(area, variable)
            figures = {name: _two(row[name]) for name in ("mean", "low", "high")} if row else {}
            rows.append(
                {
                    **self._place(area),
                    "question": variable,
                    "assessed": group["n_assessees"] if row else None,
                    **figures,
                    "hidden": None if row else Reason.WITHHELD.value,
                }
            )
        return rows

    def _ballots(self, form: Instrument, table: PublishedTable) -> list[Row]:
        variable = table.dimensions[1]
        names = self._class_names(variable.name)
        return [
            {
                **self._place(at[0]),
                "instrument": form.key,
                "variable": variable.name,
                "class": at[1],
                **_both(names.get(at[1])),
                "ballots": number,
                "hidden": reason,
            }
            for at, number, reason in self._cells(form, table)
        ]

    def _answers(self, form: Instrument, table: PublishedTable) -> list[Row]:
        answer = table.dimensions[1]
        item = next(each for each in form.items if each.id == answer.name.removeprefix(ANSWER))
        names = {str(each.code): (each.label.zh, each.label.en) for each in item.answers}
        names[NO_ANSWER] = _words("no_answer")
        safe = self.safe[form.id]
        rows = []
        for at, number, reason in self._cells(form, table):
            whole = safe.shown(table, (at[0], answer.root))
            rows.append(
                {
                    **self._place(at[0]),
                    "instrument": form.key,
                    "question": item.id,
                    "answer": at[1],
                    **_both(names.get(at[1])),
                    "ballots": number,
                    "percent": float(rounded(100 * number / whole, 1))
                    if number is not None and whole
                    else None,
                    "hidden": reason,
                }
            )
        return rows

    def _points(self, form: Instrument, table: PublishedTable) -> list[Row]:
        variable, item = table.dimensions[1], table.measure.removeprefix(POINTS)
        names, unit = self._class_names(variable.name), self._unit(form)
        most = next(each.max_milli for each in form.items if each.id == item) / 1000
        hidden = self.safe[form.id].hidden
        rows = []
        for at, number, reason in self._cells(form, table):
            key = table.key(at)
            n, why = table.cells[at].n, reason or hidden.get((BALLOTS, key[1]))
            if (at[1] == variable.root and variable.name != MODE) or n == 0:
                continue  # the total over classes stands once; a class that nobody belongs to has no mean
            rows.append(
                {
                    **self._place(at[0]),
                    "instrument": form.key,
                    "question": item,
                    "variable": TOTAL if at[1] == variable.root else variable.name,
                    "class": at[1],
                    **_both(names.get(at[1])),
                    "mean": _two(number * unit / 1000 / n) if number is not None and why is None else None,
                    "max_points": most,
                    "hidden": why and str(why),
                }
            )
        return rows

    def _unit(self, form: Instrument) -> int:
        from minping_engine.evidence import evidence_spec

        return evidence_spec(self.round_.scheme.with_instrument(form)).unit_milli

    def _cells(
        self, form: Instrument, table: PublishedTable
    ) -> Iterator[tuple[tuple[str, ...], int | None, str | None]]:
        """(coordinates, value or None, why it is hidden)."""
        safe = self.safe[form.id]
        for at in table.cells:
            key: CellKey = table.key(at)
            reason = safe.hidden.get(key)
            yield at, safe.shown(table, at), reason.value if reason else None

    def _place(self, code: str) -> Row:
        places = self.round_.survey.found.places
        area = code.removesuffix(REST)
        known = places.by_id.get(area)
        name = _words("everywhere")[0] if code == EVERYWHERE else places.name(area)
        ending = f"（{_words('rest')[0]}）" if code.endswith(REST) else ""
        return {"area_id": code, "level": known.level if known else "", "place": f"{name}{ending}"}

    def _class_names(self, variable: str) -> dict[str, Labels]:
        if variable == MODE:
            return {str(mode.value): (label(mode, "zh"), label(mode, "en")) for mode in Mode}
        return {str(level): names for (name, level), names in self._labels.items() if name == variable}

    @cached_property
    def _labels(self) -> dict[tuple[str, int], Labels]:
        rows = self.round_.snapshot.table("cell_variables").to_pylist()
        return {(row["variable"], row["level"]): (row["label_zh"], row["label_en"]) for row in rows}


def _ordered(rows: list[Row]) -> list[Row]:
    """By place, then in the order of questions and classes: `sorted` keeps equal rows as they are."""
    return sorted(rows, key=lambda row: row.get("area_id", ""))


def _two(value: float | None) -> float | None:
    return None if value is None else float(rounded(value, 2))


def _both(names: Labels | None) -> Row:
    zh, en = names or _words("all")
    return {"label_zh": zh, "label_en": en}


def _words(key: str) -> Labels:
    entry = both_languages("open_data")[key]
    return entry["zh"], entry["en"]
