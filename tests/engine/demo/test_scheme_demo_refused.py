"""What is wrong with a `demo.yaml` is said all at once, by code, key and nearest name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from minping_engine.demo import DemoPlan, read_demo_plan
from minping_engine.demo.evidence.fitting import check_fit
from minping_engine.errors import SchemeError
from minping_engine.scheme import Fact, LoadedScheme, RaterGroup, load_scheme

MINIMAL: dict[str, Any] = {"minping_demo": 1, "assessees": {"from": "grids"}, "periods": ["2020-10"]}
Found = list[tuple[str, str]]


def _read(folder: Path, **changes: Any) -> Found:
    """Codes and keys of the faults of a file."""
    (folder / "demo.yaml").write_text(yaml.safe_dump(MINIMAL | changes), "utf-8")
    with pytest.raises(SchemeError) as caught:
        read_demo_plan(folder)
    return [(problem.code, problem.place.key) for problem in caught.value.problems]


def _scheme() -> LoadedScheme:
    """A monthly scheme without questionnaire: facts `due`, `done`, `position`, raters `experts`."""
    units = {"due": "count", "done": "count", "position": "text"}
    facts = tuple(
        Fact.model_validate({"id": name, "title": {"zh": name, "en": name}, "unit": unit})
        for name, unit in units.items()
    )
    raters = RaterGroup.model_validate(
        {"id": "experts", "title": {"zh": "e", "en": "e"}, "source": "experts"}
    )
    base = load_scheme("baotaqiao-grid", demo=True)
    return base.changed(facts=facts, raters=(raters,), exclusions=(), instruments=())


def _misfit(scheme: LoadedScheme | None = None, **changes: Any) -> Found:
    """Codes and keys of what does not fit the scheme, for ten assessees."""
    plan = DemoPlan.model_validate(MINIMAL | changes)
    with pytest.raises(SchemeError) as caught:
        check_fit(plan, scheme or _scheme(), 10)
    return [(problem.code, problem.place.key) for problem in caught.value.problems]


def test_a_plan_may_be_short(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text(yaml.safe_dump(MINIMAL | {"periods": [2020]}), "utf-8")
    assert read_demo_plan(tmp_path).periods == ("2020",)
    check_fit(DemoPlan.model_validate(MINIMAL), _scheme(), 10)


def test_a_scheme_without_the_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match=r"\[demo\.plan_missing\]"):
        read_demo_plan(tmp_path)


def test_a_file_that_is_no_yaml_says_so(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text("a: {b", "utf-8")
    with pytest.raises(SchemeError, match=r"\[demo\.plan_unreadable\]"):
        read_demo_plan(tmp_path)


def test_all_faults_are_named_at_once_with_the_keys_as_written(tmp_path: Path) -> None:
    facts = {"a": {"around": 1, "spred": 2}, "b": {"rare": 2}, "c": {"part_of": "a"}}
    assert _read(tmp_path, facts=facts, vists={"around": 3}, assessees={"from": "moon"}) == [
        ("demo.plan_invalid", "assessees.from"),
        ("demo.plan_unknown_key", "facts.a.spred"),
        ("demo.plan_invalid", "facts.b.rare"),
        ("demo.plan_key_missing", "facts.c.share"),
        ("demo.plan_unknown_key", "vists"),
    ]


def test_an_unknown_key_brings_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text(yaml.safe_dump(MINIMAL | {"vists": {"around": 3}}), "utf-8")
    with pytest.raises(SchemeError, match=r'"vists".*visits'):
        read_demo_plan(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"assessees": {}},
        {"assessees": {"from": "grids", "names": [{"id": "a", "zh": "甲"}]}},
        {"assessees": {"from": "grids", "per": "street"}},
        {"assessees": {"names": [{"id": "a", "zh": "甲"}] * 2}},
        {"visits": {"around": 1, "least": 3, "most": 2}},
        {"facts": {"a": {"one_of": {"x": 0}}}},
        {"cases": {"per_assessee": 3, "excluded": {"a": 0.7, "b": 0.7}}},
        {"cases": {"per_assessee": 3, "words": {"satisfaction": {"满意": 0}}}},
        {"minping_demo": 2},
        {"periods": []},
        {"visits": {"around": float("nan")}},
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert {code for code, _ in _read(tmp_path, **changes)} == {"demo.plan_invalid"}


def test_names_that_the_scheme_does_not_know_are_refused_together() -> None:
    work = {"around": 5}
    found = _misfit(
        facts={"dew": {"around": 1}, "done": {"part_of": "dew_", "share": 0.5}},
        marks={"expert": {"raters": 3, "items": {"work": work}}},
        cases={
            "per_assessee": 1,
            "flags": {"closd": 1, "closed_on_time": {"share": 1, "given": "closed"}},
            "words": {"satisfied": {"满意": 1}},
            "counts": {"rework": {"rare": 0.1}},
            "excluded": {"storm": 0.1},
        },
        planted=[{"who": 0, "facts": {"complaint": 1}, "periods": ["2020-11"]}],
    )
    assert found == [
        ("demo.plan_unknown_name", key)
        for key in (
            *("facts.dew", "facts.done.part_of", "marks.expert", "cases.flags.closd"),
            *("cases.words.satisfied", "cases.counts.rework", "cases.flags.closed_on_time.given"),
            *("cases.excluded.storm", "planted.0.facts.complaint", "planted.0.periods.2020-11"),
        )
    ]


def test_numbers_and_words_are_not_mixed_up() -> None:
    facts = {"due": {"one_of": {"many": 1}}, "position": {"around": 3}}
    planted = [{"who": 0, "facts": {"done": "all", "position": 4}}]
    assert _misfit(facts=facts, planted=planted) == [
        ("demo.plan_number_fact", "facts.due"),
        ("demo.plan_text_fact", "facts.position"),
        ("demo.plan_number_fact", "planted.0.facts.done"),
        ("demo.plan_text_fact", "planted.0.facts.position"),
    ]


def test_a_fact_is_no_part_of_itself() -> None:
    facts = {"due": {"part_of": "done", "share": 1}, "done": {"part_of": "due", "share": 1}}
    assert _misfit(facts=facts) == [("demo.plan_circle", "facts.due"), ("demo.plan_circle", "facts.done")]


def test_kinds_of_raters_add_up() -> None:
    marks = {"experts": {"raters": 3, "kinds": {"inner": 1, "outer": 1}, "items": {"work": {"around": 5}}}}
    assert _misfit(marks=marks) == [("demo.plan_raters", "marks.experts.kinds")]


def test_periods_are_of_the_scheme_s_kind_and_stand_once() -> None:
    assert _misfit(periods=["2020Q1", "2020-10", "2020-10"]) == [
        ("demo.plan_period_kind", "periods"),
        ("demo.plan_invalid", "periods"),
    ]


def test_plants_name_somebody_who_is_there_and_another() -> None:
    planted = [{"who": 10, "nothing": True}, {"who": 2, "same_as": 11}, {"who": 3, "same_as": 3}]
    assert _misfit(planted=planted) == [
        ("demo.plan_who", "planted.0.who"),
        ("demo.plan_who", "planted.1.same_as"),
        ("demo.plan_invalid", "planted.2.same_as"),
    ]


def test_ballots_and_questionnaire_go_together() -> None:
    assert _misfit(ballots={"per_assessee": 10}) == [("demo.plan_no_questionnaire", "ballots")]
    asked = load_scheme("gulou-worker", demo=True)
    assert _misfit(asked, periods=["2020Q4"]) == [("demo.plan_no_ballots", "ballots")]
