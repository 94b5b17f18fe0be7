"""Demonstration evidence: streams, plants, answers, times, visits, needs; on a small scheme of its own."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from minping_engine.assessment import earlier_outcomes_from_results
from minping_engine.demo import read_demo_plan, run_scheme_demo, seal_scheme_demo
from minping_engine.demo.evidence.assessees import assessees_of, make_ground
from minping_engine.demo.evidence.ballots import thresholds
from minping_engine.demo.evidence.beside import periods_until
from minping_engine.demo.evidence.plan import Who
from minping_engine.errors import SchemeError
from minping_engine.scheme import library_folder, load_scheme
from minping_engine.snapshot import Snapshot, check_snapshot, open_snapshot

SEED = 7
PLAN = {
    "minping_demo": 1,
    "assessees": {"from": "grids", "count": 12},
    "periods": ["2020-10", "2020-11"],
    "facts": {
        "due": {"around": 50, "spread": 10, "whole": True, "least": 0},
        "done": {"part_of": "due", "share": 0.9, "quality": 0.05, "spread": 0.02},
        "complaints": {"rare": 0.1},
        "position": {"one_of": {"正职": 1, "副职": 3}},
    },
    "marks": {
        "experts": {
            "raters": 3,
            "kinds": {"inner": 2, "outer": 1},
            "items": {"work": {"around": 80, "quality": 5, "spread": 5, "most": 100}},
        }
    },
    "cases": {
        "per_assessee": 30,
        "flags": {"due": 1.0, "closed": 0.8, "closed_on_time": {"share": 0.7, "given": "closed"}},
        "words": {"satisfaction": {"满意": 3, "不满意": 1}},
        "counts": {"reworked": {"rare": 0.2}},
        "excluded": {"out_of_scope": 0.2},
    },
    "visits": {"around": 150, "spread": 20},
    "ballots": {"per_assessee": 40},
    "planted": [
        {"who": 1, "nothing": True},
        {"who": 3, "same_as": 2},
        {"who": 4, "facts": {"complaints": 1, "position": "正职"}, "periods": ["2020-11"]},
    ],
}


def _two(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _scheme(name: str, **more: object) -> dict[str, object]:
    """A scheme that asks for a little of everything."""
    answers = [{"code": code, "label": _two(f"a{code}"), "points": code * 10} for code in range(1, 4)]
    item = {"id": "q", "kind": "scale", "text": _two("q"), "short": _two("q"), "answers": answers}
    return {
        "minping_scheme": 1,
        "id": name,
        "version": "1",
        "title": _two(name),
        "assessee_kind": "grid",
        "period": {"kind": "month", "cut_day": 19, "cut_hour": 12, "basis": "closed"},
        "instruments": [{"id": f"{name}-form", "version": "1", "title": _two("f"), "items": [item]}],
        "scoring": {"total": {"points": 30, "minimum_answered": 1}, "benchmark": {"of": "district"}},
        "sampling": {"unit": "household"},
        "means": {"collected_by": _two("x"), "modes": ["visit", "phone"]},
        "raters": [{"id": "experts", "title": _two("e"), "source": "experts"}],
        "facts": [
            {"id": "due", "title": _two("due"), "unit": "count"},
            {"id": "done", "title": _two("done"), "unit": "count"},
            {"id": "complaints", "title": _two("c"), "unit": "times", "if_absent": 0},
            {"id": "position", "title": _two("p"), "unit": "text"},
        ],
        "measures": [
            {"id": "rate", "title": _two("r"), "of": "facts.rate", "numerator": "done", "denominator": "due"}
        ],
        "indicators": [
            {
                "id": "points",
                "title": _two("p"),
                "points": 100,
                "measure": "rate",
                "criterion": {"kind": "linear", "to": 1},
            }
        ],
        "exclusions": [{"id": "out_of_scope", "title": _two("o")}],
        **more,
    }


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of one scheme, `one`, with the shared thresholds."""
    common = library_folder() / "common" / "disclosure.yaml"
    (tmp_path / "library" / "common").mkdir(parents=True)
    (tmp_path / "library" / "common" / "disclosure.yaml").write_bytes(common.read_bytes())
    monkeypatch.setenv("MINPING_SCHEMES", str(tmp_path / "library"))
    _add(tmp_path / "library", "one", PLAN)
    return tmp_path / "library"


def _add(library: Path, name: str, plan: dict[str, object], **more: object) -> None:
    (library / name).mkdir(exist_ok=True)
    (library / name / "scheme.yaml").write_text(yaml.safe_dump(_scheme(name, **more)), "utf-8")
    (library / name / "demo.yaml").write_text(yaml.safe_dump(plan), "utf-8")


