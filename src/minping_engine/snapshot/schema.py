"""The snapshot contract: which tables, which columns, which types (design.md 3, evidence.md 3-5).

A snapshot is a folder of Parquet files and `snapshot.json`. Ballots are partitioned,
`ballots/instrument=ID@V/district=CODE/part-0.parquet`; every other table is `<table>.parquet`.
Areas, people and names are strings on the small tables; the large tables hold integers only.

Three kinds of columns are open-ended and stand for what a round asked:
`cell_<variable>` (level of a cell variable), `cluster_<kind>` (random per-round cluster id) and
`item_<item>` (answer code, null = not answered). Ballots carry no time and no household.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

SCHEMA_VERSION = 1
CELL, CLUSTER, ITEM = "cell_", "cluster_", "item_"
TOTAL = "total"
"""Variable name of the (pro-rated) total of all items, and of the one level of an ungrouped margin."""


class Open(StrEnum):
    """Families of columns that a table may have any number of."""

    FRAME_CELLS = "frame_cells"
    CELLS = "cells"
    CLUSTERS = "clusters"
    ITEMS = "items"


@dataclass(frozen=True)
class Column:
    """One column: a key column orders and identifies rows; numbers lie from `low` to `high`."""

    name: str
    type: pa.DataType
    description: str
    key: bool = False
    nullable: bool = False
    references: str = ""
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Table:
    """One table. `required` tables must stand in every snapshot; the others as a scheme asks."""

    name: str
    description: str
    columns: tuple[Column, ...]
    required: bool = False
    open_columns: tuple[Open, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the key columns."""
        return tuple(column.name for column in self.columns if column.key)

    def column(self, name: str) -> Column | None:
        """The declared column of that name, or the open family's column, or None."""
        for column in self.columns:
            if column.name == name:
                return column
        return open_column(self, name)


_PREFIX = {
    Open.FRAME_CELLS: (CELL, pa.int16(), False),
    Open.CELLS: (CELL, pa.int16(), False),
    Open.CLUSTERS: (CLUSTER, pa.int32(), True),
    Open.ITEMS: (ITEM, pa.int16(), True),
}


def open_column(table: Table, name: str) -> Column | None:
    """The column `name` of an open-ended family of `table`, or None."""
    for family in table.open_columns:
        prefix, dtype, nullable = _PREFIX[family]
        if name.startswith(prefix) and len(name) > len(prefix):
            key = family is Open.FRAME_CELLS
            return Column(name, dtype, f"open-ended: {family.value}", key=key, nullable=nullable)
    return None


_TARGET = Column("target", pa.int32(), "target that is rated", key=True, references="targets.target")
_STRATUM = Column("stratum", pa.int16(), "sampling stratum inside the target, 0 if there is one", key=True)
_TEXT, _INT = pa.string(), pa.int64()

