"""Ranks and grades with their uncertainty: sets of ranks, tie bands, chances, grades, funnel plots.

In: estimates with standard errors, or posterior means with deviations, of one comparison group.
Out: arrays in the same order, and refusals. Knows neither files nor names, draws no random numbers.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.ranking.bands import (
        RankingState,
        RankingVerdict,
        TieBands,
        check_ranking,
        refuse_weak_ranking,
        tie_bands,
    )
    from minping_engine.ranking.critical import (
        best_critical_value,
        joint_region_critical_value,
        marginal_critical_values,
        simulated_critical_value,
        simultaneous_critical_value,
    )
    from minping_engine.ranking.funnel_plot import Funnel, funnel
    from minping_engine.ranking.grades import (
        AwardValues,
        GradeRule,
        Grades,
        PosteriorGrade,
        QuotaSelection,
        award_values,
        grade_by_posterior,
        select_by_quota,
    )
    from minping_engine.ranking.posterior import (
        PosteriorRanks,
        RankIntervals,
        expected_ranks,
        expected_ranks_fast,
        expected_ranks_pairwise,
        posterior_ranks,
        rank_intervals,
        top_chances,
    )
    from minping_engine.ranking.sets import (
        RankSets,
        best_candidates,
        joint_region_sets,
        marginal_sets,
        sets_at,
        simultaneous_sets,
        tau_best,
    )

__all__ = [
    "AwardValues",
    "Funnel",
    "GradeRule",
    "Grades",
    "PosteriorGrade",
    "PosteriorRanks",
    "QuotaSelection",
    "RankIntervals",
    "RankSets",
    "RankingState",
    "RankingVerdict",
    "TieBands",
    "award_values",
    "best_candidates",
    "best_critical_value",
    "check_ranking",
    "expected_ranks",
    "expected_ranks_fast",
    "expected_ranks_pairwise",
    "funnel",
    "grade_by_posterior",
    "joint_region_critical_value",
    "joint_region_sets",
    "marginal_critical_values",
    "marginal_sets",
    "posterior_ranks",
    "rank_intervals",
    "refuse_weak_ranking",
    "select_by_quota",
    "sets_at",
    "simulated_critical_value",
    "simultaneous_critical_value",
    "simultaneous_sets",
    "tau_best",
    "tie_bands",
    "top_chances",
]

__getattr__ = lazy_front(
    __name__,
    {
        "AwardValues": "grades",
        "Funnel": "funnel_plot",
        "GradeRule": "grades",
        "Grades": "grades",
        "PosteriorGrade": "grades",
        "PosteriorRanks": "posterior",
        "QuotaSelection": "grades",
        "RankIntervals": "posterior",
        "RankSets": "sets",
        "RankingState": "bands",
        "RankingVerdict": "bands",
        "TieBands": "bands",
        "award_values": "grades",
        "best_candidates": "sets",
        "best_critical_value": "critical",
        "check_ranking": "bands",
        "expected_ranks": "posterior",
        "expected_ranks_fast": "posterior",
        "expected_ranks_pairwise": "posterior",
        "funnel": "funnel_plot",
        "grade_by_posterior": "grades",
        "joint_region_critical_value": "critical",
        "joint_region_sets": "sets",
        "marginal_critical_values": "critical",
        "marginal_sets": "sets",
        "posterior_ranks": "posterior",
        "rank_intervals": "posterior",
        "refuse_weak_ranking": "bands",
        "select_by_quota": "grades",
        "sets_at": "sets",
        "simulated_critical_value": "critical",
        "simultaneous_critical_value": "critical",
        "simultaneous_sets": "sets",
        "tau_best": "sets",
        "tie_bands": "bands",
        "top_chances": "posterior",
    },
)