def _sealed(library: Path, period: str, *, seed: int = SEED, **changes: object) -> Snapshot:
    _add(library, "one", PLAN | changes)
    loaded = load_scheme("one", demo=True)
    folder = library.parent / f"sealed-{len(list(library.parent.iterdir()))}"
    seal_scheme_demo(loaded, read_demo_plan(loaded.folder), seed, period, folder)
    return open_snapshot(folder)


def _rows(table: pa.Table, who: str, *but: str) -> list[tuple[object, ...]]:
    """An assessee's rows without its own id and the columns `but`."""
    kept = [name for name in table.column_names if name not in ("assessee_id", *but)]
    mine = table.filter(pa.compute.equal(table["assessee_id"], who)).select(kept)
    return sorted(tuple(row.values()) for row in mine.to_pylist())


def _ids(snapshot: Snapshot) -> list[str]:
    return snapshot.table("assessees")["assessee_id"].to_pylist()


def _facts(snapshot: Snapshot, fact: str) -> dict[str, object]:
    rows = [row for row in snapshot.table("facts").to_pylist() if row["fact"] == fact]
    return {
        row["assessee_id"]: row["text"] if row["value_milli"] is None else row["value_milli"] for row in rows
    }


def test_a_demonstration_keeps_the_contract_of_snapshots(library: Path) -> None:
    snapshot = _sealed(library, "2020-11")
    assert check_snapshot(snapshot.folder) == ()
    assert snapshot.manifest["synthetic"] is True


def test_equal_seeds_seal_equal_bytes_and_another_seed_does_not(library: Path) -> None:
    first, again, other = (_sealed(library, "2020-11", seed=seed) for seed in (SEED, SEED, SEED + 1))
    assert first.sha256 == again.sha256
    assert first.sha256 != other.sha256


def test_a_new_fact_changes_no_other_number(library: Path) -> None:
    plain = _sealed(library, "2020-11", planted=[])
    facts = {"complaints": {"rare": 0.5}} | {"due": PLAN["facts"]["due"]}
    other = _sealed(library, "2020-11", planted=[], facts=facts)
    assert _facts(plain, "due") == _facts(other, "due")
    assert _facts(plain, "complaints") != _facts(other, "complaints")
    for name in ("appraisals", "cases", "visits"):
        assert plain.table(name).equals(other.table(name)), name


def test_a_part_is_whole_and_no_more_than_its_whole(library: Path) -> None:
    snapshot = _sealed(library, "2020-11")
    due, done = _facts(snapshot, "due"), _facts(snapshot, "done")
    assert all(done[who] <= due[who] and done[who] % 1000 == 0 for who in due)
    assert sum(done.values()) / sum(due.values()) == pytest.approx(0.9, abs=0.05)  # share 0.9, 11 assessees


def test_somebody_with_nothing_is_known_by_name_only(library: Path) -> None:
    snapshot = _sealed(library, "2020-11")
    who = _ids(snapshot)[1]
    beside = ("facts", "appraisals", "cases", "postings")
    assert {name for name in beside if who in snapshot.table(name)["assessee_id"].to_pylist()} == set()
    targets = snapshot.table("targets")["target"].to_pylist()
    assert 1 not in targets
    assert len(targets) == 11
    ballots = pa.parquet.ParquetFile(snapshot.parts[0].path).read()
    assert Counter(ballots["target"].to_pylist()) == dict.fromkeys(targets, 40)


def test_a_copy_has_every_row_of_another(library: Path) -> None:
    snapshot = _sealed(library, "2020-11")
    one, other = _ids(snapshot)[2:4]
    for name, but in (("facts", ()), ("appraisals", ()), ("cases", ("case_id",))):
        mine = _rows(snapshot.table(name), one, *but)
        assert mine, name
        assert mine == _rows(snapshot.table(name), other, *but), name
    ballots = pa.parquet.ParquetFile(snapshot.parts[0].path).read().to_pylist()
    by_target = {
        target: sorted((row["mode"], row["item_q"]) for row in ballots if row["target"] == target)
        for target in (2, 3)
    }
    assert by_target[2] == by_target[3]


def test_a_planted_fact_holds_in_its_periods_only(library: Path) -> None:
    facts = PLAN["facts"] | {"complaints": {"rare": 0.0}}
    before, then = (_sealed(library, period, facts=facts) for period in ("2020-10", "2020-11"))
    who = _ids(then)[4]
    assert (_facts(before, "complaints")[who], _facts(then, "complaints")[who]) == (0, 1000)
    assert _facts(then, "position")[who] == "正职"


