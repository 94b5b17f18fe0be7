"""What is not on the list is refused by name, at once and quietly, however it is put."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import Place, Problem, SchemeError, catalogue, render
from minping_engine.scheme.expressions import Unit, compile_expression, expression_names
from minping_engine.scheme.expressions.words import FUNCTIONS, KEYWORDS, REFUSED_WORDS, SIGNS

NAMES = {
    "handled": Unit.COUNT,
    "on_time": Unit.COUNT,
    "score": Unit.POINTS,
    "satisfied": Unit.PERCENT,
    "grade": Unit.TEXT,
    "is_new": Unit.TRUTH,
}


def problems(text: str, wants: Unit | None = None) -> tuple[Problem, ...]:
    with pytest.raises(SchemeError) as caught:
        compile_expression(text, NAMES, wants=wants)
    return caught.value.problems


def codes(text: str, wants: Unit | None = None) -> list[str]:
    return [problem.code.removeprefix("expression.") for problem in problems(text, wants)]


FORBIDDEN = [
    ("score; DROP TABLE ballots", ";"),
    ("(SELECT score)", "SELECT"),
    ("score IN (SELECT 1)", "SELECT"),
    ("EXISTS (SELECT 1)", "EXISTS"),
    ("grade LIKE '优%'", "LIKE"),
    ("CAST(score AS INT)", "CAST()"),
    ("score::INT", "::"),
    ("SUM(score) OVER (PARTITION BY grade)", "OVER"),
    ("sum(score)", "SUM()"),
    ("COUNT(*)", "COUNT()"),
    ("t.score", "."),
    (".5", "."),
    ("score -- more", "-- more"),
    ("score /* more */ + 1", "/* more */"),
    ("/*+ hint */ score", "/*+ hint */"),
    ("score # more", "#"),
    ("`score`", "`"),
    ("?", "?"),
    ("$1", "$1"),
    (":score", ":"),
    ("@score", "@"),
    ("{{ score }}", "{"),
    ("score[1]", "["),
    ("score % 2", "%"),
    ("score <=> 1", "<=>"),
    ("x -> 1", "->"),
    ("+score", "+ …"),
    ("score - + 1", "+ …"),
    ("is_new IS TRUE", "IS TRUE"),
    ("score IS score", "IS …"),
    ("(score, score)", "( … , … )"),
    ("score IN ()", "IN ()"),
    ("得分 + 1", "得分"),
    ("\u0131n + 1", "\u0131n"),
    ("score\x00", "score\\x00"),
    ("score IS DISTINCT FROM 1", "DISTINCT"),
    ("interval '1' day", "interval"),
    ("n'x' = grade", "n'x'"),
]


@pytest.mark.parametrize(("text", "what"), FORBIDDEN)
def test_what_is_not_on_the_list_is_refused_by_name(text: str, what: str) -> None:
    found = [problem.params["what"] for problem in problems(text) if problem.code == "expression.forbidden"]
    assert what in found


OTHER_SIGNS = [
    ("score ＞ 1", {"＞": ">"}),
    ("score ＜1", {"＜": "<"}),
    ("score＝1", {"＝": "="}),
    ("score ≥ 1", {"≥": ">="}),
    ("score ≤ 1", {"≤": "<="}),
    ("score ＞＝ 1", {"＞＝": ">="}),
    ("score ≠ 1", {"≠": "<>"}),
    ("score ！= 1", {"！=": "<>"}),
    ("score == 1", {"==": "="}),
    ("score => 1", {"=>": ">="}),
    ("ROUND（score，1）", {"（": "(", "，": ",", "）": ")"}),
    ("grade = ‘是’", {"‘": "'", "’": "'"}),
    ("grade = “优秀”", {"“": "'", "”": "'"}),
    ('grade = "优秀"', {'"': "'"}),
    ("score > 1 && is_new", {"&&": "AND"}),
    ("score > 1 || is_new", {"||": "OR"}),
    ("! is_new", {"!": "NOT"}),
    ("score > 1 且 is_new", {"且": "AND"}),
    ("score>1或is_new", {"或": "OR"}),
    ("非 is_new", {"非": "NOT"}),
    ("grade 是 'A'", {"是": "="}),
    ("score ＞ ６０", {"＞": ">", "６０": "60"}),
    ("score × 2", {"×": "*"}),
]


@pytest.mark.parametrize(("text", "wanted"), OTHER_SIGNS)
def test_signs_of_a_chinese_keyboard_are_named_with_what_to_write(text: str, wanted: dict[str, str]) -> None:
    found = problems(text)
    assert {problem.code for problem in found} == {"expression.other_sign"}
    assert {problem.params["sign"]: problem.params["instead"] for problem in found} == wanted


@pytest.mark.parametrize(
    ("text", "share"), [("on_time / handled >= 60 %", "0.6"), ("score > 99.5％", "0.995"), ("0.5%", "0.005")]
)
def test_a_percent_sign_is_told_as_share_and_as_percentage(text: str, share: str) -> None:
    (problem,) = problems(text)
    assert (problem.code, problem.params["share"]) == ("expression.percent_sign", share)
    assert "PERCENT(" in render(problem).mend


def test_signs_in_a_quoted_text_are_part_of_it() -> None:
    assert compile_expression("grade = '优（且）≥60%'", NAMES).unit is Unit.TRUTH


def test_other_signs_and_unknown_names_are_told_together() -> None:
    assert codes("handeld ≥ 1 且 得分 > 2") == ["other_sign", "other_sign", "forbidden", "unknown_name"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "score +",
        "(score",
        "score)",
        "'open",
        "/* open",
        "score score",
        "*",
        "()",
        "score = = 1",
        "'a' 'b' = grade",
        "score,",
        "score ** 2",
        "1 2",
        "12abc",
        "CASE END",
        "CASE score END",
        "NOT",
        "AND",
    ],
)
def test_a_text_without_sense_is_unreadable(text: str) -> None:
    assert {"unreadable", "forbidden"} & set(codes(text))
    with pytest.raises(SchemeError):
        expression_names(text)


@pytest.mark.parametrize(
    "text",
    [
        "score BETWEEN 1 2",
        "score BETWEEN 1",
        "score NOT NULL",
        "ROUND(score,)",
        "LEAST(,1,2)",
        "score IN (1,)",
        "score IN score",
        "CASE WHEN is_new 1 END",
        "CASE WHEN is_new ELSE 1 END",
        "score NOT = 1",
        "CASE WHEN is_new THEN 1 ELSE 2 ELSE 3 END",
        "score IS NOT",
        "score BETWEEN 1 OR 2",
        "CASE ELSE 1 END",
    ],
)
def test_words_that_the_parser_would_forgive_are_missed_here(text: str) -> None:
    assert codes(text) == ["unreadable"]


def test_an_unknown_name_gets_the_nearest_and_a_short_list() -> None:
    many = {f"value_{number:02}": Unit.COUNT for number in range(40)} | {"handled": Unit.COUNT}
    with pytest.raises(SchemeError) as caught:
        compile_expression("handeld > 1", many)
    (problem,) = caught.value.problems
    known = str(problem.params["known"]).split(", ")
    assert (problem.code, problem.params["near"]) == ("expression.unknown_name", "handled")
    assert len(known) == 13
    assert known[-1] == "…"


def test_all_problems_of_a_text_are_told_at_once_with_the_place() -> None:
    text = (
        "handeld > 1 AND score > handled AND satisfied * score > 3 AND ROUND(score, 1, 2) = grade AND score"
    )
    place = Place("scheme.yaml", key="rules.0.when")
    with pytest.raises(SchemeError) as caught:
        compile_expression(text, NAMES, place=place)
    found = [problem.code.removeprefix("expression.") for problem in caught.value.problems]
    assert sorted(found) == [
        "percent_factor",
        "unit_mismatch",
        "unknown_name",
        "wrong_arguments",
        "wrong_operand",
    ]
    assert {problem.place for problem in caught.value.problems} == {place}


def test_refused_words_and_unknown_names_are_told_together() -> None:
    assert sorted(set(codes("handeld LIKE 'x' AND 1e9 > 1"))) == ["bad_number", "forbidden", "unknown_name"]


def test_a_mismatch_names_both_sides() -> None:
    (problem,) = problems("score - 2 > handled + 1")
    assert problem.params == {
        "operator": ">",
        "left": "score - 2",
        "left_unit": "points",
        "right": "handled + 1",
        "right_unit": "count",
    }


@pytest.mark.parametrize(
    ("text", "wants", "code"),
    [
        ("score", Unit.TRUTH, "wrong_result"),
        ("score > 1", Unit.POINTS, "wrong_result"),
        ("score", Unit.NUMBER, "wrong_result"),
        ("1", Unit.TRUTH, "wrong_result"),
        ("1", Unit.TEXT, "wrong_result"),
        ("satisfied * score", None, "percent_factor"),
        ("ROUND(score, handled)", None, "wrong_digits"),
        ("ROUND(score, -1)", None, "wrong_digits"),
        ("ROUND(score, 13)", None, "wrong_digits"),
        ("ROUND(score, 0.5)", None, "wrong_digits"),
        ("SHARE_OF(score)", None, "wrong_arguments"),
        ("ABS()", None, "wrong_arguments"),
        ("LEAST(1)", None, "wrong_arguments"),
        ("YUAN(score)", None, "wrong_operand"),
        ("1e999999", None, "bad_number"),
        ("1" * 31, None, "bad_number"),
        ("5.", None, "bad_number"),
        ("1 + " * 600 + "1", None, "too_long"),
        ("(" * 5000 + "1" + ")" * 5000, None, "too_long"),
        ("(" * 900 + "1" + ")" * 900, None, "too_deep"),
        ("(" * 1900, None, "too_deep"),
        ("NOT " * 400 + "is_new", None, "too_deep"),
        ("- " * 900 + "1", None, "too_deep"),
        ("ABS(" * 300 + "1" + ")" * 300, None, "too_deep"),
        ("CASE WHEN is_new THEN " * 60 + "1" + " END" * 60, None, "too_deep"),
        ("1" + "+1" * 900, None, "too_deep"),
        ("is_new" + " OR is_new" * 190, None, "too_deep"),
        ("1" + " IN (1" * 200 + ")" * 200, None, "too_deep"),
    ],
)
def test_each_fault_has_its_code(text: str, wants: Unit | None, code: str) -> None:
    assert code in codes(text, wants)


def test_nesting_up_to_the_limit_is_read_even_far_down_the_stack() -> None:
    text = "CASE WHEN is_new THEN (" * 8 + "score" + ") END" * 8

    def at_depth(calls: int) -> Unit:
        return at_depth(calls - 1) if calls else compile_expression(text, NAMES).unit

    assert at_depth(200) is Unit.POINTS


def test_nested_choices_take_no_longer_than_their_text() -> None:
    """Five arms, fourteen deep: whoever writes the value out for each arm has 5**14 parts."""
    text = "CASE " * 14 + "score" + (" WHEN 1 THEN 2" * 5 + " END") * 14
    assert compile_expression(text, NAMES, wants=Unit.POINTS).names == {"score"}


def test_long_lists_and_sums_of_many_values_are_read() -> None:
    assert compile_expression(f"handled IN ({', '.join(map(str, range(300)))})", NAMES).unit is Unit.TRUTH
    assert compile_expression("score" + " + score" * 70, NAMES).unit is Unit.POINTS


PIECES = [
    *sorted(KEYWORDS | SIGNS | FUNCTIONS.keys() | REFUSED_WORDS),
    *NAMES,
    "1",
    "0.5",
    "'甲'",
    "'",
    '"',
    ";",
]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join)))
def test_any_text_is_read_or_refused_with_a_code(text: str) -> None:
    """No other exception leaves, and what was read can be read again."""
    names, found = _outcome(text)
    assert {code.split(".")[0] for code in found} == (set() if names is not None else {"expression"})
    if names is not None:
        assert expression_names(text) == names


def _outcome(text: str) -> tuple[frozenset[str] | None, list[str]]:
    """The names used, or the codes of the refusal."""
    try:
        return compile_expression(text, NAMES).names, []
    except SchemeError as error:
        return None, [problem.code for problem in error.problems]


@pytest.mark.parametrize(
    "text", [text for text, _ in FORBIDDEN] + ["score +", "(", "CREATE TABLE x", "SHOW x"]
)
def test_nothing_is_printed_or_logged(
    text: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(SchemeError):
        compile_expression(text, NAMES)
    assert (caplog.records, capfd.readouterr()) == ([], ("", ""))


def test_the_remedy_tells_the_whole_list() -> None:
    for language in ("en", "zh"):
        remedy = str(catalogue()["expression.forbidden"][f"mend_{language}"])
        words = FUNCTIONS.keys() | KEYWORDS - {"IS", "WHEN", "THEN", "ELSE", "END"} | SIGNS - {"(", ")", ","}
        assert [word for word in sorted(words) if word not in remedy] == []


def test_problems_read_well_in_both_languages() -> None:
    (problem,) = problems("satisfied * score")
    assert "SHARE(satisfied)" in render(problem).line
    assert "SHARE(satisfied)" in render(problem, "zh").line


def test_the_parser_loads_on_first_use() -> None:
    program = (
        "import sys\nfrom minping_engine.scheme.expressions import Unit, compile_expression\n"
        "assert 'sqlglot' not in sys.modules\ncompile_expression('1', {})\nassert 'sqlglot' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
