"""Every scheme's demonstration: it shows what the scheme can do, and results follow the evidence.

Runs are kept for the module, each scheme's once; repeated and permuted runs are of one period.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from minping_engine.assessment import Result, assess
from minping_engine.assessment.scored.places import Places, read_places
from minping_engine.demo import read_demo_plan, run_scheme_demo
from minping_engine.demo.evidence.run import SchemeDemo, demos_in_order, earlier_of, run_period
from minping_engine.errors import SchemeError
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import Scheme, grade_names, library_folder, load_scheme
from minping_engine.snapshot import BallotPart, Snapshot, SnapshotHead, open_snapshot, seal_snapshot

SEED, OTHER_SEED = 2019, 2020
FOLDERS = sorted(path.parent for path in library_folder().glob("*/scheme.yaml"))
DISABLED = [
    folder.name
    for folder in FOLDERS
    if re.search("^disabled:", (folder / "scheme.yaml").read_text("utf-8"), re.MULTILINE)
]
"""Read as text: a scheme that does not load fails its own tests, not the collection of all."""
SHOWN = [
    folder.name for folder in FOLDERS if (folder / "demo.yaml").is_file() and folder.name not in DISABLED
]
BY_ASSESSEE = ("postings", "facts", "appraisals", "cases", "earlier_outcomes")
"""Evidence goes with these: whoever holds a post has the ballots, visits and frame of its target."""
OUTCOME = ("status", "reason", "grade", "grade_change", "rank", "ranked_of", "counts", "vetoes", "cards")
Runs = dict[str, dict[str, Result]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all runs of the module lie, by scheme."""
    return tmp_path_factory.mktemp("demos")


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Results of this module's runs by scheme and period."""
    return {}


@pytest.fixture(scope="module")
def other_runs() -> Runs:
    """The same with the other seed, of schemes that others need."""
    return {}


@cache
def _in_order(scheme_id: str) -> tuple[SchemeDemo, ...]:
    """Loaded once: reading all needed schemes again for each test would take longer than the tests."""
    return tuple(demos_in_order(scheme_id, SEED))


def _demo(scheme_id: str, home: Path, runs: Runs) -> SchemeDemo:
    """The scheme's demonstration, run once."""
    demos = _in_order(scheme_id)
    for demo in demos:
        if demo.id not in runs:
            run_scheme_demo(demo.id, SEED, home / demo.id, done=runs)
    return demos[-1]


def _outcomes(result: Result) -> dict[str, dict[str, Any]]:
    return {row["assessee_id"]: row for row in result["outcomes"].to_pylist()}


def _scores(result: Result) -> list[str]:
    return sorted(score for score in result["outcomes"]["score_exact"].to_pylist() if score)


def _grades_possible(scheme: Scheme) -> int:
    if scheme.grading.quota:
        return 2
    return len(grade_names(scheme))


@pytest.mark.parametrize("scheme_id", SHOWN)
def test_a_demonstration_shows_grades_a_gap_and_a_tie(scheme_id: str, home: Path, runs: Runs) -> None:
    demo = _demo(scheme_id, home, runs)
    rows = list(_outcomes(runs[demo.id][demo.plan.periods[-1]]).values())
    grades = {row["grade"] for row in rows if row["grade"]}
    assert len(grades) >= min(3, _grades_possible(demo.loaded.scheme)), grades
    assert [row for row in rows if row["status"] != "assessed" and row["reason"]], "nobody without a score"
    scores = [row["score_exact"] for row in rows if row["score_exact"]]
    assert len(set(scores)) < len(scores), "no tie"
    assert len(set(scores)) > 1, "ties only"


@pytest.mark.parametrize("scheme_id", SHOWN)
def test_a_demonstration_shows_a_veto_or_card_where_there_are_some(
    scheme_id: str, home: Path, runs: Runs
) -> None:
    demo = _demo(scheme_id, home, runs)
    scheme = demo.loaded.scheme
    if scheme.vetoes or scheme.cards:
        rows = [row for result in runs[demo.id].values() for row in _outcomes(result).values()]
        assert [row for row in rows if row["vetoes"] or row["cards"]]


@pytest.mark.parametrize("scheme_id", SHOWN)
def test_equal_seeds_give_equal_results(scheme_id: str, home: Path, runs: Runs, tmp_path: Path) -> None:
    demo = _demo(scheme_id, home, runs)
    period = demo.plan.periods[0]
    again = run_period(demo, period, tmp_path, earlier_of(demo, {}, runs))
    assert again.head["fingerprints"] == runs[demo.id][period].head["fingerprints"]


