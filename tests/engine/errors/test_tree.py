"""Errors of the tree: texts, codes, and their way across process borders."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from minping_engine.errors import ImportRefusedError, Place, Problem, SnapshotError, render
from minping_engine.evidence import collect_evidence, evidence_spec, scheduler_named
from minping_engine.evidence.spec import ItemSpec
from minping_engine.scheme import load_scheme
from tests.rounds import Ballot, Round, seal


def test_an_error_keeps_its_problems_when_it_is_pickled() -> None:
    error = ImportRefusedError(
        [Problem("scheme.unknown", Place(file="a.csv", row=3), {"name": "x", "known": "y"})]
    )
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is ImportRefusedError
    assert again.problems == error.problems
    assert str(again) == str(error)


def test_a_refusal_in_a_worker_process_arrives_with_its_code(tmp_path: Path) -> None:
    spec = evidence_spec(load_scheme("gulou-worker"))
    spec = replace(spec, items=(*spec.items, ItemSpec("q6", ((1, 20000),))))
    snapshot = seal(Round([Ballot()]), tmp_path / "s")
    with pytest.raises(SnapshotError) as caught:
        collect_evidence(snapshot, spec, tmp_path / "e", scheduler_named("processes"))
    assert [problem.code for problem in caught.value.problems] == ["evidence.column_missing"]


def test_a_text_names_place_code_and_remedy_in_both_languages() -> None:
    problem = Problem("snapshot.file_changed", Place(file="areas.parquet"))
    for language in ("zh", "en"):
        text = render(problem, language)  # type: ignore[arg-type]
        assert "areas.parquet" in text.line
        assert "snapshot.file_changed" in text.line
        assert text.mend


def test_a_missing_parameter_shows_its_name_instead_of_breaking_the_report() -> None:
    assert "{found}" in render(Problem("snapshot.other_version")).what