def test_words_last_and_numbers_change(library: Path) -> None:
    before, then = (_sealed(library, period, planted=[]) for period in ("2020-10", "2020-11"))
    assert _facts(before, "position") == _facts(then, "position")
    assert set(_facts(then, "position").values()) == {"正职", "副职"}
    assert _facts(before, "due") != _facts(then, "due")


def test_a_planted_quality_moves_what_quality_moves(library: Path) -> None:
    marks = {"experts": {"raters": 3, "items": {"work": {"around": 50, "quality": 10, "step": 0.5}}}}
    snapshot = _sealed(library, "2020-11", marks=marks, planted=[{"who": 5, "quality": -2.5}])
    who = _ids(snapshot)[5]
    given = {row[3] for row in _rows(snapshot.table("appraisals"), who, "rater")}
    assert given == {25_000}  # 50 - 2.5 x 10, no spread


def test_quality_lasts_from_period_to_period(library: Path) -> None:
    """Variances 0.64 and 0.36: a correlation of 0.64 between two periods."""
    marks = {"experts": {"raters": 1, "items": {"work": {"around": 500, "quality": 100, "step": 0.001}}}}
    wide = {"assessees": {"from": "grids", "count": 900}, "marks": marks, "planted": []}
    few = {"cases": None, "ballots": {"per_assessee": 1}}
    columns = []
    for period in ("2020-10", "2020-11"):
        table = _sealed(library, period, **wide, **few).table("appraisals")
        columns.append(table["marks_milli"].to_numpy() / 100_000 - 5)
    assert np.corrcoef(columns)[0, 1] == pytest.approx(0.64, abs=0.08)  # 4 errors of 0.59 / sqrt(900)
    assert np.std(columns[0]) == pytest.approx(1, abs=0.1)


def test_kinds_of_raters_are_as_many_as_the_plan_says(library: Path) -> None:
    table = _sealed(library, "2020-11").table("appraisals")
    assert Counter(table["rater_kind"].to_pylist()) == {"inner": 22, "outer": 11}


def test_a_flag_given_another_holds_only_where_that_one_does(library: Path) -> None:
    cases = _sealed(library, "2020-11").table("cases").to_pylist()
    assert {(row["closed"], row["closed_on_time"]) for row in cases} == {(0, 0), (1, 0), (1, 1)}
    assert {row["due"] for row in cases} == {1}


def test_cases_are_closed_inside_the_scheme_s_month_and_open_ones_never(library: Path) -> None:
    """Cut on the 19th at noon, counted by the time of closing."""
    cases = _sealed(library, "2020-11").table("cases").to_pylist()
    closed = [row for row in cases if row["closed"]]
    assert len(closed) > 200
    start, end = datetime(2020, 10, 19, 12), datetime(2020, 11, 19, 12)  # noqa: DTZ001 local time
    assert all(start <= row["closed_at"] < end for row in closed)
    assert all(row["created_at"] < row["closed_at"] < row["called_back_at"] for row in closed)
    assert {row["closed_at"] for row in cases if not row["closed"]} == {None}


def test_some_cases_are_excluded(library: Path) -> None:
    found = Counter(_sealed(library, "2020-11").table("cases")["excluded"].to_pylist())
    assert set(found) == {None, "out_of_scope"}
    assert found["out_of_scope"] / found.total() == pytest.approx(0.2, abs=0.09)  # 4 errors of 330 cases


def test_a_household_visited_twice_in_a_year_counts_once(library: Path) -> None:
    rows = _sealed(library, "2020-11", visits={"around": 150}).table("visits").to_pylist()
    by_window = {window: {} for window in ("2020-11", "2020")}
    for row in rows:
        by_window[row["period"]][row["target"]] = row["households"]
    assert set(by_window["2020-11"].values()) == {150}
    assert all(150 < count < 11 * 150 for count in by_window["2020"].values())


def test_periods_of_a_year_so_far() -> None:
    assert periods_until("2020Q3") == ["2020Q1", "2020Q2", "2020Q3"]
    assert periods_until("2020-02") == ["2020-01", "2020-02"]
    assert periods_until("2020H1") == ["2020H1"]


@pytest.mark.parametrize("answers", range(2, 8))
def test_answers_at_middling_quality_are_as_frequent_as_the_thresholds_say(answers: int) -> None:
    shares = 1 / (1 + np.exp(-thresholds(answers)))
    assert shares == pytest.approx([(step / answers) ** 3 for step in range(1, answers)])


