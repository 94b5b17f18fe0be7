"""Figures of the pages on survey estimates and fair adjustment are what the code makes."""

from __future__ import annotations

import numpy as np

from minping_engine.estimation import (
    SmoothingRule,
    SurveyCells,
    SurveyDesign,
    Weighting,
    adjust_scores,
    design_effect,
    fit_casemix,
    mean_adjusters,
    minimum_sample_table,
    mode_effects,
    smooth_variances,
    survey_means,
)
from minping_engine.estimation.casemix import CaseMixFit, CaseMixMoments
from tests.architecture.source_tree import ROOT

SURVEY = (ROOT / "docs" / "method" / "survey-estimates.md").read_text("utf-8")
FAIR = (ROOT / "docs" / "method" / "fair-adjustment.md").read_text("utf-8")


def stands(page: str, *figures: str) -> None:
    assert [figure for figure in figures if f"**{figure}**" not in page] == []


def test_the_clusters_of_the_page() -> None:
    two = np.full(3, 2)
    s, ss = np.array([[160], [140], [120]]), np.array([[12800], [10000], [7400]])
    zeros = np.zeros(3, dtype=np.int64)
    design = SurveyDesign(zeros, zeros[:1], np.array([12]), 1, np.arange(3))
    made = survey_means(design, SurveyCells(two, two[:, None], s, ss), Weighting(np.ones(3)))
    effect = design_effect(made.se, made.srs_se)[0, 0]
    stands(SURVEY, f"{made.estimate[0, 0]:.2f}", f"{made.se[0, 0]:.4f}", f"{made.se_fpc[0, 0]:.4f}")
    stands(SURVEY, f"{effect:.2f}")


def test_the_smoothing_of_the_page() -> None:
    n, own = np.array([[41.0], [61.0], [21.0]]), np.array([[100.0], [160.0], [0.0]])
    df = (n - 1).astype(np.int64)
    made = smooth_variances(own / n, n, df, np.zeros(3, dtype=np.int64), SmoothingRule(1 / 12))
    stands(SURVEY, f"{made.unit_variance[0, 0]:.4f}", *(f"{value:.4f}" for value in made.variance[:, 0]))


def test_the_case_mix_of_the_page() -> None:
    n, x, y = np.array([4, 4]), np.array([[3.0], [1.0]]), np.array([[344.0], [312.0]])
    moments = CaseMixMoments.from_shared(
        n, x, x[:, :, None], y=y, yy=np.array([[29640.0], [24392.0]]), xy=np.array([[[264.0]], [[84.0]]])
    )
    fit = fit_casemix(moments)
    made = adjust_scores(fit, mean_adjusters(moments), moments.y / moments.n, fit.sigma2 / moments.n)
    signed = [f"{value:+.2f}".replace("-", "−") for value in made.moved[:, 0, 0]]
    stands(FAIR, f"{fit.coefficient[0, 0]:.2f}", *signed, f"{made.se[0, 0]:.4f}")
    stands(FAIR, *(f"{value:.2f}" for value in made.value[:, 0]))


def test_the_bounded_mode_effect_of_the_page() -> None:
    one = np.ones((1, 1))
    lot, choice = (
        CaseMixFit(one * effect, one[None] * v, one[0], one[0], one, one > 0)
        for effect, v in ((-3.0, 0.5), (-5.0, 0.0))
    )
    made = mode_effects(lot, choice, slice(0, 1), 3.0)
    share, effect, variance = made.unrandomised_share[0, 0], made.effect[0, 0], made.variance[0, 0]
    stands(FAIR, f"{share:.4f}", f"{effect:.4f}".replace("-", "−"), f"{variance:.4f}")


def test_the_least_samples_of_the_page() -> None:
    rows = minimum_sample_table((700_000, 800_000, 900_000), 9.0, 201.6)
    stands(FAIR, *(str(row.ballots) for row in rows))
