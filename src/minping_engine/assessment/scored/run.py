"""Scoring a snapshot by a scheme's rules: measures, tree, grades, vetoes, use of results.

In: the snapshot, the scheme, results of its questionnaires (none for schemes without). Out: the tables of
`SCORED_TABLES`. Runs for every scheme: one without indicators brings score and grade along from its
ballots, and gets counts over periods, vetoes, cards and proposals like all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from minping_engine.assessment.scored.ballots import BallotResults, exact
from minping_engine.assessment.scored.earlier import read_earlier
from minping_engine.assessment.scored.measures import Sources, measure_values
from minping_engine.assessment.scored.places import Places, read_places
from minping_engine.assessment.scored.tables import (
    SCORED_TABLES,
    adjustment_rows,
    as_table,
    measure_rows,
    node_rows,
    outcome_rows,
    proposal_rows,
)
from minping_engine.ranking import simultaneous_sets
from minping_engine.scheme import LoadedScheme, grade_names
from minping_engine.scoring import Candidate, Given, score_all
from minping_engine.snapshot import Snapshot
from minping_engine.terms import is_year_end


def score_snapshot(
    snapshot: Snapshot, loaded: LoadedScheme, ballots: Sequence[BallotResults]
) -> dict[str, pa.Table]:
    """Tables of `SCORED_TABLES`."""
    people = _people(snapshot, loaded, ballots)
    candidates = _candidates(snapshot, loaded, people, ballots)
    given = None if loaded.scheme.has_tree else _given(loaded, ballots[0], people)
    outcomes, proposals = score_all(loaded, snapshot.period, candidates, given, rank_sets=_rank_sets)
    rows = {
        "outcomes": outcome_rows(outcomes, people),
        "nodes": node_rows(outcomes, loaded.scheme),
        "measures": measure_rows(outcomes, loaded.scheme),
        "bonus_and_deductions": adjustment_rows(outcomes),
        "proposals": proposal_rows(proposals, loaded.scheme, outcomes),
    }
    return {name: as_table(SCORED_TABLES[name], made, snapshot.period) for name, made in rows.items()}


def _people(
    snapshot: Snapshot, loaded: LoadedScheme, ballots: Sequence[BallotResults]
) -> dict[str, dict[str, Any]]:
    """Name and area of everybody the scheme assesses; the reason why ballots alone gave no score."""
    rows = snapshot.table("assessees").sort_by("assessee_id").to_pylist()
    kind = loaded.scheme.assessee_kind.value
    if loaded.scheme.has_tree:
        rows = [row for row in rows if row["kind"] == kind]
        return {row["assessee_id"]: row for row in rows}
    reasons = {row["assessee_id"]: row["reason"] for row in ballots[0].scores.to_pylist()}
    return {row["assessee_id"]: {**row, "reason": reasons.get(row["assessee_id"])} for row in rows}


def _candidates(
    snapshot: Snapshot,
    loaded: LoadedScheme,
    people: Mapping[str, Mapping[str, Any]],
    ballots: Sequence[BallotResults],
) -> list[Candidate]:
    places = read_places(snapshot)
    areas = {name: row["area_id"] for name, row in people.items()}
    results = read_earlier(snapshot, loaded.scheme.id, places, areas)
    last = is_year_end(snapshot.period)
    context = {
        name: {"kind": row["kind"], "year_end": last, **places.context(row["area_id"])}
        for name, row in people.items()
    }
    by_instrument = {result.instrument: result for result in ballots}
    sources = Sources(snapshot, loaded, tuple(people), by_instrument, results, context)
    values = measure_values(sources)
    return [
        Candidate(
            assessee_id=name,
            context=context[name],
            facts=sources.facts[name],
            measures=values[name],
            earlier=results.own(loaded.scheme.id, name),
            **_group(places, areas[name], loaded),
        )
        for name in people
    ]


def _group(places: Places, area: str, loaded: LoadedScheme) -> dict[str, str]:
    scheme = loaded.scheme
    rule = scheme.grading.within or (scheme.fairness.comparison_group if scheme.fairness else None)
    group, key = places.group(area, rule)
    return {"group": group, "band_key": key, "district": places.district(area)}


def _given(
    loaded: LoadedScheme, ballots: BallotResults, people: Mapping[str, Mapping[str, Any]]
) -> dict[str, Given]:
    """Score and grade from ballots alone."""
    grades = grade_names(loaded.scheme)
    made = dict.fromkeys(people, Given(None, 0.0, False, None, None))
    for row in ballots.scores.to_pylist():
        score: Fraction | None = None if row["score"] is None else exact(row["score"])
        step = grades.index(row["grade"]) + 1 if row["grade"] in grades else None
        se = row[f"{ballots.counted}_se"] or 0.0
        made[row["assessee_id"]] = Given(score, se, row["status"] == "assessed", row["grade"], step)
    return made


def _rank_sets(scores: Sequence[Fraction], errors: Sequence[float]) -> list[tuple[int, int]]:
    """Simultaneous sets at 95 % (docs/method/ranks.md)."""
    sets = simultaneous_sets(np.array([float(score) for score in scores]), np.array(errors))
    return list(zip(sets.low.tolist(), sets.high.tolist(), strict=True))
