"""One questionnaire of a round: evidence, estimates, fair scores, tables with their trace.

In: an opened snapshot and a scheme with one instrument. Out: `BallotRun`: its tables, what they bring to the
scheme's rules, and what the head of the result says of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.assessment.annual import in_year_of
from minping_engine.assessment.chain import ChainInput, ChainResult, make_plan, run_chain
from minping_engine.assessment.design import Design, read_design
from minping_engine.assessment.history import comparable_history, previous_points
from minping_engine.assessment.result import TRACE
from minping_engine.assessment.scored import BallotResults
from minping_engine.assessment.stages import Progress, Stages
from minping_engine.assessment.standing import outcome_of
from minping_engine.assessment.sums import DistrictSums, read_sums, unit_sums
from minping_engine.assessment.tables import (
    Figures,
    benchmark_of,
    groups_table,
    indicators_table,
    modes_table,
    scores_table,
    trace_table,
)
from minping_engine.errors import Problem, Severity
from minping_engine.estimation import direct_estimates
from minping_engine.evidence import (
    REASONS,
    Evidence,
    Scheduler,
    collect_evidence,
    evidence_spec,
    share_items,
)
from minping_engine.scheme import LoadedScheme
from minping_engine.scoring import judge
from minping_engine.snapshot import Snapshot
from minping_engine.terms import year_of


@dataclass(frozen=True)
class BallotRun:
    """One questionnaire's tables, what they bring to the rules, and what the head says of them."""

    instrument: str
    tables: dict[str, pa.Table]
    results: BallotResults
    evidence: Evidence
    warnings: tuple[Problem, ...]
    counts: dict[str, Any]
    layout: Any
    specs: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """Reduces and estimates one questionnaire after the other."""

    snapshot: Snapshot
    folder: Path
    scheduler: Scheduler
    stages: Stages
    on_progress: Progress | None

    def ballots(self, scheme: LoadedScheme) -> BallotRun:
        """From ballots of one instrument to its tables."""
        snapshot, scheduler = self.snapshot, self.scheduler
        plan = make_plan(scheme, snapshot)
        evidence = collect_evidence(
            snapshot, plan.spec, self.folder / TRACE / "evidence", scheduler, self._report
        )
        self.stages.done("evidence")
        sums = read_sums(evidence)
        design = read_design(snapshot, sums.seen)
        online = _open_online(snapshot, scheme, self.folder, scheduler)
        chain = run_chain(ChainInput(snapshot, evidence, online, scheduler.workers), scheme, plan, design)
        self.stages.done("chain")
        figures, unit = _figures(snapshot, scheme, evidence, sums, design, chain)
        self.stages.done("estimates")
        tables = _tables(snapshot, figures, sums, unit) | chain.tables
        self.stages.done("tables")
        warnings = (
            *_other_kinds(snapshot, figures),
            *_warnings(figures, sums),
            *plan.warnings,
            *chain.warnings,
        )
        return BallotRun(
            scheme.scheme.instrument.id,
            tables,
            _ballot_results(scheme, tables, evidence, design),
            evidence,
            warnings,
            _fieldwork_counts(design, sums),
            plan.layout,
            tuple(used.spec.sha256 for used in (evidence, online) if used),
        )

    def _report(self, done: int, total: int) -> None:
        if self.on_progress:
            self.on_progress("evidence", done, total)


def _ballot_results(
    scheme: LoadedScheme, tables: dict[str, pa.Table], evidence: Evidence, design: Design
) -> BallotResults:
    """What a questionnaire brings to measures and outcomes."""
    fairness = scheme.scheme.fairness
    return BallotResults(
        instrument=scheme.scheme.instrument.id,
        scores=tables["scores"],
        indicators=tables["indicators"],
        counted=fairness.counts if fairness else "direct",
        scored_from=scheme.disclosure.scored_from,
        codes=_codes(evidence, design) if share_items(scheme) else {},
    )


def _codes(evidence: Evidence, design: Design) -> dict[tuple[str, str], dict[int, int]]:
    """Ballots by answer code, (assessee, item) -> code -> n; a ballot of a shared target counts for both."""
    names = design.assessees["assessee_id"].to_pylist()
    who: dict[int, list[str]] = {}
    for person, target in zip(*(rows.tolist() for rows in design.posted), strict=True):
        who.setdefault(target, []).append(names[person])
    made: dict[tuple[str, str], dict[int, int]] = {}
    variables = evidence.spec.variables
    for district in evidence:
        for row in district.counts().to_pylist():
            for name in who.get(row["target"], ()):
                codes = made.setdefault((name, variables[row["variable"]]), {})
                codes[row["value"]] = codes.get(row["value"], 0) + row["n"]
    return made


def _open_online(
    snapshot: Snapshot, scheme: LoadedScheme, folder: Path, scheduler: Scheduler
) -> Evidence | None:
    """Sums of open online ballots, apart from all others, if the scheme has a use for them."""
    fairness = scheme.scheme.fairness
    if fairness is None or fairness.online is None:
        return None
    spec = evidence_spec(scheme, open_online=True)
    return collect_evidence(snapshot, spec, folder / TRACE / "evidence", scheduler)


def _figures(
    snapshot: Snapshot,
    scheme: LoadedScheme,
    evidence: Evidence,
    sums: DistrictSums,
    design: Design,
    chain: ChainResult,
) -> tuple[Figures, NDArray[np.int64]]:
    unit = design.units.index(*sums.seen)
    arrays = unit_sums(sums, unit, design.units.eligible, len(evidence.spec.variables))
    estimates = direct_estimates(arrays, design.responsibility)
    verdicts = judge(estimates.n[:, 0], scheme.disclosure)
    history = comparable_history(snapshot, scheme.key)
    earlier = in_year_of(snapshot.period, history, scheme.disclosure.scored_from)
    outcome = outcome_of(scheme, estimates, verdicts, chain.columns, chain.groups)
    figures = Figures(
        snapshot.period,
        scheme,
        evidence.spec,
        design,
        arrays,
        estimates,
        verdicts,
        earlier,
        outcome,
        chain.columns,
        chain.groups,
    )
    return figures, unit


