"""Earlier results for the next snapshot: what trend, progress and rules over periods read.

Only results that hold count: of each earlier round of the same scheme the newest publication. A round whose
result was never published is not remembered against anybody.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from minping_engine.assessment import Result, earlier_tables, read_result
from minping_engine.snapshot import TABLES, arrow_schema
from minping_web.assessments.selectors.runs import folder_of
from minping_web.publications.selectors.current import current_publications
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.rules.sources import Source

NAMES = ("history", "earlier_cells", "earlier_outcomes")
_EMPTY = {table.name: arrow_schema(table) for table in TABLES if table.name in NAMES}


def earlier_results(found: SurveyRound) -> list[Result]:
    """Published results of rounds of the same scheme before this one's period, oldest first."""
    rows = current_publications().filter(
        round__scheme__scheme_id=found.scheme.scheme_id if found.scheme else "",
        round__subject=found.subject,
        round__period__lt=found.period,
    )
    folders = [folder_of(row.run) for row in rows.order_by("round__period", "pk")]
    return [read_result(folder) for folder in folders if (folder / "result.json").is_file()]


def sources() -> dict[str, Source]:
    """Tables of the snapshot's contract, made at closing from what was published before."""
    return {name: _source(name) for name in NAMES}


def _source(name: str) -> Source:
    def table(facts: Any, spread: Any) -> pa.Table:
        found = SurveyRound.objects.select_related("scheme").get(pk=facts.round.pk)
        return earlier_tables(earlier_results(found)).get(name, _EMPTY[name].empty_table())

    return table
