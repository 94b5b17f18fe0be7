"""Rounds with known truth: made from a seed, sealed as snapshots, assessed end to end.

In: a `Design` (what the world is like), a seed, how many replicates. Out: `Trial`: truth and the engine's
figures by replicate and assessee. A replicate is a district: the engine assesses districts one by one
(ADR 9), so many of them fit one snapshot. The truth of an assessee is the mean over the households of her
areas of the expected total, at the round's mix of respondents and modes; nothing is clipped, so that it is
exact. docs/method/honesty.md says what each design is for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from minping_engine.assessment import Result, assess
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import BallotPart, SnapshotHead, open_snapshot, seal_snapshot
from minping_engine.terms import Mode

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
INSTRUMENT, PERIODS = "honesty@1", ("2020Q1", "2020Q2")
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
    communities: int = 5
    per_community: int = 30
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
TIED = Design("tied", willing=0.68, tie=(0.5, 0.9), drawn=(400, 400), cuts=(56.0, 52.0))
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


@dataclass(frozen=True)
class Trial:
    """Arrays (replicates, assessees): `truth`, and columns of `scores` (NaN = null); the whole result.

    `population` differs from `truth` only where answering is tied to the answer: it is the expected total
    of all households, `truth` that of those who are willing. `truth_change` belongs to second rounds.
    """

    design: Design
    truth: Floats
    population: Floats
    columns: Mapping[str, Floats]
    group: NDArray[np.object_]
    standing: NDArray[np.object_]
    grade: NDArray[np.object_]
    result: Result
    truth_change: Floats = field(default_factory=lambda: np.zeros(0))

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    @property
    def df(self) -> Floats:
        """Degrees of freedom of the errors."""
        return np.maximum(self["n_ballots"] - 1, 1)


def run_two_rounds(design: Design, seed: int, replicates: int, folder: Path) -> tuple[Trial, Trial]:
    """Two rounds of the same people; modes are spread anew in the second, and true scores have moved."""
    rng = np.random.default_rng([seed, 3])
    people = make_people(design, replicates, np.random.default_rng([seed, 1]))
    first_draw = draw_round(design, people, np.random.default_rng([seed, 2]))
    first = assess_round(design, people, first_draw, folder / "first", scheme="full")
    level, spread = design.change
    change = level + spread * rng.standard_normal(len(people.score))
    later = _later(people, change, rng)
    second_draw = draw_round(design, later, np.random.default_rng([seed, 4]))
    second = assess_round(
        design, later, second_draw, folder / "second", scheme="full", earlier=first.result
    )
    moved = _by_assessee(people, change).reshape(replicates, -1)
    return first, _with_change(second, moved)


def _later(people: People, change: Floats, rng: np.random.Generator) -> People:
    from dataclasses import replace

    modes = rng.uniform(0.1, 0.9, len(people.score))
    return replace(people, score=people.score + change, sms_share=modes)


def _with_change(trial: Trial, moved: Floats) -> Trial:
    from dataclasses import replace

    return replace(trial, truth_change=moved)


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
    kept = [part[answered] for part in (target, age, sex, tenant, sms, by_lot, points, shown)]
    return Round(*kept, drawn_by_tenure, eligible_by)  # type: ignore[arg-type]


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


def assess_round(
    design: Design,
    people: People,
    drawn: Round,
    folder: Path,
    *,
    scheme: str,
    earlier: Result | None = None,
) -> Trial:
    """Seal the round (once) and assess it."""
    loaded = make_scheme(design, scheme, folder / scheme)
    snapshot = folder / "snapshot"
    if not snapshot.is_dir():
        period = PERIODS[earlier is not None]
        head = SnapshotHead(period=period, period_kind="quarter", source="test", synthetic=True)
        tables = _tables(design, people, drawn)
        if earlier is not None:
            tables["earlier_cells"] = earlier_cells(earlier, loaded.key)
        seal_snapshot(snapshot, head, tables, _parts(people, drawn))
    result = assess(open_snapshot(snapshot), loaded, folder / scheme, scheduler_named("serial"))
    return _trial(design, people, drawn, result)


def earlier_cells(result: Result, scheme: str) -> pa.Table:
    """Cells of a result as the next snapshot carries them."""
    cells = result["trace/cells"]
    cells = cells.append_column("period", pa.array([result.period] * cells.num_rows))
    return cells.append_column("scheme", pa.array([scheme] * cells.num_rows))


def make_scheme(design: Design, name: str, folder: Path) -> LoadedScheme:
    """`full`: weights, adjusters, modes by lot. `raked`: weights alone. `no_modes`: all but modes."""

    def text(word: str) -> dict[str, str]:
        return {"zh": word, "en": word}

    answers = [{"code": code, "label": text(str(code)), "points": code} for code in range(101)]
    item = {"id": "q1", "kind": "scale", "text": text("q1"), "short": text("q1"), "answers": answers}
    fairness: dict[str, object] = {
        "counts": "shrunken",
        "weighting": {"nonresponse": ["tenure"], "margins": list(CELLS)},
        "comparison_group": {"level": "community", "attribute": "self"},
    }
    if name != "raked":
        describes = {"age_band": "respondent", "sex": "respondent", "tenure": "household"}
        fairness["adjusters"] = [{"variable": cell, "describes": describes[cell]} for cell in CELLS]
    if name == "full":
        fairness["modes"] = {"reference": "visit"}
    high, low = design.cuts
    content = {
        "minping_scheme": 1,
        "id": "honesty",
        "version": "1",
        "title": text("honesty"),
        "assessee_kind": "community_worker",
        "period": {"kind": "quarter"},
        "instrument": {"id": "honesty", "version": "1", "title": text("honesty"), "items": [item]},
        "scoring": {"total": {"points": 100, "minimum_answered": 1}, "benchmark": {"of": "district"}},
        "sampling": {"unit": "household"},
        "means": {"collected_by": text("nobody"), "modes": ["visit", "sms"]},
        "grading": {"chances": {"excellent_from": high, "support_below": low}},
        "fairness": fairness,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scheme.yaml").write_text(json.dumps(content), "utf-8")
    return load_scheme(folder)


def _tables(design: Design, people: People, drawn: Round) -> dict[str, pa.Table]:
    areas, persons = len(people.score), people.replicates * design.people
    of_area = [f"A{number:06d}" for number in range(areas)]
    home = [f"C{number:05d}" for number in people.replicate * design.communities + people.community]
    person_home = np.arange(persons) // design.per_community
    rows = _places(design, people) + [
        (area, parent, "responsibility_area") for area, parent in zip(of_area, home, strict=True)
    ]
    names = [f"P{number:06d}" for number in range(persons)]
    return {
        "areas": pa.table(
            {
                "area_id": [row[0] for row in rows],
                "parent_id": [row[1] for row in rows],
                "level": [row[2] for row in rows],
                "name": [row[0] for row in rows],
                **{key: pa.nulls(len(rows), pa.string()) for key in ("area_kind", "area_class", "urban_rural")},
            }
        ),
        "assessees": pa.table(
            {
                "assessee_id": names,
                "kind": ["community_worker"] * persons,
                "name": names,
                "area_id": [f"C{number:05d}" for number in person_home],
            }
        ),
        "targets": pa.table(
            {"target": np.arange(areas), "area_id": of_area, "subject": ["community_worker"] * areas}
        ),
        "postings": pa.table(
            {
                "target": people.target,
                "assessee_id": [names[number] for number in people.assessee],
                "from_day": [date(2019, 1, 1)] * len(people.target),
                "to_day": pa.nulls(len(people.target), pa.date32()),
                "share": people.share,
            }
        ),
        "item_codes": pa.table(
            {
                "instrument": [INSTRUMENT] * 101,
                "item": ["q1"] * 101,
                "code": np.arange(101),
                "label": [str(code) for code in range(101)],
                "wording": ["q1"] * 101,
            }
        ),
        **_frame_tables(areas, drawn),
    }


def _places(design: Design, people: People) -> list[tuple[str, str | None, str]]:
    """Districts, one street for each two communities, communities."""
    rows: list[tuple[str, str | None, str]] = []
    for replicate in range(people.replicates):
        rows.append((f"D{replicate:04d}", None, "district"))
        streets = (design.communities + 1) // 2
        rows += [
            (f"S{replicate * streets + number:05d}", f"D{replicate:04d}", "street") for number in range(streets)
        ]
        for number in range(design.communities):
            street = f"S{replicate * streets + number // 2:05d}"
            rows.append((f"C{replicate * design.communities + number:05d}", street, "community"))
    return rows


def _frame_tables(areas: int, drawn: Round) -> dict[str, pa.Table]:
    target = np.repeat(np.arange(areas), TENURES)
    variables = [
        (name, level, known) for name, (known, levels) in CELLS.items() for level in range(levels)
    ]
    margins = [
        pa.table(
            {
                "target": np.repeat(np.arange(areas), counts.shape[1]),
                "variable": [name] * counts.size,
                "level": np.tile(np.arange(counts.shape[1]), areas),
                "eligible": counts.ravel(),
            }
        )
        for name, counts in drawn.eligible_by.items()
        if name != "tenure"
    ]
    return {
        "sample": pa.table(
            {
                "target": target,
                "stratum": np.zeros(len(target), dtype=np.int64),
                "cell_tenure": np.tile(np.arange(TENURES), areas),
                "eligible": drawn.eligible_by["tenure"].ravel(),
                "drawn": drawn.drawn_by_tenure.ravel(),
            }
        ),
        "margins": pa.concat_tables(margins),
        "cell_variables": pa.table(
            {
                "variable": [row[0] for row in variables],
                "level": [row[1] for row in variables],
                "known": [row[2] for row in variables],
                "label_zh": [str(row[1]) for row in variables],
                "label_en": [str(row[1]) for row in variables],
            }
        ),
    }


def _parts(people: People, drawn: Round) -> list[BallotPart]:
    ballots = pa.table(
        {
            "ballot_id": np.arange(len(drawn.target)),
            "target": drawn.target,
            "stratum": np.zeros(len(drawn.target), dtype=np.int16),
            "mode": np.where(drawn.sms, int(Mode.SMS), int(Mode.VISIT)),
            "randomised": drawn.randomised.astype(np.int8),
            "cell_age_band": drawn.age,
            "cell_sex": drawn.sex,
            "cell_tenure": drawn.tenant,
            "item_q1": drawn.points,
        }
    )
    starts = np.searchsorted(people.replicate[drawn.target], np.arange(people.replicates + 1))
    return [
        BallotPart(INSTRUMENT, f"D{number:04d}", ballots.slice(start, stop - start))
        for number, (start, stop) in enumerate(zip(starts[:-1], starts[1:], strict=True))
    ]


def _by_assessee(people: People, of_area: Floats) -> Floats:
    """Means over areas by eligible households, as scores are combined."""
    weight = people.eligible[people.target] * people.share.astype(np.float64)
    made: Floats = np.bincount(people.assessee, weight * of_area[people.target])
    return made / np.bincount(people.assessee, weight)


def _trial(design: Design, people: People, drawn: Round, result: Result) -> Trial:
    shape = (people.replicates, design.people)
    replicate = people.replicate[drawn.target]
    ballots = np.bincount(replicate, minlength=people.replicates)
    reference = np.bincount(replicate, drawn.effect, people.replicates) / ballots
    tie = np.bincount(replicate, np.array(design.tie)[drawn.tenant], people.replicates) / ballots * WIDEST / 9
    truth = _by_assessee(people, people.score).reshape(shape) + reference[:, None]
    scores = result["scores"]
    numbers = {
        name: np.array(scores[name].cast(pa.float64()).fill_null(np.nan)).reshape(shape)
        for name, kind in zip(scores.schema.names, scores.schema.types, strict=True)
        if pa.types.is_floating(kind) or pa.types.is_integer(kind)
    }
    words = {
        name: np.array(scores[name].to_pylist(), dtype=object).reshape(shape)
        for name in ("comparison_group", "standing", "grade")
    }
    return Trial(design, truth, truth - tie[:, None], numbers, *words.values(), result)