def _tables(
    snapshot: Snapshot, figures: Figures, sums: DistrictSums, unit: NDArray[np.int64]
) -> dict[str, pa.Table]:
    groups = groups_table(figures)
    mode_unit = figures.design.units.index(sums.modes["target"].to_numpy(), sums.modes["stratum"].to_numpy())
    return {
        "scores": scores_table(
            figures, benchmark_of(figures, groups), _rejected(figures, sums), _visited(snapshot, figures)
        ),
        "indicators": indicators_table(
            figures, previous_points(comparable_history(snapshot, figures.scheme.key))
        ),
        "groups": groups,
        "modes": modes_table(figures, mode_unit, sums.modes["mode"].to_numpy(), sums.modes["n"].to_numpy()),
        f"{TRACE}/targets": trace_table(figures),
    }


def _by_target(figures: Figures, target: NDArray[Any], value: NDArray[Any]) -> NDArray[np.int64]:
    """Sum of a per-target value over each assessee's targets; -1 where she has none of them."""
    who, posted = figures.design.posted
    targets, place = np.unique(target.astype(np.int64), return_inverse=True)
    of_target = np.bincount(place, value, len(targets))
    known = np.isin(posted, targets)
    total = np.zeros(figures.design.assessees.num_rows)
    np.add.at(total, who[known], of_target[np.searchsorted(targets, posted[known])])
    any_known = np.isin(np.arange(len(total)), who[known])
    return np.where(any_known, total, -1).astype(np.int64)


def _rejected(figures: Figures, sums: DistrictSums) -> NDArray[np.int64]:
    counted = _by_target(figures, sums.rejected["target"].to_numpy(), sums.rejected["n"].to_numpy())
    return np.maximum(counted, 0)


def _visited(snapshot: Snapshot, figures: Figures) -> NDArray[np.int64]:
    """Households visited in the quota's window: the period itself, or its year so far (S3)."""
    visits = snapshot.table("visits")
    quota = figures.scheme.visit_quota
    yearly = quota is not None and quota.window == "year"
    window = year_of(snapshot.period) if yearly else snapshot.period
    now = visits.filter(pa.compute.equal(visits["period"], window or snapshot.period))
    return _by_target(figures, now["target"].to_numpy(), now["households"].to_numpy())


def _other_kinds(snapshot: Snapshot, figures: Figures) -> list[Problem]:
    """A scheme used on other kinds of assessees or periods than it was written for."""
    scheme = figures.scheme.scheme
    kinds = set(figures.design.assessees["kind"].unique().to_pylist()) - {scheme.assessee_kind.value}
    found = []
    if kinds:
        params: dict[str, object] = {"found": ", ".join(sorted(kinds)), "meant": scheme.assessee_kind.value}
        found.append(Problem("assessment.other_kind", params=params, severity=Severity.WARNING))
    if snapshot.manifest["period_kind"] != scheme.period.kind.value:
        params = {"found": snapshot.manifest["period_kind"], "meant": scheme.period.kind.value}
        found.append(Problem("assessment.other_period_kind", params=params, severity=Severity.WARNING))
    return found


def _warnings(figures: Figures, sums: DistrictSums) -> list[Problem]:
    """What a reader of the result must know."""
    found = []
    by_reason = sums.rejected.group_by("reason").aggregate([("n", "sum")])
    for reason, n in sorted(
        zip(by_reason["reason"].to_pylist(), by_reason["n_sum"].to_pylist(), strict=True)
    ):
        found.append(
            Problem(f"assessment.rejected_{REASONS[reason]}", params={"n": n}, severity=Severity.WARNING)
        )
    answered_for = np.zeros(len(figures.sums.eligible), dtype=bool)
    answered_for[figures.design.responsibility.unit] = True
    orphans = int(figures.sums.n[~answered_for, 0].sum())
    if orphans:
        found.append(Problem("assessment.nobody_posted", params={"n": orphans}, severity=Severity.WARNING))
    unknown = int((figures.design.units.eligible < 0).sum())
    if unknown:
        found.append(Problem("assessment.no_frame", params={"n": unknown}, severity=Severity.WARNING))
    arrays = figures.sums
    small = int(((arrays.eligible >= 0) & (arrays.n[:, 0] > arrays.eligible)).sum())
    if small:
        found.append(Problem("assessment.frame_too_small", params={"n": small}, severity=Severity.WARNING))
    too_few = int((~figures.outcome.assessed).sum())
    if too_few:
        found.append(Problem("assessment.not_assessed", params={"n": too_few}, severity=Severity.WARNING))
    return found


def _fieldwork_counts(design: Design, sums: DistrictSums) -> dict[str, Any]:
    """Each household once: rows of people would count the households of a shared target twice."""
    modes = sums.modes.group_by("mode").aggregate([("n", "sum")])
    by_mode = dict(zip(modes["mode"].to_pylist(), modes["n_sum"].to_pylist(), strict=True))

    def whole(values: NDArray[np.int64]) -> int | None:
        return int(values.sum()) if len(values) and (values >= 0).all() else None

    return {
        "drawn": whole(design.units.drawn),
        "eligible": whole(design.units.eligible),
        "modes": {str(mode): by_mode[mode] for mode in sorted(by_mode)},
    }
