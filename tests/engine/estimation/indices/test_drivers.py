"""Key drivers against R's enumeration, against orders by hand, and their properties."""

from __future__ import annotations

import csv
import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.estimation.indices import (
    CrossProducts,
    ShareMethod,
    between_products,
    driver_shares,
    driver_shares_with_error,
    importance_performance,
    relative_weights,
    within_products,
)

ONE = np.zeros(1, dtype=np.int64)


def sums_of(blocks: list[np.ndarray]) -> CrossProducts:
    """Whole-number sums of each assessee's ballots, the overall item first."""
    return CrossProducts(
        np.array([len(block) for block in blocks]),
        np.array([block.sum(axis=0) for block in blocks]),
        np.array([block.T @ block for block in blocks]),
    )


def ballots(seed: int, assessees: int = 26, each: int = 40, drivers: int = 4) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    blocks = []
    for _ in range(assessees):
        items = rng.normal(size=(each, drivers)) + rng.normal(size=(each, 1)) + rng.normal()
        overall = items @ np.arange(drivers, 0, -1) + rng.normal(size=each) * 2
        blocks.append(np.rint(np.column_stack([overall, items]) * 10).astype(np.int64))
    return blocks


@pytest.mark.real_data
def test_shares_agree_with_r_on_the_attitude_data(outside_data: Path) -> None:
    folder = outside_data.parent / "reference" / "stats" / "keydriver_attitude"
    if not folder.is_dir():
        pytest.skip(f"no reference case at {folder}")
    expected = json.loads((folder / "expected.json").read_text())
    with (folder / "data.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    data = np.array([[int(row[name]) for name in ("rating", *expected["driver"])] for row in rows])
    products, df = within_products(sums_of([data]), ONE, 1)
    made = driver_shares(products[0], df=int(df[0]))
    assert made.r2 == pytest.approx(expected["R2"], rel=1e-12)
    assert made.share == pytest.approx(expected["lmg"], rel=1e-10)
    assert made.last == pytest.approx(expected["last"], rel=1e-9)
    assert made.correlation == pytest.approx(expected["pearson"], rel=1e-12)
    assert made.standardised_beta == pytest.approx(expected["std_beta"], rel=1e-11)


def test_the_worked_table_is_what_the_code_makes(root: Path) -> None:
    page = (root / "docs" / "method" / "drivers.md").read_text("utf-8")
    made = driver_shares(np.array([[1, 0.6, 0.5], [0.6, 1, 0.5], [0.5, 0.5, 1]]), df=100)
    assert f"| **{made.share[0]:.4f}** | **{made.share[1]:.4f}** |" in page
    assert f"= {made.r2:.4f} | {made.last[0]:.4f} | {made.last[1]:.4f} |" in page
    assert f"| {made.share[0] / made.r2 * 100:.1f} % |" in page


def _r2(matrix: np.ndarray, subset: tuple[int, ...]) -> float:
    if not subset:
        return 0.0
    rows = list(subset)
    return float(
        matrix[0, rows] @ np.linalg.solve(matrix[np.ix_(rows, rows)], matrix[0, rows]) / matrix[0, 0]
    )


def test_a_share_is_the_mean_gain_over_all_orders() -> None:
    (products,), _ = within_products(sums_of(ballots(1)), np.zeros(26, dtype=np.int64), 1)
    gains = np.zeros(4)
    orders = list(permutations(range(1, 5)))
    for order in orders:
        for place, driver in enumerate(order):
            gains[driver - 1] += _r2(products, order[: place + 1]) - _r2(products, order[:place])
    assert driver_shares(products, df=1000).share == pytest.approx(gains / len(orders), rel=1e-9)


def test_halo_between_assessees_does_not_count_within() -> None:
    blocks = ballots(2)
    shifted = [block + 1000 * number for number, block in enumerate(blocks)]
    street = np.zeros(26, dtype=np.int64)
    one, two = (within_products(sums_of(given), street, 1)[0] for given in (blocks, shifted))
    assert two == pytest.approx(one, rel=1e-9)
    between, df = between_products(sums_of(shifted), street, 1)
    assert driver_shares(between[0], df=int(df[0])).r2 > 0.99


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 500), st.permutations(range(4)), st.sampled_from([1, 10, 1000]))
def test_names_and_units_of_items_change_nothing(seed: int, order: list[int], unit: int) -> None:
    blocks = ballots(seed, assessees=5)
    other = [block[:, [0, *(driver + 1 for driver in order)]] * unit for block in blocks]
    street = np.zeros(5, dtype=np.int64)
    one, two = (driver_shares(within_products(sums_of(b), street, 1)[0][0], df=195) for b in (blocks, other))
    assert two.share == pytest.approx(one.share[order], abs=1e-10)
    assert one.share.sum() == pytest.approx(one.r2, abs=1e-12)
    assert (one.share >= -1e-12).all()