@pytest.mark.parametrize("scheme_id", SHOWN)
def test_another_seed_gives_other_scores(
    scheme_id: str, home: Path, runs: Runs, other_runs: Runs, tmp_path: Path
) -> None:
    demo = _demo(scheme_id, home, runs)
    period = demo.plan.periods[0]
    if demo.plan.needs:
        other = run_scheme_demo(scheme_id, OTHER_SEED, tmp_path, done=other_runs)[period]
    else:
        other = run_period(SchemeDemo(demo.loaded, demo.plan, OTHER_SEED), period, tmp_path)
    assert _scores(other) != _scores(runs[demo.id][period])


@pytest.mark.parametrize("scheme_id", SHOWN)
def test_results_follow_the_evidence(scheme_id: str, home: Path, runs: Runs, tmp_path: Path) -> None:
    """Permuting evidence among assessees moves grades, and with equal context moves outcomes whole."""
    demo = _demo(scheme_id, home, runs)
    period = demo.plan.periods[-1]
    original = _outcomes(runs[demo.id][period])
    snapshot = open_snapshot(home / demo.id / "snapshots" / period, verify=False)
    classes = _equal_contexts(demo, snapshot)
    rotated = [members for members in classes if len(members) > 1]
    renamed = {
        who: members[(place + 1) % len(members)]
        for members in rotated or [sorted(original)]
        for place, who in enumerate(members)
    }
    _seal_permuted(snapshot, renamed, tmp_path / "snapshot")
    sealed = open_snapshot(tmp_path / "snapshot", verify=False)
    permuted = _outcomes(assess(sealed, demo.loaded, tmp_path / "out", scheduler_named("serial")))
    what = "grade" if _grades_possible(demo.loaded.scheme) else "score_exact"
    assert any(permuted[who][what] != original[who][what] for who in original), "evidence moves nothing"
    if rotated:
        for who, row in original.items():
            moved = permuted[renamed.get(who, who)]
            assert {name: moved[name] for name in OUTCOME} == {name: row[name] for name in OUTCOME}, who
            assert moved["score"] == pytest.approx(row["score"], abs=2e-6), who  # whole millionths of ballots


def _equal_contexts(demo: SchemeDemo, snapshot: Snapshot) -> list[list[str]]:
    """Assessees whom the scheme's rules cannot tell apart but by their evidence."""
    places = read_places(snapshot)
    scheme = demo.loaded.scheme
    rule = scheme.grading.within or (scheme.fairness.comparison_group if scheme.fairness else None)
    classes: dict[object, list[str]] = {}
    for row in snapshot.table("assessees").sort_by("assessee_id").to_pylist():
        who, area = row["assessee_id"], row["area_id"]
        context = tuple(places.context(area).values())
        above = tuple(_above(scheme, places, who, area))
        classes.setdefault((row["kind"], context, places.group(area, rule), above), []).append(who)
    return list(classes.values())


def _above(scheme: Scheme, places: Places, who: str, area: str) -> Iterator[str]:
    """Places whose results the scheme reads, other than the assessee itself."""
    for level in sorted({getattr(measure, "whose", "self") for measure in scheme.measures} - {"self"}):
        place = places.at(area, level)
        yield place["area_id"] if place and place["area_id"] != who else ""


def _seal_permuted(snapshot: Snapshot, renamed: dict[str, str], folder: Path) -> None:
    """The snapshot with everybody's evidence given to the next one."""
    tables = {
        file["path"].removesuffix(".parquet"): snapshot.table(file["path"].removesuffix(".parquet"))
        for file in snapshot.manifest["files"]
        if "/" not in file["path"]
    }
    for name in BY_ASSESSEE:
        if name in tables:
            tables[name] = _renamed(tables[name], renamed)
    parts = [
        BallotPart(part.instrument, part.district, pa.parquet.ParquetFile(part.path).read())
        for part in snapshot.parts
    ]
    head = SnapshotHead(snapshot.period, snapshot.manifest["period_kind"], "permuted", synthetic=True)
    seal_snapshot(folder, head, tables, parts)


def _renamed(table: pa.Table, renamed: dict[str, str]) -> pa.Table:
    place = table.schema.get_field_index("assessee_id")
    ids = [renamed.get(who, who) for who in table["assessee_id"].to_pylist()]
    return table.set_column(place, table.schema.field(place), pa.array(ids, pa.string()))


@pytest.mark.parametrize("scheme_id", DISABLED)
def test_a_disabled_scheme_is_not_demonstrated(scheme_id: str, tmp_path: Path) -> None:
    with pytest.raises(SchemeError) as caught:
        run_scheme_demo(scheme_id, SEED, tmp_path / "out")
    assert "scheme.disabled" in {problem.code for problem in caught.value.problems}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("scheme_id", SHOWN)
def test_a_demonstration_is_written_without_fault(scheme_id: str) -> None:
    assert read_demo_plan(load_scheme(scheme_id, demo=True).folder).periods