TABLES: tuple[Table, ...] = (
    Table(
        "areas",
        "places, from district to responsibility area",
        (
            Column("area_id", _TEXT, "official code, or code of the district's own", key=True),
            Column("parent_id", _TEXT, "the area it lies in", nullable=True, references="areas.area_id"),
            Column("level", _TEXT, "AreaLevel"),
            Column("name", _TEXT, "name as people say it"),
            Column(
                "area_kind",
                _TEXT,
                "kind inside its level, e.g. general or exclusive grid (S54)",
                nullable=True,
            ),
            Column("area_class", _TEXT, "class of like places (S79: 甲/乙/丙, A/B/C)", nullable=True),
            Column("urban_rural", _TEXT, "urban, rural or null (S113)", nullable=True),
        ),
        required=True,
    ),
    Table(
        "area_covariates",
        "how hard a place is (S75); context only, never of the assessed person",
        (
            Column("area_id", _TEXT, "place", key=True, references="areas.area_id"),
            Column("covariate", _TEXT, "name, e.g. share_aged_60", key=True),
            Column("value", pa.float64(), "value in the covariate's own unit"),
        ),
    ),
    Table(
        "assessees",
        "who or what is assessed",
        (
            Column("assessee_id", _TEXT, "id, unique in the district", key=True),
            Column("kind", _TEXT, "AssesseeKind"),
            Column("name", _TEXT, "name for the card"),
            Column(
                "area_id",
                _TEXT,
                "place whose card this is (a community for a worker)",
                references="areas.area_id",
            ),
        ),
        required=True,
    ),
    Table(
        "assessee_attributes",
        "protected attributes of assessed persons: read by the fairness report only, never by a score",
        (
            Column("assessee_id", _TEXT, "who", key=True, references="assessees.assessee_id"),
            Column("attribute", _TEXT, "name, e.g. age_years, is_female", key=True),
            Column("value", pa.float64(), "value in the attribute's own unit"),
        ),
    ),
    Table(
        "targets",
        "what a ballot rates: an area and the kind of subject it is rated for",
        (
            Column("target", pa.int32(), "number, from 0", key=True),
            Column("area_id", _TEXT, "rated area", references="areas.area_id"),
            Column("subject", _TEXT, "AssesseeKind rated there"),
        ),
        required=True,
    ),
    Table(
        "postings",
        "targets to assessees: staff moves, shared grids and vacancies are rows here",
        (
            Column("target", pa.int32(), "target", key=True, references="targets.target"),
            Column("assessee_id", _TEXT, "who answers for it", key=True, references="assessees.assessee_id"),
            Column("from_day", pa.date32(), "first day of the posting", key=True),
            Column("to_day", pa.date32(), "last day; null = still there", nullable=True),
            Column("share", pa.int32(), "share of the period in per mille"),
        ),
        required=True,
    ),
    Table(
        "cell_variables",
        "variables that divide ballots into cells",
        (
            Column("variable", _TEXT, "name; its columns are cell_<variable>", key=True),
            Column("level", pa.int16(), "level, from 0", key=True),
            Column("known", _TEXT, "Known: frame, ballot or fieldwork"),
            Column("label_zh", _TEXT, "level in Chinese"),
            Column("label_en", _TEXT, "level in English"),
        ),
    ),
    Table(
        "item_codes",
        "answer codes that the instrument allows",
        (
            Column("instrument", _TEXT, "ID@VERSION", key=True),
            Column("item", _TEXT, "item id; its column is item_<item>", key=True),
            Column("code", pa.int16(), "answer code", key=True),
            Column("label", _TEXT, "answer as it was read"),
            Column("wording", _TEXT, "wording of the item"),
        ),
        required=True,
    ),
    Table(
        "sample",
        "what could be and what was drawn",
        (
            _TARGET,
            _STRATUM,
            Column("eligible", _INT, "eligible units in the frame"),
            Column("drawn", _INT, "units drawn"),
        ),
        open_columns=(Open.FRAME_CELLS,),
    ),
    Table(
        "dispositions",
        "what became of drawn units (AAPOR), by mode",
        (
            _TARGET,
            _STRATUM,
            Column("mode", pa.int8(), "Mode code", key=True),
            Column("disposition", pa.int8(), "Disposition code", key=True),
            Column("n", _INT, "units"),
        ),
        open_columns=(Open.FRAME_CELLS,),
    ),
    Table(
        "margins",
        "population totals for calibration",
        (
            _TARGET,
            Column("variable", _TEXT, "cell variable, or `total`", key=True),
            Column("level", pa.int16(), "level, 0 for `total`", key=True),
            Column("eligible", _INT, "eligible units"),
        ),
    ),
    Table(
        "ballots",
        "answers; no time, no household",
        (
            Column("ballot_id", _INT, "random id", key=True),
            Column("target", pa.int32(), "rated target", references="targets.target"),
            Column("stratum", pa.int16(), "sampling stratum"),
            Column("mode", pa.int8(), "Mode code"),
            Column("randomised", pa.int8(), "1 if the mode was assigned by chance"),
        ),
        required=True,
        open_columns=(Open.CELLS, Open.CLUSTERS, Open.ITEMS),
    ),
    Table(
        "comments",
        "redacted comments, apart from ballots, in random order",
        (
            Column("comment_id", _INT, "random id, unrelated to the ballot's", key=True),
            Column("target", pa.int32(), "rated target", references="targets.target"),
            Column("text", _TEXT, "redacted text"),
        ),
    ),
    Table(
        "visits",
        "households visited (S3)",
        (
            _TARGET,
            Column("period", _TEXT, "window of the visits: the period, or its year, e.g. 2020", key=True),
            Column("households", _INT, "different households visited"),
        ),
    ),
    Table(
        "costs",
        "what was spent on an assessee's area in the period",
        (
            Column("assessee_id", _TEXT, "who", key=True, references="assessees.assessee_id"),
            Column("yuan", pa.float64(), "money spent, yuan"),
            Column("yuan_se", pa.float64(), "standard error where it is an estimate", nullable=True),
        ),
    ),
    Table(
        "history",
        "earlier results, for trend and progress",
        (
            Column("period", _TEXT, "earlier period", key=True),
            Column("level", _TEXT, "`assessee` or an AreaLevel", key=True),
            Column("subject_id", _TEXT, "assessee_id or area_id", key=True),
            Column("variable", _TEXT, "item id or `total`", key=True),
            Column("n", _INT, "ballots"),
            Column("estimate", pa.float64(), "points", nullable=True),
            Column("se", pa.float64(), "standard error without finite population correction", nullable=True),
            Column("se_fpc", pa.float64(), "standard error with it", nullable=True),
            Column("scheme", _TEXT, "ID@VERSION of the scheme that made it"),
        ),
    ),
)

TABLES += (
    Table(
        "earlier_cells",
        "sums of earlier rounds by cell, for progress on one mix of respondents; stays in the office",
        (
            Column("period", _TEXT, "earlier period", key=True),
            Column("scheme", _TEXT, "ID@VERSION of the scheme that made it", key=True),
            Column("layout", _TEXT, "cell variables and numbers of levels, in order"),
            Column("assessee_id", _TEXT, "who", key=True),
            Column("cell", _INT, "packed cell", key=True),
            Column("mode", _INT, "Mode code", key=True),
            Column("n", _INT, "ballots"),
            Column("s", _INT, "sum of the total, thousandths of a point"),
            Column("ss", _INT, "sum of its squares"),
        ),
    ),
)