def test_the_jackknife_is_what_leaving_out_ballots_by_hand_gives() -> None:
    blocks, street = ballots(3), np.arange(26) % 6
    products, df = within_products(sums_of(blocks), street, 6)
    made = driver_shares_with_error(products, df)
    left = []
    for out in range(6):
        kept = [block for block, place in zip(blocks, street, strict=True) if place != out]
        whole, free = within_products(sums_of(kept), np.zeros(len(kept), dtype=np.int64), 1)
        left.append(driver_shares(whole[0], df=int(free[0])).share)
    spread = np.array(left) - np.mean(left, axis=0)
    assert made.se == pytest.approx(np.sqrt(5 / 6 * (spread**2).sum(axis=0)), rel=1e-8)
    assert (made.low <= made.shares.share).all()
    assert (made.high >= made.shares.share).all()


def test_a_copy_of_a_driver_halves_its_share_and_is_marked() -> None:
    blocks = [block[:, [0, 1, 1, 2]] for block in ballots(4)]
    single = [block[:, [0, 1, 2]] for block in ballots(4)]
    street = np.zeros(26, dtype=np.int64)
    two, one = (driver_shares(within_products(sums_of(b), street, 1)[0][0], df=900) for b in (blocks, single))
    assert two.r2 == pytest.approx(one.r2, rel=1e-9)
    assert two.share[0] == pytest.approx(two.share[1], rel=1e-9)
    assert two.redundant.tolist() == [False, True, False]
    assert two.last[:2].tolist() == [0.0, 0.0]
    weights = driver_shares(
        within_products(sums_of(blocks), street, 1)[0][0], df=900, method=ShareMethod.RELATIVE_WEIGHTS
    )
    assert weights.share.sum() == pytest.approx(one.r2, rel=1e-9)


def test_everybody_answering_alike_is_a_state() -> None:
    blocks = [block * np.array([0, 1, 1, 1, 1]) + 70_000 for block in ballots(5)]
    street = np.arange(26) % 3
    products, df = within_products(sums_of(blocks), street, 3)
    made = driver_shares_with_error(products, df)
    assert made.shares.state == "no_outcome_variance"
    assert driver_shares(products[0], df=5).state == "too_few"


def test_a_driver_that_does_not_vary_gets_nothing() -> None:
    blocks = [block * np.array([1, 1, 0, 1, 1]) for block in ballots(6)]
    made = driver_shares(within_products(sums_of(blocks), np.zeros(26, dtype=np.int64), 1)[0][0], df=900)
    assert made.share[1] == 0.0
    assert made.redundant[1]


def test_one_street_has_no_interval() -> None:
    products, df = within_products(sums_of(ballots(7)), np.zeros(26, dtype=np.int64), 1)
    made = driver_shares_with_error(products, df)
    assert made.streets == 1
    assert np.isnan(made.se).all()


def test_sums_beyond_64_bits_stay_exact() -> None:
    n = np.array([4_000_000_000])
    s = np.array([[4_000_000_000 * 1000, 4_000_000_000 * 999]])
    ss = np.array([[[4 * 10**15, 3996 * 10**12], [3996 * 10**12, 4_000_000_000 * 999**2]]])
    products, _ = within_products(CrossProducts(n, s, ss), ONE, 1)
    assert products[0].tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_many_drivers_get_relative_weights_and_say_so() -> None:
    data = np.random.default_rng(1).normal(size=(300, 17))
    made = driver_shares(data.T @ data, df=299)
    assert made.method is ShareMethod.RELATIVE_WEIGHTS
    assert made.share.sum() == pytest.approx(made.r2, rel=1e-10)
    with pytest.raises(InputError, match="too_many_drivers"):
        driver_shares(data.T @ data, df=299, method=ShareMethod.LMG)


def test_relative_weights_of_independent_drivers_are_squared_correlations() -> None:
    assert relative_weights(np.eye(3), np.array([0.5, 0.3, 0.1])) == pytest.approx([0.25, 0.09, 0.01])


def test_streets_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="group_out_of_range"):
        within_products(sums_of(ballots(1)), np.full(26, 3), 3)


def test_quadrants_follow_share_and_performance() -> None:
    made = importance_performance(
        np.array([0.3, 0.3, 0.05, 0.05]),
        np.array([[70.0, 90.0, 70.0, 90.0], [80.0, 80.0, np.nan, 79.9]]),
        np.full(4, 80.0),
    )
    assert made[0].tolist() == ["improve_first", "keep_up", "later", "enough"]
    assert made[1].tolist() == ["keep_up", "keep_up", "", "later"]


@pytest.mark.deep
def test_the_jackknife_interval_covers_the_true_share() -> None:
    """Correlation 0.5 between two drivers as on the page; 30 streets of 40 ballots; 90-98 % of 400 rounds."""
    rng = np.random.default_rng(9)
    matrix = np.array([[1, 0.6, 0.5], [0.6, 1, 0.5], [0.5, 0.5, 1]])
    root, truth = np.linalg.cholesky(matrix), driver_shares(matrix, df=100).share
    hits = np.zeros(2)
    for _ in range(400):
        data = rng.normal(size=(30, 40, 3)) @ root.T
        made = driver_shares_with_error(np.einsum("gia,gib->gab", data, data), np.full(30, 39))
        hits += (made.low <= truth) & (truth <= made.high)
    assert (hits / 400 > 0.90).all()
    assert (hits / 400 < 0.985).all()
