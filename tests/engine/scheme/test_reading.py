"""Broken scheme files: each fault in words for officials, with row, value found and the right form."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from minping_engine.errors import Place, Problem, SchemeError, catalogue, render
from minping_engine.scheme import load_scheme, model, read_values
from minping_engine.scheme.checks.finding import Faults
from minping_engine.scheme.model import Scheme
from minping_engine.scheme.rows import row_of
from minping_engine.scheme.shape import CODES, OWN_WORDS, shape_problem
from minping_engine.scheme.yaml_faults import yaml_problem

LATIN = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the worker scheme to break."""
    shutil.copytree(load_scheme("gulou-worker").folder, tmp_path / "scheme")
    return tmp_path / "scheme"


def change(folder: Path, old: str, new: str, file: str = "scheme.yaml") -> int:
    """Change a file; gives the row of the change."""
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems_of(folder: Path, values: dict[str, Any] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(SchemeError) as caught:
        load_scheme(folder, values=values)
    return caught.value.problems


def given(folder: Path, text: str) -> dict[str, Any]:
    file = folder / "own.yaml"
    file.write_text(text, "utf-8")
    return read_values(file)


BROKEN = [
    ("a：1\nb: 2\n", "full_width", 1),
    ("id: x\nversion：1\nb: 2\n", "full_width", 2),
    ("t:\n  zh：甲\n  en: a\n", "full_width", 2),
    ("t: {zh: 甲，en: c}\n", "full_width", 1),
    ("t: ｛zh: 甲, en: c｝\n", "full_width", 1),
    ("t: “a: b”\n", "full_width", 1),
    ("a:\n\tb: 1\n", "tab", 2),
    ("t: {zh: a en: c}\nx: 1\n", "comma", 1),
    ("t: {zh: 'a' en: b}\n", "comma", 1),
    ("t: {zh: a, en: b\nx: 1\ny: 2\n", "bracket_open", 1),
    ("t:\n  - {zh: a, en: b\n  - {zh: c, en: d}\n", "bracket_open", 2),
    ("t: [a, b\nx: 1\n", "bracket_open", 1),
    ("t: a: b\n", "colon_in_text", 1),
    ("t: {zh: a: b, en: c}\n", "colon_in_text", 1),
    ("t: {zh: a #b, en: c}\n", "hash", 1),
    ("a:\n  b: 1\n c: 2\n", "indent", 3),
    ("a:\n  - x: 1\n   y: 2\n", "indent", 3),
    ("a: 1\n  b: 2\n", "indent", 2),
    ("a:1\nb: 2\n", "colon", 1),
    ("id: x\nversion\nb: 2\n", "colon", 2),
    ("a: 'x\nb: 2\n", "quote_open", 1),
    ('a: "x\nb: 2\n', "quote_open", 1),
    ("t: 'a' b\nx: 1\n", "after_quote", 1),
    ("a: %x\n", "sign", 1),
    ("a: *x\n", "sign", 1),
    ("a: & b\n", "sign", 1),
    ("a: 1\nb: \x07b\n", "sign", 2),
    ('a: "\\d"\n', "escape", 1),
]


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize(("text", "cause", "row"), BROKEN)
def test_broken_yaml_is_told_with_row_and_likely_cause(text: str, cause: str, row: int, loader: Any) -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        yaml.load(text, Loader=loader)
    problem = yaml_problem(text, caught.value, "scheme.yaml")
    assert (problem.code, problem.place) == (f"scheme.yaml_{cause}", Place("scheme.yaml", row=row))


def test_the_line_itself_is_shown_and_shortened(folder: Path) -> None:
    row = change(folder, "version:", "version： " + "长" * 200 + "\nx:")
    (problem,) = problems_of(folder)
    assert problem.place == Place("scheme.yaml", row=row)
    assert "version： 长长" in render(problem, "zh").what
    assert len(str(problem.params["text"])) == 60


@pytest.mark.parametrize("name", ["scheme.yaml", "values/target_ballots.yaml"])
def test_an_empty_file_and_another_encoding_are_told(folder: Path, name: str) -> None:
    (folder / name).write_text("", "utf-8")
    assert {problem.code for problem in problems_of(folder)} == {"scheme.empty_file"}
    (folder / name).write_bytes("a: 1\nid: 鼓楼\n".encode("gbk"))
    (problem,) = problems_of(folder)
    assert (problem.code, problem.place) == ("scheme.not_utf8", Place(name, row=2))


def test_every_fault_has_the_row_of_its_key(folder: Path) -> None:
    rows = [
        change(folder, "unit: household", "unit: dog"),
        change(folder, "votes_per_unit: 1", "votes_per_unit: 2"),
        change(folder, "minimum_answered: 4", "minimum_answered: many"),
    ]
    assert sorted(problem.place.row for problem in problems_of(folder)) == sorted(rows)


TREE = """indicators:
  - id: work
    points: 60
    parts:
      - id: repairs
        points: 40
      - {id: visits,
         points: 20}
grading:
  bands: {value: bands}
  limits:
    - {grade: A, at_most_percent: 30}
values:
  - {from: unknown, value: [{grade: A}]}
  - from: 2026-01-01
    value:
      - {grade: A,
         label: x}
"""


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("indicators.repairs.points", 6),
        ("indicators.visits.points", 8),
        ("indicators.0.parts.1.points", 8),
        ("indicators.work.parts", 4),
        ("grading.limits.A", 12),
        ("grading.bands.tuple.0", 10),
        ("repairs", 5),
        ("0.label", 18),
        ("nowhere.at.all", 0),
    ],
)
def test_rows_are_found_by_number_or_id_however_deep(key: str, row: int) -> None:
    tree = yaml.compose(TREE, Loader=yaml.SafeLoader)
    assert tree is not None
    assert row_of(tree, key) == row