MOST_MARKS_MILLI = 10**9
"""A million points: no sum of marks over any round that exists leaves 64 bits."""
_ASSESSEE = Column("assessee_id", _TEXT, "who", key=True, references="assessees.assessee_id")


def _optional(name: str, kind: pa.DataType, description: str) -> Column:
    return Column(name, kind, description, nullable=True)


def _flag(name: str, description: str) -> Column:
    """A fact about a case: 1 yes, 0 no, empty = not known."""
    return Column(name, pa.int8(), f"1 if {description}, else 0", nullable=True, low=0, high=1)


_CASE_FLAGS = (
    _flag("urgent", "it was marked urgent"),
    _flag("accepted", "it was taken in"),
    _flag("filed", "a file was opened for it"),
    _flag("dispatched", "it was sent to an office"),
    _flag("dispatched_right", "the first office it was sent to was the right one"),
    _flag("due", "its time limit ended in the period"),
    _flag("closed", "it was closed"),
    _flag("closed_on_time", "it was closed within its time limit"),
    _flag("deferred", "its time limit was extended"),
    _flag("sent_back", "the office sent it back (退单)"),
    _flag("self_handled", "it was found and settled without being sent on"),
    _flag("missed", "it should have been reported here and somebody else did"),
    _flag("verified", "the settlement was checked on the spot"),
    _flag("signed_on_time", "the office took it over in time"),
    _flag("contacted", "the resident was contacted"),
    _flag("picture_proof", "pictures show the settlement"),
    _flag("callback_valid", "the follow-up call reached the resident and got an answer"),
    _flag("resolved", "the resident says that it is settled"),
)

TABLES += (
    Table(
        "appraisals",
        "marks by raters other than the sampled households; single marks stay in the office",
        (
            _ASSESSEE,
            Column("rater_group", _TEXT, "id of the scheme's group of raters", key=True),
            Column("rater", _INT, "random number of the round, no identity", key=True),
            Column("item", _TEXT, "what was marked", key=True),
            _optional("rater_kind", _TEXT, "kind of rater, e.g. ordinary_resident, party_member, unit"),
            Column(
                "marks_milli",
                _INT,
                "mark, thousandths of a point, not negative",
                low=0,
                high=MOST_MARKS_MILLI,
            ),
        ),
    ),
    Table(
        "facts",
        "what is known of an assessee beside marks and cases: one of number and text in each row",
        (
            _ASSESSEE,
            Column("fact", _TEXT, "id of the scheme's fact", key=True),
            _optional("value_milli", _INT, "number, thousandths of the fact's unit, money's fen too"),
            _optional("text", _TEXT, "text, where the fact is no number"),
        ),
    ),
    Table(
        "cases",
        "service cases (工单), one a row; no name, no place and no words of a resident",
        (
            Column("case_id", _INT, "random number, unrelated to the hotline's own", key=True),
            Column("assessee_id", _TEXT, "whose case it is", references="assessees.assessee_id"),
            _optional("category", _TEXT, "kind of matter, as the scheme lists them"),
            _optional("source", _TEXT, "where it came from, e.g. hotline, patrol, leader, media"),
            _optional(
                "attributed_to", _TEXT, "who had to settle it: worker, community, street or department (D2)"
            ),
            _optional("created_at", pa.timestamp("s"), "taken in, local time"),
            _optional("closed_at", pa.timestamp("s"), "closed, local time"),
            _optional("called_back_at", pa.timestamp("s"), "follow-up call, local time"),
            *_CASE_FLAGS,
            Column("reworked", pa.int16(), "times it was reopened", nullable=True, low=0),
            _optional("satisfaction", _TEXT, "the resident's answer in the follow-up, as labelled"),
            _optional(
                "excluded",
                _TEXT,
                "class of the exclusion list: in no rate, but counted and published (D8)",
            ),
        ),
    ),
    Table(
        "earlier_outcomes",
        "results of earlier periods and of other schemes, for rules that look back or join levels",
        (
            Column("period", _TEXT, "period of the result", key=True),
            Column("scheme", _TEXT, "ID@VERSION of the scheme that made it", key=True),
            Column("assessee_id", _TEXT, "who; an area's id where another scheme assesses areas", key=True),
            _optional("score_micro", _INT, "score, millionths of a point"),
            _optional("grade", _TEXT, "id of the grade"),
            Column("grade_step", _INT, "place of the grade, 1 = best", nullable=True, low=1),
            Column("status", _TEXT, "Status"),
            _optional("events", _TEXT, "ids of cards and vetoes, separated by one blank"),
        ),
    ),
)

BY_NAME = {table.name: table for table in TABLES}


def arrow_schema(table: Table, names: list[str] | None = None) -> pa.Schema:
    """The table's arrow schema; `names` adds the open-ended columns that are there, in that order."""
    fixed = [column.name for column in table.columns]
    columns = [table.column(name) for name in fixed + [name for name in names or [] if name not in fixed]]
    return pa.schema(
        [pa.field(column.name, column.type, nullable=column.nullable) for column in columns if column]
    )
