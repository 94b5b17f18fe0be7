"""Running the chain over all districts of a run: everything a district needs, opened once.

In: snapshot, scheme, plan, evidence, design. Out: `ChainResult`: columns, tables, groups, warnings.
Without a part `fairness` nothing is computed and all columns stay empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.assessment.chain.cells import Floats, small_tables
from minping_engine.assessment.chain.columns import FairColumns
from minping_engine.assessment.chain.groups import Groups, comparison_groups
from minping_engine.assessment.chain.plan import Plan
from minping_engine.assessment.chain.shrink import ground_of
from minping_engine.assessment.design import Design
from minping_engine.assessment.result import FAIR_TABLES
from minping_engine.errors import Problem, Severity
from minping_engine.evidence import Evidence
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot

if TYPE_CHECKING:
    from minping_engine.assessment.chain.setting import Setting


@dataclass(frozen=True)
class ChainResult:
    """What the chain adds to a result."""

    columns: FairColumns
    tables: dict[str, pa.Table]
    groups: Groups
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class ChainInput:
    """What the chain reads; `online` is the evidence of open online ballots, if the scheme asks for it.

    `workers` is how many processes of this machine may share the districts.
    """

    snapshot: Snapshot
    evidence: Evidence
    online: Evidence | None = None
    workers: int = 1


def run_chain(run: ChainInput, scheme: LoadedScheme, plan: Plan, design: Design) -> ChainResult:
    """Run all districts. Columns are empty for a scheme without a part `fairness`."""
    groups = comparison_groups(design, plan.fairness)
    if plan.fairness is None:
        empty = {name: schema.empty_table() for name, schema in FAIR_TABLES.items()}
        return ChainResult(FairColumns.empty(design.assessees.num_rows), empty, groups)
    # Imported here: a scheme without fairness does not pay for loading the methods.
    from minping_engine.assessment.chain.collect import collect_tables

    setting, missing = _setting(run, scheme, plan, design, groups)
    columns, tables, warnings = collect_tables(run.evidence, setting, run.workers)
    found = [*_missing_ground(missing), *_earlier_warnings(run.snapshot, scheme, plan), *warnings]
    found += _left_out(columns, design, groups)
    return ChainResult(columns, tables, groups, tuple(found))


def _earlier_warnings(snapshot: Snapshot, scheme: LoadedScheme, plan: Plan) -> list[Problem]:
    from minping_engine.assessment.chain.progress import has_other_layout

    if has_other_layout(snapshot.table("earlier_cells"), scheme.key, plan.layout, snapshot.period):
        return [Problem("assessment.earlier_cells_differ", severity=Severity.WARNING)]
    return []


def _left_out(columns: FairColumns, design: Design, groups: Groups) -> list[Problem]:
    """People with ballots whom the chain could not take in, or whom it compares with nobody."""
    rows = design.by_target
    answered = np.bincount(rows.assessee, rows.seen, design.assessees.num_rows) > 0
    spanning = int((answered & (columns.state < 0)).sum())
    alone = int((answered & (columns.state >= 0) & (groups.number < 0)).sum())
    found = []
    for code, n in (("assessment.spans_districts", spanning), ("assessment.no_group", alone)):
        if n:
            found.append(Problem(code, params={"n": n}, severity=Severity.WARNING))
    return found


def _setting(
    run: ChainInput, scheme: LoadedScheme, plan: Plan, design: Design, groups: Groups
) -> tuple[Setting, tuple[str, ...]]:
    """The setting, and covariates that no area has."""
    from minping_engine.assessment.chain.costs import read_costs
    from minping_engine.assessment.chain.progress import earlier_round
    from minping_engine.assessment.chain.setting import Setting

    assert plan.fairness is not None
    ids = design.assessees["assessee_id"].combine_chunks()
    snapshot = run.snapshot
    ground, missing = ground_of(snapshot, design.areas, plan.fairness.context)
    earlier = earlier_round(snapshot.table("earlier_cells"), scheme.key, plan.layout, snapshot.period, ids)
    quota = scheme.scheme.grading.quota
    ranks = plan.fairness.ranks
    setting = Setting(
        plan,
        plan.fairness,
        small_tables(snapshot, design),
        groups,
        ground,
        scheme.disclosure,
        ranks.model_copy(update={"top_percent": quota.percent}) if quota else ranks,
        plan.spec.total_milli,
        earlier,
        {district.district: district for district in run.online or ()},
        read_costs(snapshot, ids),
        _attributes(snapshot, ids),
        np.array(sorted(band.from_points for band in scheme.bands if band.from_points > 0)) / 1000,
    )
    return setting, missing


def _attributes(snapshot: Snapshot, ids: pa.Array) -> dict[str, Floats]:
    """Protected attributes by name over all assessees, NaN where unknown: for the fairness report only."""
    table = snapshot.table("assessee_attributes")
    made: dict[str, Floats] = {}
    for name in sorted(set(table["attribute"].to_pylist())):
        rows = table.filter(pc.equal(table["attribute"], name))
        at = pc.index_in(rows["assessee_id"].combine_chunks(), ids)
        there = pc.is_valid(at)
        made[name] = np.full(len(ids), np.nan)
        values = rows["value"].combine_chunks().filter(there)
        made[name][at.filter(there).to_numpy()] = values.to_numpy(zero_copy_only=False)
    return made


def _missing_ground(missing: tuple[str, ...]) -> list[Problem]:
    return [
        Problem("assessment.ground_missing", params={"covariate": name}, severity=Severity.WARNING)
        for name in missing
    ]