def test_better_assessees_get_better_answers(library: Path) -> None:
    plants = [{"who": 0, "quality": 3}, {"who": 1, "quality": -3}]
    snapshot = _sealed(library, "2020-11", planted=plants, ballots={"per_assessee": 200, "quality": 1})
    ballots = pa.parquet.ParquetFile(snapshot.parts[0].path).read()
    target, code = ballots["target"].to_numpy(), ballots["item_q"].to_numpy()
    assert code[target == 0].mean() > 2.8
    assert code[target == 1].mean() < 2.1
    assert set(code.tolist()) == {1, 2, 3}
    assert set(ballots["mode"].to_pylist()) == {1, 2}


def test_places_have_the_ids_of_their_areas_and_workers_numbers() -> None:
    ground = make_ground(SEED)
    for source, count in (("streets", 13), ("communities", 120), ("grids", 991 + 605), ("workers", 1076)):
        made = assessees_of(Who(from_=source), ground)
        assert len(made) == len({assessee.id for assessee in made}) == count, source
        assert all(assessee.area_id in ground.areas for assessee in made)
        if source != "workers":
            assert all(assessee.id == assessee.area_id for assessee in made)
    assert [made[0].id, made[-1].id] == ["W0001", "W1076"]


def test_names_stand_once_or_in_every_street() -> None:
    ground, names = make_ground(SEED), [{"id": "D01", "zh": "城管局"}, {"id": "D02", "zh": "民政局"}]
    once = assessees_of(Who(names=names), ground)
    assert [(made.id, made.area_id) for made in once] == [("D01", "320106"), ("D02", "320106")]
    assert Who.model_validate({"from": {"names": names}}) == Who(names=names)
    everywhere = assessees_of(Who(names=names, per="street", count=5), ground)
    assert len(everywhere) == 5
    assert everywhere[2].id == f"{everywhere[2].area_id}-D01"
    assert everywhere[2].name.endswith("街道城管局")


def test_each_period_is_fed_with_those_before_and_with_needed_schemes(library: Path, tmp_path: Path) -> None:
    _add(library, "two", PLAN | {"needs": ["one"]})
    seen = []
    results = run_scheme_demo("two", SEED, tmp_path / "out", lambda done, total: seen.append((done, total)))
    assert list(results) == ["2020-10", "2020-11"]
    sealed = open_snapshot(tmp_path / "out/snapshots/2020-11").table("earlier_outcomes").to_pylist()
    assert Counter((row["scheme"], row["period"]) for row in sealed) == {
        ("one@1", "2020-10"): 11, ("one@1", "2020-11"): 11, ("two@1", "2020-10"): 11
    }  # fmt: skip
    assert (tmp_path / "out/needs/one/results/2020-10/result.json").is_file()
    assert (tmp_path / "out/results/2020-11/result.json").is_file()
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_outcomes_keep_score_grade_and_state(library: Path, tmp_path: Path) -> None:
    result = run_scheme_demo("one", SEED, tmp_path / "out")["2020-10"]
    rows = {row["assessee_id"]: row for row in earlier_outcomes_from_results([result]).to_pylist()}
    made = {row["assessee_id"]: row for row in result["outcomes"].to_pylist()}
    assert rows.keys() == made.keys()
    for who, row in rows.items():
        score = made[who]["score"]
        assert row["status"] == made[who]["status"]
        assert row["score_micro"] == (None if score is None else round(score * 10**6))
    assert Counter(row["status"] for row in rows.values()) == {"assessed": 11, "not_assessed": 1}


def test_schemes_that_need_one_another_are_refused(library: Path, tmp_path: Path) -> None:
    _add(library, "one", PLAN | {"needs": ["two"]})
    _add(library, "two", PLAN | {"needs": ["one"]})
    with pytest.raises(SchemeError, match=r"one → two → one") as caught:
        run_scheme_demo("one", SEED, tmp_path / "out")
    assert [problem.code for problem in caught.value.problems] == ["demo.needs_circle"]
    assert not (tmp_path / "out").exists()


def test_a_disabled_scheme_has_no_demonstration(library: Path, tmp_path: Path) -> None:
    _add(library, "one", PLAN, disabled={"rule": "G1", "why": _two("likes")})
    with pytest.raises(SchemeError) as caught:
        run_scheme_demo("one", SEED, tmp_path / "out")
    assert [problem.code for problem in caught.value.problems] == ["scheme.disabled"]
    assert not (tmp_path / "out").exists()
