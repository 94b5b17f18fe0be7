"""Loading schemes: dated values, overrides, and every fault named with its place."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from minping_engine.errors import SchemeError
from minping_engine.scheme import load_scheme, read_values
from minping_engine.snapshot import json_sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the worker scheme to break."""
    shutil.copytree(load_scheme("gulou-worker").folder, tmp_path / "scheme")
    return tmp_path / "scheme"


def change(folder: Path, old: str, new: str, file: str = "scheme.yaml") -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def codes_of(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(SchemeError) as caught:
        load_scheme(folder)
    return [(problem.code, problem.place.key) for problem in caught.value.problems]


def test_the_worker_scheme_has_the_five_parts_of_the_manual() -> None:
    """S18: instrument, scoring, sampling plan, means, use of results."""
    scheme = load_scheme("gulou-worker").scheme
    assert scheme.instrument.items
    assert scheme.scoring.total.points == 100_000
    assert scheme.sampling.votes_per_unit == 1
    assert scheme.means.modes == ("visit", "phone", "sms")
    assert {use.kind for use in scheme.use} == {"coaching", "performance_pay"}


def test_five_items_of_twenty_points_two_about_behaviour() -> None:
    """S5."""
    items = load_scheme("gulou-worker").scheme.instrument.items
    assert [item.max_milli for item in items] == [20_000] * 5
    assert [item.kind for item in items] == ["behaviour"] * 2 + ["scale"] * 3


def test_scales_are_balanced_and_evenly_spaced() -> None:
    """D4: as many answers above the middle as below, equal steps."""
    for item in load_scheme("gulou-worker").scheme.instrument.items:
        points = sorted(answer.points for answer in item.answers)
        assert len({high - low for low, high in pairwise(points)}) == 1
        assert points[0] + points[-1] == 2 * points[len(points) // 2]


def test_the_visit_quota_is_a_parameter_with_its_window() -> None:
    """S3: the sources say both per quarter and per year."""
    quota = load_scheme("gulou-worker", values={"visit_quota": {"count": 300, "window": "year"}}).visit_quota
    assert quota is not None
    assert (quota.count, quota.window) == (300, "year")


def test_an_unpublished_value_names_itself_and_demo_values_are_marked() -> None:
    real, demo = load_scheme("gulou-worker"), load_scheme("gulou-worker", demo=True)
    assert (real.bands, real.uses_demo_values, demo.uses_demo_values) == (demo.bands, False, True)
    assert [problem.params["name"] for problem in real.unfilled] == ["grade_bands", "pay_by_grade"]
    assert demo.unfilled == ()


def test_a_district_fills_in_its_own_bands(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    bands = [{"grade": "优", "label": {"zh": "优", "en": "top"}, "from_points": 90.5}]
    bands.append({"grade": "良", "label": {"zh": "良", "en": "good"}, "from_points": 0})
    file.write_text(yaml.safe_dump({"grade_bands": bands}, allow_unicode=True), "utf-8")
    scheme = load_scheme("gulou-worker", values=read_values(file))
    assert [(band.grade, band.from_points) for band in scheme.bands] == [("优", 90_500), ("良", 0)]
    assert [problem.params["name"] for problem in scheme.unfilled] == ["pay_by_grade"]


def test_the_value_in_force_on_the_day_is_taken(folder: Path) -> None:
    change(
        folder,
        "  - {from: unknown, value: 300}",
        "  - {from: unknown, value: 300}\n  - {from: 2020-07-01, value: 320}",
        "values/target_ballots.yaml",
    )
    assert load_scheme(folder, on=date(2020, 6, 30)).target_ballots == 300
    assert load_scheme(folder, on=date(2020, 7, 1)).target_ballots == 320


def test_the_hash_moves_with_every_value_that_decides() -> None:
    plain = load_scheme("gulou-worker", demo=True)
    other = load_scheme("gulou-worker", demo=True, values={"target_ballots": 299})
    assert json_sha256(plain.content) != json_sha256(other.content)


def test_all_faults_are_named_at_once(folder: Path) -> None:
    change(folder, "votes_per_unit: 1", "votes_per_unit: 2")
    change(folder, "unit: household", "unit: dog")
    assert codes_of(folder) == [
        ("scheme.not_one_of", "sampling.unit"),
        ("scheme.not_one_of", "sampling.votes_per_unit"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("points: 100,", "points: 90,", "scoring.total.points"),
        ("minimum_answered: 4", "minimum_answered: 6", "scoring.total.minimum_answered"),
        ("- id: q2", "- id: q1", "instruments.gulou-worker.items"),
        ("{code: 2, label: {zh: 否", "{code: 1, label: {zh: 否", "instruments.gulou-worker.items.q1.answers"),
        ("points: 20}", "points: 20.0001}", "instruments.0.items.0.answers.0.points"),
    ],
)
def test_a_fault_is_named_with_its_place(folder: Path, old: str, new: str, key: str) -> None:
    change(folder, old, new)
    code = "scheme.too_many_decimals" if "20.0001" in new else "scheme.impossible"
    assert (code, key) in codes_of(folder)


def test_a_misspelled_key_is_named_with_the_nearest_known_one(folder: Path) -> None:
    change(folder, "collected_by", "colected_by")
    with pytest.raises(SchemeError) as caught:
        load_scheme(folder)
    found = {problem.code: problem.params for problem in caught.value.problems}
    assert found["scheme.unknown_key"] == {"name": "colected_by", "near": "collected_by"}
    assert found["scheme.key_missing"] == {"name": "collected_by"}


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"counts": "adjusted"}, "fairness.counts"),
        ({"modes": {"reference": "qr"}}, "fairness.modes.reference"),
        ({"drivers_of": "q9"}, "fairness.drivers_of"),
        ({"context": ["share_tenant", "share_tenant"]}, "fairness.context"),
    ],
)
def test_a_part_on_fairness_that_cannot_work_is_refused(
    folder: Path, parts: dict[str, object], key: str
) -> None:
    file = folder / "scheme.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    file.write_text(yaml.safe_dump(content | {"fairness": parts}, allow_unicode=True), "utf-8")
    assert ("scheme.impossible", key) in codes_of(folder)


