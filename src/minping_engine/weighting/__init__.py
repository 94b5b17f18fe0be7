"""From who was drawn and who answered to weights that meet the households' totals (docs/method/weighting.md).

In: counts and base weights per assessee x cell, population margins. Out: weights with a state per
assessee, what was merged, how far weights moved, and the table in whole millionths. Knows neither
files nor answers; `assessment` joins it to the estimation.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.weighting.bounded import Limits, rake_within, trim, weight_cap
    from minping_engine.weighting.calibration import calibrate
    from minping_engine.weighting.distances import Distance, Shape
    from minping_engine.weighting.fixed_point import weight_table
    from minping_engine.weighting.margins import Margin, Merge, list_merges, merge_thin_levels
    from minping_engine.weighting.nonresponse import (
        Nonresponse,
        ResponseState,
        design_weights,
        response_by_cells,
        response_by_logit,
    )
    from minping_engine.weighting.outcome import Diagnostics, Weights, WeightState, design_effect, diagnose
    from minping_engine.weighting.raking import post_stratify, rake

__all__ = [
    "Diagnostics",
    "Distance",
    "Limits",
    "Margin",
    "Merge",
    "Nonresponse",
    "ResponseState",
    "Shape",
    "WeightState",
    "Weights",
    "calibrate",
    "design_effect",
    "design_weights",
    "diagnose",
    "list_merges",
    "merge_thin_levels",
    "post_stratify",
    "rake",
    "rake_within",
    "response_by_cells",
    "response_by_logit",
    "trim",
    "weight_cap",
    "weight_table",
]

__getattr__ = lazy_front(
    __name__,
    {
        "Diagnostics": "outcome",
        "Distance": "distances",
        "Limits": "bounded",
        "Margin": "margins",
        "Merge": "margins",
        "Nonresponse": "nonresponse",
        "ResponseState": "nonresponse",
        "Shape": "distances",
        "WeightState": "outcome",
        "Weights": "outcome",
        "calibrate": "calibration",
        "design_effect": "outcome",
        "design_weights": "nonresponse",
        "diagnose": "outcome",
        "list_merges": "margins",
        "merge_thin_levels": "margins",
        "post_stratify": "raking",
        "rake": "raking",
        "rake_within": "bounded",
        "response_by_cells": "nonresponse",
        "response_by_logit": "nonresponse",
        "trim": "bounded",
        "weight_cap": "bounded",
        "weight_table": "fixed_point",
    },
)
