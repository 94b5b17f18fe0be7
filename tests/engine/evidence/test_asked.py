"""Evidence that only some schemes ask for, against sums made one ballot at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import RefusedError
from minping_engine.evidence import collect_evidence, evidence_spec, scheduler_named
from minping_engine.evidence.collect import DistrictEvidence
from minping_engine.evidence.spec import EvidenceSpec
from minping_engine.scheme import load_scheme
from tests.oracle import points_of
from tests.rounds import Ballot, Round, seal

SCHEME = load_scheme("gulou-worker")
DRIVERS = ("q3", "q4", "q5")
SPEC = replace(
    evidence_spec(SCHEME),
    histograms=evidence_spec(SCHEME).variables,
    clusters=("building", "interviewer"),
    driver_sets=(DRIVERS, ("q1",)),
)
SOME = settings(max_examples=12, deadline=None)
codes = {"q1": [1, 2, None], "q2": [1, 3], "q3": [1, 5, None], "q4": [2, 4, 5], "q5": [5, None, 0]}
ballots = st.lists(
    st.builds(
        Ballot,
        target=st.integers(0, 2),
        answers=st.fixed_dictionaries({item: st.sampled_from(values) for item, values in codes.items()}),
        mode=st.sampled_from([1, 2, 7]),
        clusters=st.fixed_dictionaries(
            {"building": st.sampled_from([None, 3, 8]), "interviewer": st.sampled_from([1, 2])}
        ),
    ),
    min_size=1,
    max_size=40,
)


def evidence_of(folder: Path, given_ballots: list[Ballot], spec: EvidenceSpec = SPEC) -> DistrictEvidence:
    snapshot = seal(Round(given_ballots), folder / "s")
    return collect_evidence(snapshot, spec, folder / "e", scheduler_named("serial")).districts[0]


@SOME
@given(ballots)
def test_counts_are_those_of_every_answer_and_total(
    tmp_path_factory: pytest.TempPathFactory, given_ballots: list[Ballot]
) -> None:
    expected: Counter[tuple[int, ...]] = Counter()
    for ballot in given_ballots:
        points = points_of(ballot, SCHEME)
        if points is None:
            continue
        expected[ballot.target, ballot.mode, 0, points["total"]] += 1
        for number, item in enumerate(codes, 1):
            if (code := ballot.answers[item]) is not None:
                expected[ballot.target, ballot.mode, number, code] += 1
    rows = evidence_of(tmp_path_factory.mktemp("counts"), given_ballots).counts().to_pylist()
    made = {(row["target"], row["mode"], row["variable"], row["value"]): row["n"] for row in rows}
    assert made == dict(expected)
    assert list(made) == sorted(made)


@SOME
@given(ballots)
def test_clusters_are_sums_by_building_and_interviewer(
    tmp_path_factory: pytest.TempPathFactory, given_ballots: list[Ballot]
) -> None:
    expected: dict[tuple[int, ...], tuple[int, int]] = {}
    for ballot in given_ballots:
        points = points_of(ballot, SCHEME) or {}
        for kind, name in enumerate(SPEC.clusters):
            cluster = ballot.clusters[name]
            for variable, value in points.items() if cluster is not None else ():
                key = (ballot.target, kind, cluster or 0, ballot.mode, SPEC.variables.index(variable))
                n, s = expected.get(key, (0, 0))
                expected[key] = (n + 1, s + value)
    rows = evidence_of(tmp_path_factory.mktemp("clusters"), given_ballots).clusters().to_pylist()
    names = ("target", "cluster_kind", "cluster", "mode", "variable")
    assert {tuple(row[name] for name in names): (row["n"], row["s"]) for row in rows} == expected


@SOME
@given(ballots)
def test_moments_are_cross_products_of_complete_ballots(
    tmp_path_factory: pytest.TempPathFactory, given_ballots: list[Ballot]
) -> None:
    expected: dict[tuple[int, int], list[list[int]]] = {}
    for ballot in given_ballots:
        points = points_of(ballot, SCHEME) or {}
        for number, drivers in enumerate(SPEC.driver_sets):
            if all(item in points for item in drivers):
                expected.setdefault((ballot.target, number), []).append([points[item] for item in drivers])
    rows = evidence_of(tmp_path_factory.mktemp("moments"), given_ballots).moments().to_pylist()
    assert {(row["target"], row["driver_set"]) for row in rows} == expected.keys()
    for row in rows:
        given_points = expected[row["target"], row["driver_set"]]
        width = len(given_points[0])
        assert row["n"] == len(given_points)
        assert row["s"] == [sum(points[k] for points in given_points) for k in range(width)]
        pairs = [(k, other) for k in range(width) for other in range(k, width)]
        assert row["ss"] == [sum(points[k] * points[other] for points in given_points) for k, other in pairs]


def test_tables_that_nobody_asked_for_are_not_made(tmp_path: Path) -> None:
    home = evidence_of(tmp_path, [Ballot()], evidence_spec(SCHEME.with_fairness(None))).folder
    always = ("cells.parquet", "units.parquet", "unit_modes.parquet", "rejected.parquet", "manifest.json")
    assert {path.name for path in home.iterdir()} == set(always)


def test_too_many_or_unknown_drivers_are_refused() -> None:
    with pytest.raises(RefusedError, match="q9"):
        replace(SPEC, driver_sets=(("q1", "q9"),))
    with pytest.raises(RefusedError, match="most: 16"):
        replace(SPEC, driver_sets=(("q1",) * 17,))