def test_a_number_as_version_is_told_with_its_quotes(folder: Path) -> None:
    version = load_scheme(folder).scheme.version
    text = (folder / "scheme.yaml").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("version:") and version in line)
    change(folder, line, "version: 2013.1")
    (problem,) = problems_of(folder)
    assert problem.code == "scheme.not_text"
    assert '"2013.1"' in render(problem, "zh").mend
    assert "minping scheme docs version" in render(problem).mend


def test_all_that_the_validator_says_of_scheme_files_has_own_words() -> None:
    """Constraints that the schema of scheme files knows, each broken once."""
    broken: list[tuple[Any, Any]] = [
        (str, 1), (int, "x"), (int, 1.5), (int, []), (float, "x"), (float, []), (bool, "x"), (bool, []),
        (list[int], 1), (tuple[int, ...], 1), (dict[str, int], 1), (Scheme, 1),
    ]  # fmt: skip
    for kind, value in broken:
        with pytest.raises(ValidationError) as caught:
            TypeAdapter(kind).validate_python(value)
        for fault in caught.value.errors():
            assert shape_problem(fault, Place()).code != "scheme.wrong_value", fault["type"]


def test_what_our_own_validators_say_has_own_words_too() -> None:
    sources = [path.read_text("utf-8") for path in Path(model.__path__[0]).glob("*.py")]
    said = {text for source in sources for text in re.findall(r'raise ValueError\("([^"]*)"', source)}
    assert said
    assert said <= OWN_WORDS.keys()


@pytest.mark.parametrize("code", sorted({*CODES.values(), *OWN_WORDS.values(), "scheme.wrong_value"}))
def test_shapes_are_told_without_english_in_chinese(code: str) -> None:
    params: dict[str, object] = {"found": "1", "limit": "2", "name": "n"}
    assert "minping scheme docs n" in render(Problem(code, params=params), "zh").mend
    what = render(Problem(code, params=params), "zh").what
    assert [word for word in LATIN.findall(what) if word not in ("true", "false")] == []


def test_faults_of_meaning_are_told_in_both_languages(folder: Path) -> None:
    bands = [{"grade": "A", "label": {"zh": "优", "en": "A"}, "from_points": 90}]
    (problem,) = problems_of(folder, {"grade_bands": bands})
    assert "最低一档要从 0 分起" in render(problem, "zh").what
    assert "starts at 0" in render(problem).what
    found = Faults()
    found.told("use.pay.money", "中文", "English")
    assert [render(fault, "zh").what for fault in found] == ["中文。"]


def test_a_text_cut_by_a_comma_is_told_as_that(folder: Path) -> None:
    change(folder, "title: {zh: ", "title: {zh: 甲, 乙丙")
    assert ("scheme.text_cut_by_comma", "title") in {
        (problem.code, problem.place.key.split(".")[0]) for problem in problems_of(folder)
    }


def test_a_full_width_colon_in_brackets_is_told_as_that(folder: Path) -> None:
    change(folder, "title: {zh: ", "title: {zh：")
    assert "scheme.key_full_width" in {problem.code for problem in problems_of(folder)}


