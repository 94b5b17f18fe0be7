"""The open online sample: page, bound against any stuffing, states, bias found in simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minping_engine.errors import InputError
from minping_engine.estimation.indices import Blend, TwoSamples, bias_model, blend_samples


def samples(
    seed: int, count: int = 120, bias: float = 3.0, spread: float = 1.5
) -> tuple[TwoSamples, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.normal(80, 3, count)
    drawn_variance, online_variance = rng.uniform(0.5, 4, count), rng.uniform(0.2, 2, count)
    drawn = truth + rng.normal(size=count) * np.sqrt(drawn_variance)
    online = truth + rng.normal(bias, spread, count) + rng.normal(size=count) * np.sqrt(online_variance)
    return TwoSamples(drawn, drawn_variance, online, online_variance), truth


def test_the_worked_table_is_what_the_rules_make(root: Path) -> None:
    page = (root / "docs" / "method" / "online-sample.md").read_text("utf-8")
    weight = min(0.2, 4 / (4 + 1 + 2))
    assert f"**{weight * (86 - 3 - 80):.2f}**" in page
    assert f"**{80 + weight * 3:.2f}**" in page
    assert f"**{np.sqrt((1 - weight) ** 2 * 4 + weight**2 * 3):.4f}**" in page
    assert f"**{3 * np.sqrt(0.2 * 4):.4f}**" in page


def test_the_blend_follows_the_rules_of_the_page() -> None:
    given_samples, _ = samples(1)
    made = blend_samples(given_samples, cap=0.2)
    model = made.model
    assert model is not None
    extra = given_samples.online_variance + model.spread2 + model.bias_variance
    weight = np.minimum(0.2, given_samples.drawn_variance / (given_samples.drawn_variance + extra))
    used = made.state == "blended"
    assert made.weight[used] == pytest.approx(weight[used])
    moved = weight * (given_samples.online - model.bias - given_samples.drawn)
    assert made.value[used] == pytest.approx((given_samples.drawn + moved)[used])
    variance = (1 - weight) ** 2 * given_samples.drawn_variance + weight**2 * extra
    assert made.se[used] == pytest.approx(np.sqrt(variance)[used])


def test_by_default_online_ballots_count_for_nothing() -> None:
    given_samples, _ = samples(2)
    made = blend_samples(given_samples)
    assert made.value.tolist() == given_samples.drawn.tolist()
    assert set(made.state) == {"weight_zero"}
    assert made.bound.tolist() == [0.0] * 120


def _moves_within_the_bound(made: Blend) -> bool:
    return bool((np.abs(made.moved) <= made.bound * (1 + 1e-9)).all())


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 120),
    st.floats(-100, 100),
    st.floats(1, 1e9),
    st.floats(0.01, 0.5),
)
def test_a_stuffed_sample_of_any_size_moves_nobody_beyond_the_bound(
    seed: int, stuffed: int, points: float, ballots: float, cap: float
) -> None:
    """Any number of assessees stuffed by any amount with any number of ballots, none left out."""
    given_samples, _ = samples(seed)
    online, variance = given_samples.online.copy(), given_samples.online_variance.copy()
    online[:stuffed] += points
    variance[:stuffed] = 200 / ballots
    made = blend_samples(
        TwoSamples(given_samples.drawn, given_samples.drawn_variance, online, variance), cap=cap
    )
    assert _moves_within_the_bound(made)
    assert made.bound == pytest.approx(3 * np.sqrt(cap * given_samples.drawn_variance))


def test_a_blend_without_outlier_rule_and_cap_fails_the_same_test() -> None:
    """The test above is worth something: plain inverse-variance weighting moves far beyond the bound."""
    given_samples, _ = samples(3)
    made = blend_samples(given_samples, cap=0.2)
    online = given_samples.online + np.where(np.arange(120) == 0, 15, 0)
    weight = given_samples.drawn_variance / (given_samples.drawn_variance + 1e-6)
    broken = Blend(
        made.state, made.value, made.se, weight, weight * (online - given_samples.drawn), made.bound, None
    )
    assert not _moves_within_the_bound(broken)


def test_a_stuffed_minority_is_marked_and_leaves_the_others_alone() -> None:
    given_samples, _ = samples(4)
    online, variance = given_samples.online.copy(), given_samples.online_variance.copy()
    online[:12] += 25
    variance[:12] = 1e-6
    stuffed = TwoSamples(given_samples.drawn, given_samples.drawn_variance, online, variance)
    made, clean = blend_samples(stuffed, cap=0.2), blend_samples(given_samples, cap=0.2)
    assert set(made.state[:12]) == {"outlier"}
    assert made.value[:12].tolist() == given_samples.drawn[:12].tolist()
    assert np.abs(made.value - clean.value)[12:].max() < 0.2


def test_states_say_what_became_of_each_online_sample() -> None:
    base, _ = samples(5)
    drawn, online = base.drawn.copy(), base.online.copy()
    drawn[0], online[1] = np.nan, np.nan
    made = blend_samples(TwoSamples(drawn, base.drawn_variance, online, base.online_variance), cap=0.2)
    assert made.state[:3].tolist() == ["no_drawn", "no_online", "blended"]
    assert np.isnan(made.value[0])
    assert made.value[1] == drawn[1]
    few = TwoSamples(*(part[:15] for part in (drawn, base.drawn_variance, online, base.online_variance)))
    assert blend_samples(few, cap=0.2).state[2] == "no_bias_model"
    assert bias_model(few) is None


def test_order_changes_nothing() -> None:
    base, _ = samples(6)
    parts = (base.drawn, base.drawn_variance, base.online, base.online_variance)
    turned = blend_samples(TwoSamples(*(part[::-1] for part in parts)), cap=0.3)
    assert turned.value[::-1] == pytest.approx(blend_samples(base, cap=0.3).value, rel=1e-9)


def test_bad_input_is_named() -> None:
    base, _ = samples(7)
    with pytest.raises(InputError, match="cap_out_of_range"):
        blend_samples(base, cap=0.8)
    with pytest.raises(InputError, match="variance_negative"):
        blend_samples(TwoSamples(base.drawn, -base.drawn_variance, base.online, base.online_variance))


@pytest.mark.deep
def test_bias_and_its_spread_are_found_and_the_blend_is_no_worse() -> None:
    bias, spread, gain, hits, total = [], [], [], 0, 0
    for seed in range(200):
        given_samples, truth = samples(seed, count=200)
        made = blend_samples(given_samples, cap=0.2)
        assert made.model is not None
        bias.append(made.model.bias)
        spread.append(made.model.spread2)
        gain.append(np.mean((made.value - truth) ** 2) - np.mean((given_samples.drawn - truth) ** 2))
        hits += int(np.sum(np.abs(made.value - truth) <= 1.96 * made.se))
        total += len(truth)
    assert np.mean(bias) == pytest.approx(3.0, abs=0.1)
    assert np.mean(spread) == pytest.approx(2.25, abs=0.2)
    assert np.mean(gain) < 0
    assert 0.93 < hits / total < 0.97
