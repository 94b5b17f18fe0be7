"""Values that cannot be meant are refused at load time; bands stand from the best to the last."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from minping_engine.errors import SchemeError
from minping_engine.scheme import Unit, Value, compile_expression, load_scheme
from minping_engine.scheme.values import exact_number


def found(scheme: str, **values: object) -> dict[str, str]:
    """Codes of errors and warnings with their place."""
    try:
        problems = load_scheme(scheme, values=values).warnings
    except SchemeError as error:
        problems = error.problems
    return {problem.code: problem.place.file for problem in problems}


@pytest.mark.parametrize("value", [95, -0.1, 1.01])
def test_a_share_is_written_as_a_share(value: float) -> None:
    place = "values/requests_full_from.yaml"
    assert found("baotaqiao-grid", requests_full_from=value).get("scheme.share_out_of_range") == place


@pytest.mark.parametrize("value", [0, 0.95, 1])
def test_shares_from_nothing_to_all_are_fine(value: float) -> None:
    assert "scheme.share_out_of_range" not in found("baotaqiao-grid", requests_full_from=value)


def test_a_percentage_below_one_is_warned_of() -> None:
    codes = found("xianning-3456", excellent_at_most_percent=0.2)
    assert codes.get("scheme.percent_like_a_share") == "values/excellent_at_most_percent.yaml"


def test_bands_that_would_grade_people_upside_down_are_refused() -> None:
    bands = [
        {"grade": grade, "label": {"zh": grade, "en": grade}, "from_points": points}
        for grade, points in (("A", 80), ("B", 90), ("C", 0))
    ]
    assert "scheme.bands_out_of_order" in found("gulou-worker", grade_bands=bands)


def test_nested_aliases_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    lines = ["minping_scheme: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (tmp_path / "scheme.yaml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(SchemeError) as refused:
        load_scheme(tmp_path)
    assert [problem.code for problem in refused.value.problems] == ["scheme.too_large"]


def test_a_chain_of_squares_ends_as_unknown() -> None:
    rule = compile_expression("a * a", {"a": Unit.NUMBER})
    value: Value = Fraction(10) ** 30
    for _ in range(40):
        value = rule.evaluate({"a": value})
    assert value is None


@pytest.mark.parametrize("text", ["1e99999999", "9" * 5000, "1/0"])
def test_numbers_that_nobody_writes_are_no_numbers(text: str) -> None:
    assert exact_number(text, "points") is None
