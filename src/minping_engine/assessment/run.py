"""The one run that joins the steps: sealed snapshot + scheme -> result.

Each questionnaire is reduced and estimated (`questionnaire`), then the scheme's rules make outcomes
and proposals (`scored`). A pure function of its input: the clock is passed in and only `run.json`
sees it.
"""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from minping_engine import __version__
from minping_engine.assessment.head import result_head
from minping_engine.assessment.questionnaire import Desk
from minping_engine.assessment.result import FORM_TABLES, FORMS, Result, empty_tables
from minping_engine.assessment.scored import fitting_problems, score_snapshot
from minping_engine.assessment.stages import Clock, Progress, Stages
from minping_engine.errors import Problem, SchemeError, Severity, SnapshotError
from minping_engine.evidence import Scheduler
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot, check_tables

DESIGN_TABLES = (
    *("areas", "assessees", "targets", "postings", "cell_variables", "sample", "margins"),
    *("area_covariates", "assessee_attributes", "costs", "earlier_cells", "history"),
    *("appraisals", "facts", "cases", "earlier_outcomes"),
)


def assess(
    snapshot: Snapshot,
    scheme: LoadedScheme,
    folder: Path,
    scheduler: Scheduler,
    *,
    clock: Clock | None = None,
    on_progress: Progress | None = None,
) -> Result:
    """Assess one round. Evidence goes to `folder/trace/evidence`; the result is returned, not written.

    Raises `SchemeError` for a scheme that is disabled or has values that nobody filled in, and
    `SnapshotError` for postings that name nobody.
    """
    refuse_unready(scheme)
    stages = Stages(clock)
    _refuse_broken_design(snapshot)
    notes = fitting_problems(snapshot, scheme)
    if wrong := [problem for problem in notes if problem.severity is Severity.ERROR]:
        raise SnapshotError(wrong)
    desk = Desk(snapshot, folder, scheduler, stages, on_progress)
    runs = [desk.ballots(scheme.with_instrument(form)) for form in scheme.scheme.instruments]
    tables = dict(runs[0].tables) if runs else empty_tables()
    for run in runs[1:]:
        tables |= {f"{FORMS}/{run.instrument}/{name}": run.tables[name] for name in FORM_TABLES}
    tables |= score_snapshot(snapshot, scheme, [run.results for run in runs])
    stages.done("rules")
    head = result_head(snapshot, scheme, runs, tables, notes)
    return Result(tables, head, _run_notes(scheduler, stages))


def refuse_unready(scheme: LoadedScheme) -> None:
    """Raise `SchemeError` where a scheme may not run: disabled, or values that nobody filled in."""
    problems = [replace(problem, severity=Severity.ERROR) for problem in scheme.unfilled]
    if disabled := scheme.scheme.disabled:
        params: dict[str, object] = {
            "id": scheme.scheme.id, "rule": disabled.rule, "why": disabled.why.zh, "why_en": disabled.why.en
        }  # fmt: skip
        problems.insert(0, Problem("scheme.disabled", params=params))
    if problems:
        raise SchemeError(problems)


def _refuse_broken_design(snapshot: Snapshot) -> None:
    """A posting that names nobody must not move somebody else's score: refuse, all faults at once."""
    problems = check_tables({name: snapshot.table(name) for name in DESIGN_TABLES if snapshot.has(name)})
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise SnapshotError(errors)


def _run_notes(scheduler: Scheduler, stages: Stages) -> dict[str, Any]:
    """Where and how it ran: the only part that may differ between two runs."""
    return {
        "scheduler": scheduler.name,
        "minping": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "libraries": {"duckdb": duckdb.__version__, "numpy": np.__version__, "pyarrow": pa.__version__},
        "seconds": stages.seconds,
    }
