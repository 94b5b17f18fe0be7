"""Values that cannot be meant are refused at load time; bands stand from the best to the last."""

from __future__ import annotations

import pytest

from minping_engine.errors import SchemeError
from minping_engine.scheme import load_scheme


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
