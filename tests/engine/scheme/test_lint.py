"""The linter: each guard rule finds its case, names the place, and leaves sound schemes alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from minping_engine.errors import Severity, catalogue, render
from minping_engine.scheme import LoadedScheme, lint_scheme, load_scheme, scheme_from_data
from tests.engine.scoring.factory import BANDS, TITLE, leaf, scheme

Change = Callable[[dict[str, Any]], object]
USE = {"id": "help", "kind": "coaching", "text": TITLE}
PAY = {"id": "pay", "kind": "pay", "text": TITLE}
SOUND: dict[str, Any] = {
    "use": [USE],
    "burden": {"minutes_at_most": 10},
    "indicators_at_most": 2,
}
FACT = {"id": "c", "title": TITLE, "unit": "times"}
FORMULA = {"id": "f", "title": TITLE, "of": "formula", "unit": "points"}
SHARE = {"id": "part", "title": TITLE, "of": "facts.rate", "numerator": "a", "denominator": "b"}
FALLING = [{"from": 1, "points": 60}, {"from": 2, "points": 0}]
CASES = {"id": "rate", "title": TITLE, "of": "cases.rate", "numerator": "closed", "denominator": "due"}


def codes(loaded: LoadedScheme) -> dict[str, str]:
    """Findings of the linter but for what stands in the folder: code -> key."""
    beside = {"lint.few_examples", "lint.no_readme", "lint.not_shown", "lint.unused", "scheme.not_published"}
    return {problem.code: problem.place.key for problem in lint_scheme(loaded) if problem.code not in beside}


def small(**parts: Any) -> LoadedScheme:
    return scheme(**copy.deepcopy(SOUND) | parts)


def test_a_sound_scheme_has_no_finding() -> None:
    assert codes(small()) == {}


SURVEY: dict[str, Change] = {
    "unbalanced_scale": lambda item: item["answers"][1].update(points=19),
    "answer_twice": lambda item: item["answers"][1]["label"].update(zh="非常满意"),
    "unequal_effort": lambda item: item["answers"][4].update(asks_reason=True),
    "preset_answer": lambda item: item["answers"][0].update(preset=True),
}


@pytest.mark.parametrize("code", SURVEY)
def test_a_questionnaire_that_pushes_is_found(code: str) -> None:
    """D4, G3: unbalanced, duplicate, laborious or preset answers."""
    base = load_scheme("gulou-worker", demo=True)
    raw = base.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    SURVEY[code](raw["instruments"][0]["items"][2])
    assert codes(base) == {}
    found = codes(scheme_from_data(raw, base))
    assert found.get(f"lint.{code}") == "instruments.gulou-worker.items.q3.answers"


def test_a_question_on_what_happened_needs_an_answer_that_says_no() -> None:
    base = load_scheme("gulou-worker", demo=True)
    raw = base.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    raw["instruments"][0]["items"][0]["answers"][1]["points"] = 5
    assert "lint.no_negative_answer" in codes(scheme_from_data(raw, base))


@pytest.mark.parametrize(
    ("counts", "left_out", "code"),
    [({5: 1, 4: 1, 3: 0.5, 2: 0.9}, [], "share_not_monotone"), ({5: 1}, [1], "answer_left_out")],
)
def test_a_share_may_not_turn_answers_round(counts: dict[int, float], left_out: list[int], code: str) -> None:
    base = load_scheme("gulou-worker", demo=True)
    raw = base.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    share = {"id": "rate", "title": TITLE, "of": "ballots.share", "item": "q3", "counts": counts}
    raw["measures"] = [*raw.get("measures", []), share | {"left_out": left_out}]
    assert f"lint.{code}" in codes(scheme_from_data(raw, base))


PARTS: dict[str, tuple[dict[str, Any], str]] = {
    "few_raters": (
        {"raters": [{"id": "r", "title": TITLE, "source": "residents", "minimum": 4}]},
        "raters.r.minimum",
    ),
    "restricted_feature": ({"features": [{"id": "tracks", "enabled": True}]}, "features.tracks"),
    "volume_indicator": (
        {
            "facts": [FACT | {"id": "a"}, FACT | {"id": "b", "unit": "points"}],
            "indicators": [
                leaf("pa", 60, "a", criterion={"kind": "per_step", "per": 1, "points": 2}),
                leaf("pb", 40, "b"),
            ],
        },
        "indicators.pa",
    ),
    "ranks_persons": (
        {
            "assessee_kind": "community_worker",
            "publication": {"to": ["public"], "what": ["scores"], "ranks_persons": True},
        },
        "publication.ranks_persons",
    ),
    "unreachable_grade": ({"total": {"floor": 80}}, "grading.bands"),
    "no_legal_basis": ({"use": [USE, PAY]}, "legal_basis"),
    "unknown_grade": ({"use": [USE | {"when": "grade IN ('A', '优')"}]}, "use.help.when"),
    "step_beyond_grades": ({"use": [USE | {"when": "5 <= grade_step"}]}, "use.help.when"),
    "share_above_one": (
        {"measures": [SHARE], "use": [USE | {"when": "part >= 95"}]},
        "use.help.when",
    ),
    "unknown_word": (
        {
            "facts": [FACT | {"id": "a"}, FACT | {"id": "b"}, FACT | {"unit": "text", "choices": ["甲"]}],
            "use": [USE | {"when": "c = '乙'"}],
        },
        "use.help.when",
    ),
    "limit_without_effect": (
        {"grading": {"bands": BANDS, "limits": [{"grade": "D", "at_most_percent": 5}]}},
        "grading.limits.D",
    ),
    "limits_without_grades": (
        {"grading": {"transitions": {"up_at_most": 1}}},
        "grading",
    ),
    "better_scores_less": (
        {
            "indicators": [
                leaf("pa", 60, "a", criterion={"kind": "bands", "steps": FALLING}),
                leaf("pb", 40, "b"),
            ]
        },
        "indicators.pa.criterion",
    ),
    "full_marks_unreachable": (
        {
            "indicators": [
                leaf("pa", 60, "a", criterion={"kind": "bands", "steps": [{"from": 1, "points": 59}]}),
                leaf("pb", 40, "b"),
            ]
        },
        "indicators.pa.criterion",
    ),
    "no_objection": ({"use": [USE, PAY]}, "objection"),
    "short_objection": (
        {"objection": {"days": 4, "nodes": [{"title": TITLE, "days": 2}]}},
        "objection.days",
    ),
    "no_help": ({"use": [PAY]}, "use"),
    "no_use": ({"use": []}, "use"),
    "no_preview": ({"use": [USE, PAY]}, "publication"),
    "no_burden": ({"burden": None}, "burden"),
    "too_much_burden": (
        {"burden": {"minutes_at_most": 10, "survey_minutes": 10.5}},
        "burden.minutes_at_most",
    ),
    "too_many_indicators": ({"indicators_at_most": 1}, "indicators"),
    "no_indicator_limit": ({"indicators_at_most": None}, "indicators_at_most"),
    "no_exclusions": ({"measures": [CASES]}, "exclusions"),
    "exclusion_by_one": (
        {"exclusions": [{"id": "e", "title": TITLE, "decided_by": 1}]},
        "exclusions.e.decided_by",
    ),
    "unknown_scheme": (
        {"measures": [{"id": "m", "title": TITLE, "of": "results.score", "scheme": "nowhere"}]},
        "measures.m.scheme",
    ),
    "feeds_itself": (
        {"measures": [{"id": "m", "title": TITLE, "of": "results.score", "scheme": "small"}]},
        "measures",
    ),
}


@pytest.mark.parametrize("code", PARTS)
def test_a_rule_that_must_not_stand_is_found_with_its_place(code: str) -> None:
    parts, key = PARTS[code]
    assert codes(small(**parts)).get(f"lint.{code}") == key


@pytest.mark.parametrize(
    "fact",
    [
        FACT | {"basis": "likes"},
        FACT | {"basis": "tracks"},
        FACT | {"basis": "online_minutes"},
        FACT | {"title": {"zh": "每日打卡次数", "en": "check-ins"}},
        FACT | {"title": {"zh": "公众号点赞量", "en": "likes"}},
    ],
)
def test_what_the_law_excludes_is_no_basis_whatever_it_is_called(fact: dict[str, Any]) -> None:
    """G1: likes, check-ins, tracks, minutes online; the title gives it away if the basis does not."""
    facts = scheme().scheme.model_dump(mode="json", by_alias=True)["facts"]
    assert codes(small(facts=[*facts, fact])).get("lint.forbidden_basis") == "facts.c.basis"
    disabled = {"rule": "G1", "why": TITLE}
    off = lint_scheme(small(facts=[*facts, fact], disabled=disabled))
    told = {problem.code: problem.severity for problem in off}
    assert told["lint.forbidden_basis"] is told["scheme.disabled"] is Severity.WARNING


@pytest.mark.parametrize(
    "parts",
    [
        {"measures": [FORMULA | {"value": "COALESCE(a, 100)"}]},
        {"measures": [CASES | {"numerator": "satisfaction = '满意' OR satisfaction IS NULL"}]},
        {"measures": [CASES | {"numerator": "COALESCE(resolved, TRUE)"}]},
        {"facts": [FACT | {"id": "a", "unit": "points"}, FACT | {"id": "b", "if_absent": 3}]},
    ],
)
def test_silence_may_not_become_an_answer(parts: dict[str, Any]) -> None:
    """B3: no rating within ten days counted as content is the pattern to forbid."""
    assert "lint.silence_counts" in codes(small(**parts))


def test_entered_facts_tell_the_minutes_they_cost() -> None:
    facts = scheme().scheme.model_dump(mode="json", by_alias=True)["facts"]
    entered = FACT | {"collected": "entered"}
    assert codes(small(facts=[*facts, entered]))["lint.minutes_unknown"] == "facts.c.minutes"
    heavy = entered | {"minutes": 11}
    assert "lint.too_much_burden" in codes(small(facts=[*facts, heavy]))


def test_ranks_of_ballots_need_the_part_on_fairness() -> None:
    """D7: rank only if reliability allows."""
    base = load_scheme("gulou-worker", demo=True)
    raw = base.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    raw["use"].append({"id": "first", "kind": "honour", "text": TITLE, "when": "rank <= 3"})
    assert "lint.rank_without_reliability" not in codes(scheme_from_data(raw, base))
    del raw["fairness"]
    assert codes(scheme_from_data(raw, base))["lint.rank_without_reliability"] == "use.first.when"


def test_open_online_answers_that_score_are_named() -> None:
    base = load_scheme("gulou-worker", demo=True)
    raw = base.scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    raw["fairness"]["online"] = {"cap_percent": 20}
    assert codes(scheme_from_data(raw, base))["lint.open_online_scores"] == "fairness.online.cap_percent"


def test_a_table_holds_every_grade_of_the_scheme_it_reads() -> None:
    grade = {"id": "g", "title": TITLE, "of": "results.grade", "scheme": "gulou-worker"}
    table = {"kind": "table", "shares": {"A": 1, "B": 0.9}}
    parts = [leaf("pa", 60, "a"), leaf("pb", 40, "g", criterion=table)]
    found = codes(small(measures=[grade], indicators=parts))
    assert found["lint.grade_not_in_table"] == "measures.g"


def test_what_is_missing_beside_the_scheme_is_named(tmp_path: Path) -> None:
    raw = scheme(**copy.deepcopy(SOUND)).scheme.model_dump(mode="json", by_alias=True, exclude_unset=True)
    raw |= {"requirements": ["S1"], "facts": [*raw["facts"], FACT]}
    (tmp_path / "scheme.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    problems = lint_scheme(load_scheme(tmp_path))
    found = {(problem.code, problem.place.key or problem.place.file) for problem in problems}
    assert {
        ("lint.few_examples", "examples"),
        ("lint.no_readme", "README.md"),
        ("lint.no_readme", "README.zh-CN.md"),
        ("lint.not_shown", "requirements.S1"),
        ("lint.unused", "facts.c"),
    } <= found


def test_errors_come_before_warnings_and_every_finding_has_a_remedy() -> None:
    found = lint_scheme(small(use=[PAY], burden=None))
    order = [problem.severity is Severity.ERROR for problem in found]
    assert order == sorted(order, reverse=True)
    assert {problem.code for problem in found} <= set(catalogue())
    for problem in found:
        for language in ("zh", "en"):
            assert render(problem, language).mend