def test_grades_by_two_rules_are_refused(folder: Path) -> None:
    file = folder / "scheme.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["grading"] = {"chances": {"excellent_from": 80, "support_below": 90}, "quota": {"percent": 10}}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    assert {"grading", "grading.chances"} <= {key for _, key in codes_of(folder)}


def test_a_quota_without_a_limit_on_wrong_awards_is_warned_of(folder: Path) -> None:
    file = folder / "scheme.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["grading"] = {"quota": {"percent": 10}}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    assert "scheme.quota_without_limit" in {problem.code for problem in load_scheme(folder).warnings}


def test_a_reference_to_a_missing_value_file_is_named(folder: Path) -> None:
    (folder / "values/visit_quota.yaml").unlink()
    assert ("scheme.unknown_value", "sampling.visit_quota") in codes_of(folder)


def test_broken_yaml_says_where(folder: Path) -> None:
    change(folder, "id: gulou-worker", "id: {gulou-worker")
    with pytest.raises(SchemeError, match=r"scheme\.yaml, row 2: Line 2 cannot be read: id: {gulou-worker"):
        load_scheme(folder)


def test_bands_must_leave_nobody_without_a_grade() -> None:
    bands = [{"grade": "A", "label": {"zh": "优", "en": "A"}, "from_points": 90}]
    with pytest.raises(SchemeError, match="starts at 0"):
        load_scheme("gulou-worker", values={"grade_bands": bands})


def test_an_unknown_scheme_lists_the_known_ones() -> None:
    with pytest.raises(SchemeError, match="gulou-worker"):
        load_scheme("gulou_worker")


def test_a_value_the_scheme_does_not_know_is_named() -> None:
    with pytest.raises(SchemeError, match="target_balots"):
        load_scheme("gulou-worker", values={"target_balots": 1})
