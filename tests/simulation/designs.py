"""Worlds with known truth: who is assessed, who is drawn, who answers what.

In: a `Design` (what the world is like), a generator, how many replicates. Out: `People` (areas with their
true scores) and `Round` (ballots, and what the frame knows). Nothing is clipped and fractions of points are
rounded by lot, so that expected totals are exact. `trials` seals and assesses; docs/method/honesty.md says
what each design is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AGES, SEXES, TENURES = 4, 2, 2
CELLS = {"age_band": ("ballot", AGES), "sex": ("ballot", SEXES), "tenure": ("frame", TENURES)}
AGE_POINTS = np.array([-2.0, 0.0, 1.0, 3.0])
TENANT_POINTS, WOMAN_POINTS, SMS_POINTS = -3.0, 0.5, -3.0
RESPONSE_BY_AGE = np.array([0.45, 0.5, 0.6, 0.7])
TENANT_RESPONSE = 0.8
WIDEST = 33.0
"""Points of the largest residual of the `smooth` answers: three of their standard deviations."""
CHOICE = 0.1
"""How far a household's mood moves the chance that it chooses SMS."""
MEAN_LOSS = 30.0
"""Points that a `ceiling` answer loses on average if it is not full marks."""


@dataclass(frozen=True)
class Design:
    """A world. `spread` and `community_spread` are standard deviations of true scores, in points.

    `drawn`: households drawn per area, lowest and highest (spread evenly in logarithms); `tie`: how much
    more the happiest household is willing to answer than the mean one, by tenure (owner, tenant);
    `several` assessees have three areas each, `shared` areas have two assessees each.
    """

    name: str
    answers: Literal["smooth", "two_point", "ceiling"] = "smooth"
    base: float = 52.0
    spread: float = 3.0
    community_spread: float = 1.0
    truncated: float = 0.0
    communities: int = 3
    per_community: int = 50
    drawn: tuple[int, int] = (300, 300)
    frame_factor: float = 3.5
    willing: float = 1.0
    tie: tuple[float, float] = (0.0, 0.0)
    randomised: float = 0.12
    several: int = 0
    shared: int = 0
    change: tuple[float, float] = (1.0, 2.0)
    cuts: tuple[float, float] = (54.0, 50.0)

    @property
    def people(self) -> int:
        """Assessees of a replicate."""
        return self.communities * self.per_community


TUNING = Design("tuning")
TWO_POINT = Design(
    "two_point", "two_point", base=70.0, spread=8.0, truncated=0.014, drawn=(450, 450), cuts=(74.0, 64.0)
)
CEILING = Design(
    "ceiling", "ceiling", base=85.0, spread=4.5, community_spread=0.5, truncated=0.03, cuts=(87.0, 81.0)
)
TIED = Design("tied", willing=0.78, tie=(0.5, 0.9), drawn=(400, 400), cuts=(56.0, 52.0))
UNEQUAL = Design("unequal", drawn=(36, 1750), frame_factor=1.3, several=15, shared=6)
ALIKE = Design("alike", spread=0.0, community_spread=0.0)
DESIGNS = (TUNING, TWO_POINT, CEILING, TIED, UNEQUAL)


@dataclass(frozen=True)
class People:
    """Areas of all replicates, numbered through, and who answers for them (rows target, assessee, share)."""

    replicates: int
    replicate: Ints
    community: Ints
    target: Ints
    assessee: Ints
    share: Ints
    drawn: Ints
    eligible: Ints
    age_share: Floats
    tenant_share: Floats
    sms_share: Floats
    score: Floats


@dataclass(frozen=True)
class Round:
    """Drawn households that answered, and what is known of the areas."""

    target: Ints
    age: Ints
    sex: Ints
    tenant: Ints
    sms: NDArray[np.bool_]
    randomised: NDArray[np.bool_]
    points: Ints
    effect: Floats
    """What cell and mode add to a ballot's expected total (with the tie: among those who answer)."""
    drawn_by_tenure: Ints
    eligible_by: Mapping[str, Ints]


def make_people(design: Design, replicates: int, rng: np.random.Generator) -> People:
    """Areas with their true scores. Assessee k of a replicate comes first in area k."""
    target, assessee = _postings(design)
    areas = int(target.max()) + 1
    step = np.arange(replicates)[:, None]
    total = replicates * areas
    community = _community_of_areas(design, target, assessee)
    low, high = np.log(design.drawn)
    drawn = np.rint(np.exp(rng.uniform(low, high, total))).astype(np.int64)
    places = rng.standard_normal((replicates, design.communities)) * design.community_spread
    edge = design.truncated
    own = ndtri(rng.uniform(edge, 1 - edge, total)) if edge else rng.standard_normal(total)
    return People(
        replicates,
        np.repeat(np.arange(replicates), areas),
        np.tile(community, replicates),
        (target + step * areas).ravel(),
        (assessee + step * design.people).ravel(),
        np.full(replicates * len(target), 1000),
        drawn,
        np.ceil(drawn * design.frame_factor).astype(np.int64),
        rng.dirichlet([6.0, 6.0, 5.0, 5.0], total),
        rng.uniform(0.1, 0.6, total),
        rng.uniform(0.1, 0.9, total),
        design.base + places[:, community].ravel() + design.spread * own,
    )


