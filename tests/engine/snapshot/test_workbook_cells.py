"""One cell at a time: shares and percentages, words, whole numbers, times."""

from __future__ import annotations

from fractions import Fraction

import pytest

from minping_engine.assessment.evidence_book.cells import cell_value
from minping_engine.assessment.evidence_book.layout import Column, Kind, two
from minping_engine.assessment.evidence_book.sheets import Cell
from minping_engine.errors import Place
from minping_engine.scheme import Unit
from minping_engine.snapshot.importing.faults import Faults

PLACE = Place("b.xlsx", "事实", 3, "x")


def _read(value: object, kind: Kind, unit: Unit | None = None, *, is_percent: bool = False) -> object:
    """The value, or the code of the fault."""
    faults = Faults()
    column = Column("x", two("列", "column"), kind, unit=unit)
    made = cell_value(Cell(value, "n", is_percent, PLACE), column, faults)
    codes = [problem.code.removeprefix("snapshot.book_") for problem in faults.problems]
    assert len(codes) == (made is None)
    return codes[0] if codes else made


@pytest.mark.parametrize(
    ("value", "is_percent", "share", "percent"),
    [
        (0.95, True, Fraction(95, 100), 95),
        ("95%", False, Fraction(95, 100), 95),
        ("95 ％", False, Fraction(95, 100), 95),
        (1.2, True, Fraction(12, 10), 120),
        (0.95, False, Fraction(95, 100), Fraction(95, 100)),
        (95, False, "share_above_one", 95),
    ],
)
def test_a_percentage_is_a_share_and_so_many_per_cent(
    value: object, is_percent: bool, share: object, percent: object
) -> None:
    assert _read(value, Kind.NUMBER, Unit.SHARE, is_percent=is_percent) == share
    assert _read(value, Kind.NUMBER, Unit.PERCENT, is_percent=is_percent) == percent


@pytest.mark.parametrize("value", ["12%", "三", "1e5", "nan", "inf", "1.2.3", "12分", True, 10**13])
def test_what_is_no_plain_number_in_the_unit_is_refused(value: object) -> None:
    assert _read(value, Kind.NUMBER, Unit.COUNT) in {"not_a_number", "percentage"}


@pytest.mark.parametrize(("value", "made"), [(0.3, 0.3), (1 / 3, "too_fine"), (0.0005, "too_fine"), (-2, -2)])
def test_numbers_have_three_decimals_at_most(value: float, made: object) -> None:
    expected = Fraction(str(made)) if not isinstance(made, str) else made
    assert _read(value, Kind.NUMBER, Unit.POINTS) == expected


@pytest.mark.parametrize("value", ["也许", 2, "是的吧", 0.5])
def test_what_is_neither_yes_nor_no_is_refused(value: object) -> None:
    assert _read(value, Kind.TRUTH) == "yes_no"


@pytest.mark.parametrize("value", [-1, 1.5, "一", 10**9, "1 000 000 000 0"])
def test_what_is_no_whole_number_of_nine_digits_is_refused(value: object) -> None:
    assert _read(value, Kind.WHOLE) == "whole_number"


@pytest.mark.parametrize("value", ["昨天", "2020-13-01", 44138.5, "2020-11-03 25:00"])
def test_what_is_no_time_is_refused(value: object) -> None:
    assert _read(value, Kind.TIME) == "not_a_time"


@pytest.mark.parametrize(("value", "made"), [(320106, "320106"), (320106.0, "320106"), (" 0012 ", "0012")])
def test_ids_are_texts_as_they_are_shown(value: object, made: str) -> None:
    assert _read(value, Kind.ID) == made
