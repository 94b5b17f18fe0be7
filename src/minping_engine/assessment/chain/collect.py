"""All districts of a run through the chain, one after another or in several processes of this machine.

In: evidence and setting. Out: columns over all assessees, joined tables, warnings. Districts do not know of
each other, so the number of processes changes no bit; each process keeps to one thread of linear algebra
(evidence.md 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pyarrow as pa
from threadpoolctl import threadpool_limits

from minping_engine.assessment.chain.cells import district_cells
from minping_engine.assessment.chain.columns import FairColumns
from minping_engine.assessment.chain.fair import fair_district
from minping_engine.assessment.chain.setting import Setting
from minping_engine.assessment.chain.tables import DistrictTables, district_tables
from minping_engine.assessment.result import FAIR_TABLES, TRACE
from minping_engine.errors import Problem
from minping_engine.evidence import DistrictEvidence, Evidence

_settings: list[Setting] = []
"""The setting of a worker process, handed over once instead of with every district."""


def collect_tables(
    evidence: Evidence, setting: Setting, workers: int
) -> tuple[FairColumns, dict[str, pa.Table], list[Problem]]:
    """Run through all districts."""
    columns = FairColumns.empty(setting.design.assessees.num_rows)
    parts: dict[str, list[pa.Table]] = {}
    warnings: list[Problem] = []
    for district in _districts(evidence, setting, workers):
        columns.fill(district.columns)
        for name, table in district.tables.items():
            parts.setdefault(name, []).append(table)
        warnings += district.warnings
    tables = {
        name: pa.concat_tables([schema.empty_table(), *parts.get(name.removeprefix(f"{TRACE}/"), [])])
        for name, schema in FAIR_TABLES.items()
    }
    return columns, {name: table.combine_chunks() for name, table in tables.items()}, warnings


def _districts(evidence: Evidence, setting: Setting, workers: int) -> Iterator[DistrictTables]:
    """Districts with counted ballots for somebody, in order."""
    if workers > 1 and len(evidence.districts) > 1:
        context = get_context("spawn")
        with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(setting,)) as pool:
            yield from filter(None, pool.map(_of_worker, evidence.districts))
        return
    with threadpool_limits(limits=1, user_api="blas"):
        yield from filter(None, (one_district(district, setting) for district in evidence))


def one_district(district: DistrictEvidence, setting: Setting) -> DistrictTables | None:
    """One district; None where nobody is posted or nobody answered."""
    cells = district_cells(district, setting.plan)
    if not setting.design.by_target.any_of(cells.targets):
        return None
    return district_tables(fair_district(district, cells, setting), setting)


def _begin(setting: Setting) -> None:
    threadpool_limits(limits=1, user_api="blas")
    _settings[:] = [setting]


def _of_worker(district: DistrictEvidence) -> DistrictTables | None:
    return one_district(district, _settings[0])