def test_a_missing_value_file_is_one_problem(folder: Path) -> None:
    (folder / "values/target_ballots.yaml").unlink()
    (problem,) = problems_of(folder)
    assert (problem.code, problem.params["name"]) == ("scheme.unknown_value", "target_ballots")
    assert problem.place.row > 0


def test_a_broken_value_file_is_not_also_called_missing(folder: Path) -> None:
    row = change(folder, "unit:", "unit：", "values/target_ballots.yaml")
    (problem,) = problems_of(folder)
    assert problem.place == Place("values/target_ballots.yaml", row=row)


def test_faults_of_a_districts_value_are_told_in_its_file(folder: Path) -> None:
    own = given(folder, "target_ballots: 三百\nvisit_quota: {count: 0, window: year}\ntarget_balots: 1\n")
    found = {(problem.code, problem.place.row, problem.place.key) for problem in problems_of(folder, own)}
    assert found == {
        ("scheme.not_whole", 1, "target_ballots"),
        ("scheme.below_least", 2, "visit_quota.count"),
        ("scheme.unknown_value", 3, "target_balots"),
    }
    assert {problem.place.file for problem in problems_of(folder, own)} == {str(folder / "own.yaml")}


def test_a_list_that_is_wrong_in_one_entry_is_not_called_no_mapping(folder: Path) -> None:
    own = given(folder, "grade_bands:\n  - {grade: A, label: {zh: 优, en: A}, from_points: 0, x: 1}\n")
    (problem,) = problems_of(folder, own)
    assert (problem.code, problem.place.row) == ("scheme.unknown_key", 2)


def test_amounts_by_grade_need_no_further_key(folder: Path) -> None:
    plain = load_scheme(folder, demo=True, values={"pay_by_grade": {"A": 150000, "B": 120000}})
    whole = load_scheme(folder, demo=True, values={"pay_by_grade": {"by_grade": {"A": 150000, "B": 120000}}})
    assert plain.scheme.use == whole.scheme.use
    amounts = [use.money.by_grade for use in plain.scheme.use if use.money]
    assert {"A": 150000, "B": 120000} in amounts


@pytest.mark.parametrize(
    ("pay", "code", "key"),
    [
        ({"A": 1500.5}, "scheme.not_whole", "A"),
        ({"A": "150000"}, "scheme.not_whole", "A"),
        ({"by_grad": {"A": 1}}, "scheme.unknown_key", "by_grad"),
    ],
)
def test_wrong_amounts_are_told_as_what_they_are(
    folder: Path, pay: dict[str, object], code: str, key: str
) -> None:
    found = [(problem.code, problem.place.key) for problem in problems_of(folder, {"pay_by_grade": pay})]
    assert found == [(code, key)]


def test_a_file_of_values_that_is_not_there_or_holds_none(tmp_path: Path) -> None:
    with pytest.raises(SchemeError) as caught:
        read_values(tmp_path / "none.yaml")
    assert [problem.code for problem in caught.value.problems] == ["scheme.values_missing"]
    with pytest.raises(SchemeError) as caught:
        given(tmp_path, "- 1\n")
    assert [problem.code for problem in caught.value.problems] == ["scheme.values_shape"]


def test_a_mistyped_scheme_is_answered_with_the_nearest_first() -> None:
    with pytest.raises(SchemeError) as caught:
        load_scheme("gulou-wroker")
    known = str(caught.value.problems[0].params["known"]).split(", ")
    assert (known[0], len(known), known[-1]) == ("gulou-worker", 13, "…")


def test_a_rule_over_periods_that_names_a_measure_is_told_what_periods_have(folder: Path) -> None:
    scheme = load_scheme(folder).scheme
    count, measure = scheme.over_periods[0], scheme.measures[0]
    row = change(folder, f"when: {count.when}", f"when: {measure.id} > 1")
    (problem,) = problems_of(folder)
    assert problem.code == "scheme.not_of_a_period"
    assert "score, grade" in render(problem, "zh").mend
    assert problem.place == Place("scheme.yaml", row=row, key=f"over_periods.{count.id}.when")


def test_no_remedy_of_scheme_files_sends_people_to_a_page_in_english_only() -> None:
    texts = [
        text for code, entry in catalogue().items() if code.startswith("scheme.") for text in entry.values()
    ]
    assert [text for text in texts if "docs/reference/scheme.md" in text] == []
