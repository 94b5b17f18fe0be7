"""Figures in method pages are what the code computes: no number in prose that nothing checks."""

from __future__ import annotations

import numpy as np
import pytest

from minping_engine.estimation import DirectEstimates, Responsibility, UnitSums, direct_estimates, interval
from minping_engine.evidence import evidence_spec
from minping_engine.evidence.sql import layout_for
from minping_engine.scheme import load_scheme
from tests.architecture.source_tree import ROOT

DIRECT = (ROOT / "docs" / "method" / "direct-estimate.md").read_text("utf-8")
KERNEL = (ROOT / "docs" / "method" / "kernel.md").read_text("utf-8")
SPEC = evidence_spec(load_scheme("gulou-worker"))
AREA_A, AREA_B = [100] * 45 + [0] * 15, [80] * 20 + [60] * 20


def _sums() -> UnitSums:
    """The two areas of the worked table, in thousandths of a point."""
    areas = [np.array(points, dtype=np.int64) * 1000 for points in (AREA_A, AREA_B)]
    n, s, ss = ([[int(value)] for value in values] for values in zip(*map(_three, areas), strict=True))
    return UnitSums(np.array(n), np.array(s), np.array(ss), np.array([300, 100]))


def _three(points: np.ndarray) -> tuple[int, int, int]:
    return len(points), int(points.sum()), int((points * points).sum())


def _estimates(rows: list[tuple[int, int, int]]) -> DirectEstimates:
    who, unit, share = (np.array(column) for column in zip(*rows, strict=True))
    return direct_estimates(_sums(), Responsibility(who, unit, share, int(who.max()) + 1))


def test_the_worked_table_is_what_the_code_makes() -> None:
    made = _estimates([(0, 0, 1000), (0, 1, 1000)])
    low, high = interval(made.mean[:, 0], made.se_fpc[:, 0], made.df[:, 0], 95)
    assert f"**{made.mean[0, 0]:.2f}**" in DIRECT
    assert f"**{made.se[0, 0]:.4f}**" in DIRECT
    assert f"**{made.se_fpc[0, 0]:.4f}**" in DIRECT
    assert f"**{low[0]:.2f} to {high[0]:.2f}**" in DIRECT
    assert f"t with {made.df[0, 0]} degrees" in DIRECT


def test_the_worked_half_posting_is_what_the_code_makes() -> None:
    made = _estimates([(0, 0, 500), (0, 1, 1000), (1, 0, 500)])
    assert f"score **{made.mean[0, 0]:.2f}**" in DIRECT
    assert f"A's own {made.mean[1, 0]:.2f}" in DIRECT


def test_the_packed_number_has_the_widths_of_the_page() -> None:
    layout = layout_for(SPEC, 322_800)
    assert (layout.count_bits, layout.sum_bits, layout.square_bits) == (19, 21, 23)
    assert layout.joined
    assert "19 + 21 + 23 = 63" in KERNEL


@pytest.mark.parametrize("units", [4, 3, 0])
def test_the_packed_number_of_each_answer_stands_on_the_page(units: int) -> None:
    (carrier,) = layout_for(SPEC, 322_800).carriers(units)
    assert f"| {units} | {carrier:,} |" in KERNEL


def test_the_sum_of_the_page_unpacks_as_it_says() -> None:
    layout = layout_for(SPEC, 322_800)
    total = sum(layout.carriers(units)[0] for units in (4, 3, 0))
    assert f"{total:,}" in KERNEL
    fields = (total & (2**19 - 1), (total >> 19) & (2**21 - 1), total >> layout.square_shift)
    assert fields == (3, 7, 25)


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    assert layout_for(SPEC, 524_287).joined
    assert not layout_for(SPEC, 524_288).joined
    assert "524,288" in KERNEL
    layout_for(SPEC, 922_337_203)
    assert "922,337,203" in KERNEL
