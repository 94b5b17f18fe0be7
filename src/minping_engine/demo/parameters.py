"""All knobs of the demonstration district in one frozen dataclass, each with unit and meaning.

Out: `DemoParameters`, read by every other module here; `small()` is the little district for
tests. Latent effects are in units of one household's standard deviation on the hidden scale of
satisfaction; near the district mean one tenth is worth about 1.4 points. `quarter_levels` were
set once by `tools/calibrate_demo.py` at these defaults and are constants like all others:
change any other parameter and the means move.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

Value = TypeVar("Value")

QUARTERS = ("2019Q1", "2019Q2", "2019Q3", "2019Q4", "2020Q1", "2020Q2", "2020Q3", "2020Q4")
STORY_COMMUNITY = "320106013004"


def _knob(default: Value, unit: str, about: str) -> Value:
    return field(default=default, metadata={"unit": unit, "about": about})


@dataclass(frozen=True)
class DemoParameters:
    """What the generator believes about a district."""

    # Places
    streets: tuple[str, ...] = _knob((), "street codes", "streets to build; empty = all 13")
    communities_per_street: int = _knob(0, "communities", "how many of each street; 0 = all")
    general_grids: int = _knob(991, "grids", "grids with households (S50)")
    shared_grids: int = _knob(85, "grids", "of these, split between two workers")
    exclusive_grids: tuple[int, int, int] = _knob((44, 150, 411), "grids", "daily, key, linked (S54)")
    households_low: int = _knob(300, "households", "fewest in a responsibility area (S53)")
    households_high: int = _knob(950, "households", "most")
    households_mean: float = _knob(400.0, "households", "mean, right-skewed")
    class_shares: tuple[float, float, float] = _knob((0.5, 0.2, 0.3), "share", "communities 甲, 乙, 丙 (S79)")
    grid_class_shares: tuple[float, float, float] = _knob((0.35, 0.45, 0.2), "share", "grids A, B, C (S79)")
    # Workers
    worker_sd: float = _knob(0.155, "latent", "spread of workers' own effects")
    drift_share: float = _knob(0.3, "share", "part of a worker's variance that moves over time")
    drift_memory: float = _knob(0.7, "correlation", "of the moving part from quarter to quarter")
    worker_item_sd: float = _knob(0.08, "latent", "a worker's strengths and weaknesses by item")
    move_share: float = _knob(0.02, "share of areas", "areas touched by a staff move per quarter")
    vacancy_effect: float = _knob(-0.2, "latent", "while nobody is posted")
    # Places' effects
    community_sd: float = _knob(0.06, "latent", "spread between communities")
    area_sd: float = _knob(0.06, "latent", "between areas, not explained by covariates")
    difficulty: tuple[tuple[str, float], ...] = _knob(
        (
            ("share_aged_60", -0.01),
            ("share_tenant", -0.03),
            ("share_low_income", -0.03),
            ("share_old_housing", -0.05),
        ),
        "latent per standard deviation",
        "what makes a grid hard (S12, S75)",
    )
    # Residents
    age_effects: tuple[float, float, float, float] = _knob(
        (-0.10, -0.05, 0.03, 0.12), "latent", "18-34, 35-49, 50-64, 65+"
    )
    tenure_effects: tuple[float, float] = _knob((0.0, -0.12), "latent", "owner, tenant")
    sex_effects: tuple[float, float] = _knob((-0.01, 0.01), "latent", "male, female")
    mode_effects: tuple[float, float, float] = _knob((0.0, -0.06, -0.2), "latent", "visit, phone, SMS")
    female_share: float = _knob(0.52, "share", "of the adults who answer for their household")
    household_share: float = _knob(0.33, "share", "part of an item's variance common to a household")
    # Questionnaire
    item_loadings: tuple[float, ...] = _knob((1.0, 0.9, 1.1, 1.05, 1.0), "factor", "how items feel effects")
    item_thresholds: tuple[tuple[float, ...], ...] = _knob(
        (
            (-1.95, -1.55),
            (-1.65, -1.25),
            (-2.8, -2.4, -1.7, -0.5),
            (-2.75, -2.3, -1.55, -0.4),
            (-2.9, -2.5, -1.8, -0.6),
        ),
        "latent",
        "per item, from worst to best answer",
    )
    item_missing: float = _knob(0.01, "probability", "an item is left out, each item alike")
    break_off: float = _knob(0.003, "probability", "a respondent stops after two items")
    # Fieldwork
    target_ballots: int = _knob(300, "ballots", "stop once reached (S4)")
    replicate: int = _knob(10, "households", "drawn and worked off together")
    randomised_share: float = _knob(0.1, "share", "households whose mode is assigned by chance")
    first_mode: tuple[tuple[float, float, float], ...] = _knob(
        ((0.30, 0.22, 0.48), (0.40, 0.28, 0.32), (0.58, 0.30, 0.12), (0.72, 0.25, 0.03)),
        "probability",
        "first mode tried by age band: visit, phone, SMS",
    )
    answer_by_age: tuple[tuple[float, float, float], ...] = _knob(
        ((0.56, 0.39, 0.51), (0.59, 0.43, 0.46), (0.65, 0.49, 0.37), (0.71, 0.51, 0.21)),
        "probability",
        "an attempt succeeds by age band: visit, phone, SMS",
    )
    tenant_response: float = _knob(0.92, "factor", "on each attempt at a tenant household")
    nonresponse_kinds: tuple[float, float, float, float] = _knob(
        (0.45, 0.38, 0.12, 0.05), "share", "refusal, non-contact, other, unknown eligibility"
    )
    failed_areas: int = _knob(4, "areas per quarter", "fieldwork broke down: 4-28 answers; at least 2")
    comment_share: float = _knob(0.001, "comments per ballot", "invented comments")
    balance_block: int = _knob(256, "ballots", "Latin hypercube block across areas; 1 = independent draws")
    # The course of time and the story
    quarter_levels: tuple[float, ...] = _knob(
        (-0.01381, 0.03075, 0.06978, 0.11094, 0.14476, 0.18456, 0.2149, 0.24788),
        "latent",
        "district level by quarter, calibrated",
    )
    story_path: tuple[float, ...] = _knob(
        (85.2, 87.6, 89.4, 90.9, 92.2, 93.4, 94.3, 95.13),
        "points",
        "the story worker's expected direct score",
    )
    story_households: int = _knob(945, "households", "in her grid (S4)")
    story_buildings: int = _knob(5, "buildings", "in her grid (S4)")
    story_lead: float = _knob(1.2, "points", "her colleagues' expected scores stay this far below at the end")
    story_balanced: bool = _knob(True, "yes or no", "her answers are drawn with balance inside her area")

    @classmethod
    def small(cls) -> DemoParameters:
        """A little district for tests: two streets, six communities, about forty areas."""
        return cls(
            streets=("320106012", "320106013"),
            communities_per_street=3,
            general_grids=38,
            shared_grids=3,
            exclusive_grids=(2, 6, 15),
            failed_areas=2,
            comment_share=0.004,
        )

    def changed(self, **knobs: object) -> DemoParameters:
        """The same with some knobs turned."""
        return replace(self, **knobs)  # type: ignore[arg-type]