def _postings(design: Design) -> tuple[Ints, Ints]:
    """(target, assessee) rows of one replicate."""
    people = np.arange(design.people)
    first_shared = design.people - 2 * design.shared
    own = np.where(people < first_shared, people, first_shared + (people - first_shared) // 2)
    extra = own.max() + 1 + np.arange(2 * design.several)
    return np.concatenate([own, extra]), np.concatenate([people, np.repeat(people[: design.several], 2)])


def _community_of_areas(design: Design, target: Ints, assessee: Ints) -> Ints:
    made = np.zeros(int(target.max()) + 1, dtype=np.int64)
    made[target] = assessee // design.per_community
    return made


def draw_round(design: Design, people: People, rng: np.random.Generator) -> Round:
    """Who is drawn, who answers how, and with what."""
    areas = len(people.score)
    target = np.repeat(np.arange(areas), people.drawn)
    size = len(target)
    limits = np.cumsum(people.age_share, axis=1)[:, :-1]
    age = (rng.random(size)[:, None] > limits[target]).sum(axis=1)
    tenant = (rng.random(size) < people.tenant_share[target]).astype(np.int64)
    sex = rng.integers(0, SEXES, size)
    mood = rng.random((size, 3)).sum(axis=1) * 2 / 3 - 1
    tie = np.array(design.tie)[tenant]
    propensity = RESPONSE_BY_AGE[age] * np.where(tenant, TENANT_RESPONSE, 1.0) * design.willing
    answered = rng.random(size) < propensity * (1 + tie * mood)
    by_lot = rng.random(size) < design.randomised
    chosen = people.sms_share[target] + CHOICE * mood + 0.05 * (1.5 - age)
    sms = rng.random(size) < np.where(by_lot, 0.5, chosen)
    effect = AGE_POINTS[age] + TENANT_POINTS * tenant + WOMAN_POINTS * sex + SMS_POINTS * sms
    points = _answers(design, people.score[target] + effect, mood, rng)
    drawn_tenants = np.bincount(target, tenant, areas).astype(np.int64)
    counts = {"age_band": _counts(target, age, areas, AGES), "sex": _counts(target, sex, areas, SEXES)}
    # Households that were not drawn are needed as counts only.
    rest = people.eligible - people.drawn
    halves = np.full((areas, SEXES), 0.5)
    eligible_by = {
        "age_band": counts["age_band"] + rng.multinomial(rest, people.age_share),
        "sex": counts["sex"] + rng.multinomial(rest, halves),
    }
    tenants = drawn_tenants + rng.binomial(rest, people.tenant_share)
    eligible_by["tenure"] = np.stack([people.eligible - tenants, tenants], axis=1)
    drawn_by_tenure = np.stack([people.drawn - drawn_tenants, drawn_tenants], axis=1)
    # E[mood | answered] = tie x Var(mood) and Var(mood) = 1/9, since answering is linear in mood.
    shown = effect + tie * WIDEST / 9
    given = np.flatnonzero(answered)
    return Round(
        target[given],
        age[given],
        sex[given],
        tenant[given],
        sms[given],
        by_lot[given],
        points[given],
        shown[given],
        drawn_by_tenure,
        eligible_by,
    )


def mix_of_areas(design: Design, drawn: Round) -> Floats:
    """What the mix of each area's own households adds to its expected total, modes left out."""
    by = drawn.eligible_by
    gain = by["tenure"] @ (np.array(design.tie) * WIDEST / 9)
    total = by["age_band"] @ AGE_POINTS + by["sex"][:, 1] * WOMAN_POINTS + by["tenure"][:, 1] * TENANT_POINTS
    made: Floats = (total + gain) / by["sex"].sum(axis=1)
    return made


def _answers(design: Design, expected: Floats, mood: Floats, rng: np.random.Generator) -> Ints:
    """Whole points with exactly the expected value: fractions are rounded by lot."""
    if design.answers == "two_point":
        return np.where(rng.random(len(expected)) * 100 < expected, 100, 0)
    if design.answers == "ceiling":
        loses = rng.random(len(expected)) * MEAN_LOSS < 100 - expected
        lost = 100 * rng.beta(1.0, 100 / MEAN_LOSS - 1, len(expected))
        exact = np.where(loses, 100 - lost, 100.0)
    else:
        exact = expected + WIDEST * mood
    made = np.floor(exact + rng.random(len(expected))).astype(np.int64)
    return np.minimum(made, 100) if design.answers == "ceiling" else made


def _counts(target: Ints, level: Ints, areas: int, levels: int) -> Ints:
    return np.bincount(target * levels + level, minlength=areas * levels).reshape(areas, levels)
