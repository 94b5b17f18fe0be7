"""Scoring as a whole: from measures of all candidates to outcomes and proposals, in one fixed order.

tree -> total -> bonus and deductions -> floor, cap, rounding -> ranks -> grades (bands, limits,
transitions) -> counts over periods -> vetoes -> cards -> use of results (docs/method/points.md).
Exact class throughout; only standard errors are floats. A scheme without indicators brings score
and grade along from its ballots (`given`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from minping_engine.scheme import Band, LoadedScheme, Rules, Scheme, grade_names, half_up
from minping_engine.scoring.grades import Graded, bands_for, grade_steps, step_of
from minping_engine.scoring.periods import count_periods
from minping_engine.scoring.tree import NodePoints, TreeInput, combine, group_values, tree_points
from minping_engine.scoring.uses import Person, Proposal, proposals_of
from minping_engine.scoring.values import Candidate, Earlier
from minping_engine.terms import MeasureState

RankSets = Callable[[Sequence[Fraction], Sequence[float]], Sequence[tuple[int, int]]]


LEAST_SE = 1e-9
"""Of a score without an error among scores that have one."""


@dataclass(frozen=True)
class Given:
    """Score and grade that the ballots alone decided."""

    score: Fraction | None
    se: float
    assessed: bool
    grade: str | None
    grade_step: int | None


@dataclass
class Outcome:
    """Everything that was decided about one candidate."""

    candidate: Candidate
    nodes: Mapping[str, NodePoints] = field(default_factory=dict)
    adjustments: Mapping[str, Fraction] = field(default_factory=dict)
    raw: Fraction | None = None
    """Total before bonus, deductions and rounding."""
    score: Fraction | None = None
    se: float = 0.0
    unfollowed: bool = False
    state: MeasureState = MeasureState.VALUED
    grade: str | None = None
    step: int | None = None
    change: int | None = None
    rank: int | None = None
    ranked_of: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    tied: int | None = None
    counts: dict[str, int | None] = field(default_factory=dict)
    vetoes: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    names: dict[str, Fraction | bool | str | None] = field(default_factory=dict)
    before: dict[str, Fraction | bool | str | None] = field(default_factory=dict)
    """Names known before the tree."""
    bands: tuple[Band, ...] = ()

    @property
    def assessed(self) -> bool:
        """Whether there is a score that counts."""
        return self.score is not None


def score_all(
    loaded: LoadedScheme,
    period: str,
    candidates: Sequence[Candidate],
    given: Mapping[str, Given] | None = None,
    *,
    rank_sets: RankSets | None = None,
) -> tuple[list[Outcome], list[Proposal]]:
    """Outcomes in the order of the candidates, and proposals.

    `rank_sets` gives, from scores and errors of one comparison group, the best and the worst place that the
    errors allow; without it, and where somebody has no error, places are exact.
    """
    desk = _Desk(loaded.scheme, loaded.rules, loaded.numbers, period)
    outcomes = [Outcome(candidate) for candidate in candidates]
    desk.lay_out(outcomes)
    if given is None:
        desk.score_trees(outcomes)
    else:
        for outcome in outcomes:
            _take(outcome, given[outcome.candidate.assessee_id])
    desk.rank(outcomes, rank_sets or _exact_places)
    if given is None:
        desk.grade(outcomes)
    for outcome in outcomes:
        desk.look_back(outcome)
        desk.veto(outcome)
        desk.show_cards(outcome)
    return outcomes, proposals_of(loaded.scheme, loaded.rules, [desk.person(one) for one in outcomes])


def _take(outcome: Outcome, given: Given) -> None:
    if given.assessed:
        outcome.score, outcome.raw, outcome.se = given.score, given.score, given.se
        outcome.grade, outcome.step = given.grade, given.grade_step
    else:
        outcome.state = MeasureState.NO_SAMPLE


@dataclass(frozen=True)
class _Desk:
    """The steps, with what all of them know."""

    scheme: Scheme
    rules: Rules
    values: Mapping[str, Fraction]
    period: str

    def lay_out(self, outcomes: Sequence[Outcome]) -> None:
        """What every step asks for again and again, once: names before the tree, bands of the class."""
        by_key = {
            key: bands_for(self.scheme.grading, key) for key in {one.candidate.band_key for one in outcomes}
        }
        for outcome in outcomes:
            outcome.before = self._before(outcome.candidate)
            outcome.bands = by_key[outcome.candidate.band_key]

    def score_trees(self, outcomes: Sequence[Outcome]) -> None:
        """Points of all nodes, and totals."""
        tree = self.scheme.indicators
        plain = [TreeInput(outcome.candidate, outcome.before, {}, self.rules) for outcome in outcomes]
        groups = group_values(tree, plain)
        for outcome, given in zip(outcomes, plain, strict=True):
            outcome.nodes = tree_points(tree, TreeInput(given.candidate, given.names, groups, self.rules))
            self._total(outcome)

    def _before(self, candidate: Candidate) -> dict[str, Fraction | bool | str | None]:
        """Names known before the tree: context, values, facts, measures; absent ones are unknown."""
        names: dict[str, Fraction | bool | str | None] = {**self.values, **candidate.context}
        names |= {fact.id: candidate.facts.get(fact.id, fact.if_absent) for fact in self.scheme.facts}
        for measure in self.scheme.measures:
            known = candidate.measures.get(measure.id)
            names[measure.id] = known.value if known else None
        return names

    def _total(self, outcome: Outcome) -> None:
        total = self.scheme.total
        least = total.needs_percent if total.missing == "redistribute" else None
        whole = combine(self.scheme.indicators, total.points, outcome.nodes, redistribute=least)
        outcome.state = whole.state
        if whole.points is None:
            return
        outcome.raw = whole.points
        outcome.se = sum(error**2 for error in whole.errors.values()) ** 0.5
        outcome.unfollowed = whole.unfollowed
        outcome.adjustments = self._adjust(outcome)
        score = max(whole.points + sum(outcome.adjustments.values()), total.floor)
        score = score if total.cap is None else min(score, total.cap)
        outcome.score = score if total.round is None else half_up(score, total.round)

    def _adjust(self, outcome: Outcome) -> dict[str, Fraction]:
        """Bonus (positive) and deductions (negative) that apply, each held by its cap."""
        names = {**outcome.before, **self._node_names(outcome)}
        made: dict[str, Fraction] = {}
        for change in self.scheme.adjustments:
            condition = self.rules.get(f"adjustments.{change.id}.when")
            if condition is not None and condition.evaluate(names) is not True:
                continue
            points = self.rules[f"adjustments.{change.id}.points"].evaluate(names)
            if isinstance(points, Fraction):
                points = max(points, Fraction(0))
                points = points if change.cap is None else min(points, change.cap)
                made[change.id] = points if change.kind == "bonus" else -points
        return {name: points for name, points in made.items() if points}

    def _node_names(self, outcome: Outcome) -> dict[str, Fraction | None]:
        return {name: node.points for name, node in outcome.nodes.items()}

    def rank(self, outcomes: Sequence[Outcome], rank_sets: RankSets) -> None:
        """Places inside each comparison group, equal scores on one place, and what errors allow."""
        groups: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            if outcome.score is not None:
                groups.setdefault(outcome.candidate.group, []).append(outcome)
        for group in groups.values():
            scores = [outcome.score or Fraction(0) for outcome in group]
            exact = _exact_places(scores, [])
            with_errors = len(group) > 1 and any(outcome.se > 0 for outcome in group)
            sets = (
                rank_sets(scores, [max(outcome.se, LEAST_SE) for outcome in group]) if with_errors else exact
            )
            known = not any(outcome.unfollowed for outcome in group)
            for outcome, (place, last), (low, high) in zip(group, exact, sets, strict=True):
                outcome.rank, outcome.ranked_of, outcome.tied = place, len(group), last - place + 1
                outcome.rank_low, outcome.rank_high = (low, high) if known else (None, None)

    def grade(self, outcomes: Sequence[Outcome]) -> None:
        """Grades of all who are assessed."""
        rows = {
            outcome.candidate.assessee_id: Graded(
                outcome.score,
                outcome.candidate.group,
                outcome.bands,
                _last_step(outcome.candidate),
            )
            for outcome in outcomes
            if outcome.score is not None
        }
        steps = grade_steps(rows, self.scheme.grading)
        for outcome in outcomes:
            name = outcome.candidate.assessee_id
            if name in rows:
                step = steps[name]
                outcome.step, outcome.grade = step, outcome.bands[step - 1].grade if step else None

    def grades_of(self, outcome: Outcome) -> Sequence[str]:
        """Grades that the outcome can have, best first: of its class, or those by chance."""
        return [band.grade for band in outcome.bands] or grade_names(self.scheme)

    def look_back(self, outcome: Outcome) -> None:
        """Change of grade, counts over periods, and all names that later rules may use."""
        candidate = outcome.candidate
        before = _last_step(candidate)
        if outcome.step is not None and before is not None:
            outcome.change = before - outcome.step
        known_always = {**self.values, "grade_steps": Fraction(len(self.grades_of(outcome)))}
        now = Earlier(self.period, outcome.score, outcome.grade, outcome.step, outcome.assessed)
        for rule in self.scheme.over_periods:
            condition = self.rules[f"over_periods.{rule.id}.when"]
            known = outcome.assessed  # without an assessment nothing new may follow from old periods
            counted = count_periods(rule, condition, (*candidate.earlier, now), known_always)
            outcome.counts[rule.id] = counted if known else None
        outcome.names = {**outcome.before, **self._node_names(outcome)}
        outcome.names |= {name: _number(count) for name, count in outcome.counts.items()}
        self._name_outcome(outcome)

    def _name_outcome(self, outcome: Outcome) -> None:
        last = next((row for row in reversed(outcome.candidate.earlier) if row.assessed), None)
        outcome.names |= {
            "score": outcome.score,
            "grade": outcome.grade,
            "grade_step": _number(outcome.step),
            "grade_change": _number(outcome.change),
            "assessed": outcome.assessed,
            "previous_score": last.score if last else None,
            "previous_grade": last.grade if last else None,
            "rank": _number(outcome.rank),
            "ranked_of": _number(outcome.ranked_of),
            "rank_low": _number(outcome.rank_low),
            "rank_high": _number(outcome.rank_high),
            "tied": _number(outcome.tied),
            "rank_from_below": _from_below(outcome),
            "grade_steps": Fraction(len(self.grades_of(outcome))),
        }

    def veto(self, outcome: Outcome) -> None:
        """Vetoes that hold; conditions see the outcome before any of them, effects come together."""
        held = [
            veto
            for veto in self.scheme.vetoes
            if self.rules[f"vetoes.{veto.id}.when"].evaluate(outcome.names) is True
        ]
        outcome.vetoes = tuple(veto.id for veto in held)
        grades = self.grades_of(outcome)
        for veto in held:
            if veto.score_at_most is not None and outcome.score is not None:
                outcome.score = min(outcome.score, veto.score_at_most)
                self._lower(outcome, step_of(outcome.score, outcome.bands), grades)
            if veto.grade_at_most in grades:
                self._lower(outcome, grades.index(veto.grade_at_most) + 1, grades)
        self._name_outcome(outcome)
        outcome.names |= {veto.id: veto.id in outcome.vetoes for veto in self.scheme.vetoes}
        outcome.names["vetoed"] = bool(held)

    def _lower(self, outcome: Outcome, step: int | None, grades: Sequence[str]) -> None:
        if outcome.step is None or step is None or step <= outcome.step:
            return
        outcome.step, outcome.grade = step, grades[step - 1]
        before = _last_step(outcome.candidate)
        outcome.change = None if before is None else before - step

    def show_cards(self, outcome: Outcome) -> None:
        """Cards whose condition holds."""
        outcome.cards = tuple(
            card.id
            for card in self.scheme.cards
            if self.rules[f"cards.{card.id}.when"].evaluate(outcome.names) is True
        )
        outcome.names |= {card.id: card.id in outcome.cards for card in self.scheme.cards}

    def person(self, outcome: Outcome) -> Person:
        """What the use of results needs to know."""
        candidate = outcome.candidate
        return Person(
            candidate.assessee_id, outcome.names, self.barred(outcome), candidate.group, candidate.district
        )

    def barred(self, outcome: Outcome) -> frozenset[str]:
        """Uses that do not follow because of a veto."""
        return frozenset(
            name for veto in self.scheme.vetoes if veto.id in outcome.vetoes for name in veto.bars
        )


def _exact_places(scores: Sequence[Fraction], _errors: Sequence[float]) -> list[tuple[int, int]]:
    """First and last place that equal scores cover."""
    unit = lcm(*(score.denominator for score in scores))
    # Whole numbers of one denominator compare much faster than fractions.
    whole = [score.numerator * (unit // score.denominator) for score in scores]
    places: dict[int, tuple[int, int]] = {}
    for number, value in enumerate(sorted(whole, reverse=True), 1):
        first, _ = places.get(value, (number, number))
        places[value] = (first, number)
    return [places[value] for value in whole]


def _last_step(candidate: Candidate) -> int | None:
    """Step of the newest earlier period that gave a grade."""
    return next((row.grade_step for row in reversed(candidate.earlier) if row.grade_step is not None), None)


def _from_below(outcome: Outcome) -> Fraction | None:
    """Place counted from the last; equals share it."""
    if outcome.rank is None or outcome.ranked_of is None or outcome.tied is None:
        return None
    return Fraction(outcome.ranked_of - (outcome.rank + outcome.tied - 1) + 1)


def _number(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)
