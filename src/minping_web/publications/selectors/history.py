"""Earlier results for the next snapshot: what trend, progress and rules over periods read.

Only results that hold count: of each round the newest publication. A round whose result was never published
is not remembered against anybody. Of other schemes the same period counts as well: a scheme of the year reads
the quarters' scores; the engine takes what its scheme names.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from minping_engine.assessment import Result, earlier_tables, read_result
from minping_engine.snapshot import TABLES, arrow_schema
from minping_engine.terms import days_of
from minping_web.assessments.selectors.runs import folder_of
from minping_web.publications.selectors.current import current_publications
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.rules.sources import Source

NAMES = ("history", "earlier_cells", "earlier_outcomes")
_EMPTY = {table.name: arrow_schema(table) for table in TABLES if table.name in NAMES}


def earlier_results(found: SurveyRound) -> list[Result]:
    """Published results that a round's snapshot remembers, oldest first."""
    return published_before(found.scheme.scheme_id if found.scheme else "", found.period)


def published_before(scheme_id: str, period: str) -> list[Result]:
    """Published results that ended no later than `period`, oldest first; of its own scheme none of it."""
    ended = _end_of(period)
    rows = sorted(current_publications(), key=lambda row: (_end_of(row.round.period), row.pk))
    wanted = [
        row
        for row in rows
        if row.round.period != period or row.run.scheme.scheme_id != scheme_id
        if _end_of(row.round.period) <= ended
    ]
    folders = [folder_of(row.run) for row in wanted]
    return [read_result(folder) for folder in folders if (folder / "result.json").is_file()]


def _end_of(period: str) -> date:
    """Its last day; a period whose name tells none remembers nothing and is remembered by nobody."""
    days = days_of(period)
    return days[1] if days else date.max


def sources() -> dict[str, Source]:
    """Tables of the snapshot's contract, made at closing from what was published before."""
    return {name: _source(name) for name in NAMES}


def _source(name: str) -> Source:
    def table(facts: Any, spread: Any) -> pa.Table:
        found = SurveyRound.objects.select_related("scheme").get(pk=facts.round.pk)
        return earlier_tables(earlier_results(found)).get(name, _EMPTY[name].empty_table())

    return table
