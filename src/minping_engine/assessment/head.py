"""The head of a result: what was run on what, counts, warnings, fingerprints in two classes (evidence.md 6).

In: the runs of all questionnaires and all tables. Out: the content of `result.json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from minping_engine.assessment.questionnaire import BallotRun
from minping_engine.assessment.result import FAIR_TABLES, FORMS, RESULT_VERSION, SCORES, TRACE
from minping_engine.assessment.scored import SCORED_TABLES
from minping_engine.errors import Problem, render
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot, joint_fingerprint, json_sha256, table_fingerprint

MODEL_TABLES = tuple(name for name in FAIR_TABLES if name != f"{TRACE}/cells")
"""Tables made by models: all columns."""
MODEL_COLUMNS = {
    "groups": ("low", "high"),
    "scores": (
        *(
            "low",
            "high",
            "score",
            "score_low",
            "score_high",
            "difference",
            "status",
            "reason",
            "standing",
            "grade",
            "grade_chance",
        ),
        *SCORES.names[SCORES.names.index("weighted") :],
    ),
}
"""Columns whose last bit may differ between platforms, and decisions made from them (evidence.md 6)."""


def result_head(
    snapshot: Snapshot,
    scheme: LoadedScheme,
    runs: Sequence[BallotRun],
    tables: dict[str, pa.Table],
    notes: Sequence[Problem],
) -> dict[str, Any]:
    """The content of `result.json`; `notes` are warnings on how the evidence fits the scheme."""
    outcomes = tables["outcomes"] if scheme.scheme.has_tree else tables["scores"]
    with_ballots = bool(runs)
    exact = {
        name: table_fingerprint(_without_model(name, table))
        for name, table in tables.items()
        if not _is_model_table(name, with_ballots)
    }
    model = {name: table_fingerprint(_quantised(name, table, with_ballots)) for name, table in tables.items()}
    assessed = pa.compute.sum(pa.compute.equal(outcomes["status"], "assessed")).as_py() or 0
    warnings = [*scheme.warnings, *notes, *_warnings_of(runs, scheme)]
    first = runs[0] if runs else None
    return {
        "result_version": RESULT_VERSION,
        "period": snapshot.period,
        "period_kind": snapshot.manifest["period_kind"],
        "synthetic": snapshot.manifest["synthetic"],
        "snapshot": snapshot.sha256,
        "scheme": {
            "id": scheme.scheme.id,
            "version": scheme.scheme.version,
            "sha256": json_sha256(scheme.content),
            "demo_values": scheme.uses_demo_values,
            "counts": first.results.counted if first else None,
            "tree": scheme.scheme.has_tree,
        },
        "instruments": [run.instrument for run in runs],
        "counts": {
            "ballots_read": sum(run.evidence.rows for run in runs),
            "ballots_counted": sum(
                int(str(district.manifest["kept"])) for run in runs for district in run.evidence
            ),
            "assessees": outcomes.num_rows,
            "assessed": assessed,
            "not_assessed": outcomes.num_rows - assessed,
            **(first.counts if first else {"drawn": None, "eligible": None, "modes": {}}),
        },
        "warnings": [
            {
                "code": problem.code,
                "params": dict(problem.params),
                "en": render(problem, "en").what,
                "zh": render(problem, "zh").what,
            }
            for problem in warnings
        ],
        "borderline": _borderline(tables["scores"]),
        "fingerprints": {
            "evidence": joint_fingerprint({run.instrument: run.evidence.fingerprint for run in runs})
            if len(runs) > 1
            else (first.evidence.fingerprint if first else None),
            "exact": joint_fingerprint(exact),
            "model": joint_fingerprint(model),
            "tables": exact,
        },
        "cells": first.layout if first else "",
        "specs": [spec for run in runs for spec in run.specs],
    }


def _warnings_of(runs: Sequence[BallotRun], scheme: LoadedScheme) -> list[Problem]:
    """Each once; a tree tells by itself who is not assessed, of the whole and not of one questionnaire."""
    found: list[Problem] = []
    for run in runs:
        for warning in run.warnings:
            told_elsewhere = scheme.scheme.has_tree and warning.code == "assessment.not_assessed"
            if warning not in found and not told_elsewhere:
                found.append(warning)
    return found


def _borderline(scores: pa.Table) -> list[str]:
    names: list[str] = scores.filter(scores["borderline"])["assessee_id"].to_pylist()
    return names


def _is_model_table(name: str, with_ballots: bool) -> bool:
    """Tables of the rules are exact, except where they rest on ballots whose use a model decides."""
    return _plain(name) in MODEL_TABLES or (with_ballots and name in SCORED_TABLES)


def _plain(name: str) -> str:
    """The name of a further questionnaire's table without its folder."""
    return name.rpartition("/")[2] if name.startswith(f"{FORMS}/") else name


def _is_model(name: str, column: str, with_ballots: bool = True) -> bool:
    return _is_model_table(name, with_ballots) or column in MODEL_COLUMNS.get(_plain(name), ())


def _without_model(name: str, table: pa.Table) -> pa.Table:
    return table.select([column for column in table.column_names if not _is_model(name, column)])


def _quantised(name: str, table: pa.Table, with_ballots: bool) -> pa.Table:
    """Model columns; doubles as whole millionths, so that a last bit does not change the fingerprint."""
    names = [column for column in table.column_names if _is_model(name, column, with_ballots)]
    columns = []
    for column in names:
        values = table[column].combine_chunks()
        if pa.types.is_floating(values.type):
            whole = np.rint(values.fill_null(0.0).to_numpy(zero_copy_only=False) * 1e6).astype(np.int64)
            values = pa.array(whole, mask=values.is_null().to_numpy(zero_copy_only=False))
        columns.append(values)
    return pa.table(columns, names=names)
