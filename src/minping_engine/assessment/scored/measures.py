"""Values of all measures of a scheme, per assessee (docs/method/points.md).

In: the snapshot's tables beside ballots as sums, results of ballots, earlier outcomes. Out: for each
assessee a `MeasureValue` per measure. Everything is exact; what has no value has a state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from minping_engine.assessment.scored.ballots import BallotResults
from minping_engine.assessment.scored.earlier import EarlierResults
from minping_engine.evidence.measures import (
    CaseGroup,
    GroupMarks,
    appraisal_sums,
    case_groups,
    fact_values,
    period_window,
)
from minping_engine.scheme import (
    AppraisalMean,
    AppraisalShare,
    BallotMean,
    BallotShare,
    CaseCount,
    CaseRate,
    Expression,
    FactRate,
    Formula,
    LoadedScheme,
    Measure,
    RaterGroup,
    ResultCount,
    ResultGrade,
    ResultScore,
    Unit,
    VisitCoverage,
)
from minping_engine.scoring import MeasureValue
from minping_engine.snapshot import Snapshot
from minping_engine.terms import MeasureState, year_of

NONE = MeasureValue(None, MeasureState.NO_SAMPLE)
Value = Fraction | bool | str | None


@dataclass(frozen=True)
class Sources:
    """Everything that measures are made of; tables are read when the first measure asks for them."""

    snapshot: Snapshot
    loaded: LoadedScheme
    assessees: Sequence[str]
    ballots: Mapping[str, BallotResults]
    results: EarlierResults
    context: Mapping[str, Mapping[str, str | bool | None]]

    @cached_property
    def facts(self) -> dict[str, dict[str, Fraction | str]]:
        """Facts by assessee; counts of events that nobody delivered are what the scheme says."""
        known = fact_values(self.snapshot)
        unsaid = {fact.id: fact.if_absent for fact in self.loaded.scheme.facts if fact.if_absent is not None}
        return {name: {**unsaid, **known.get(name, {})} for name in self.assessees}

    @cached_property
    def marks(self) -> Mapping[str, Mapping[str, GroupMarks]]:
        """Appraisals by assessee and rater group."""
        return appraisal_sums(self.snapshot)

    @cached_property
    def cases(self) -> Mapping[str, Sequence[CaseGroup]]:
        """Cases of the period, grouped by all columns that any measure names."""
        scheme, period = self.loaded.scheme, self.loaded.scheme.period
        names: set[str] = set()
        for measure in scheme.measures:
            for part in ("numerator", "denominator", "when"):
                if isinstance(measure, CaseRate | CaseCount):
                    rule = self.loaded.rules.get(f"measures.{measure.id}.{part}")
                    names |= rule.names if rule else set()
        window = None
        if period.basis is not None:
            window = period_window(
                self.snapshot.period, cut_day=period.cut_day, cut_hour=period.cut_hour, basis=period.basis
            )
        return case_groups(self.snapshot, sorted(names - set(self.loaded.numbers)), window)

    @cached_property
    def visited(self) -> Mapping[str, Mapping[str, int]]:
        """Households visited by assessee and window."""
        postings = self.snapshot.table("postings").to_pylist()
        visits = self.snapshot.table("visits").to_pylist()
        who: dict[int, set[str]] = {}
        for row in postings:
            who.setdefault(row["target"], set()).add(row["assessee_id"])
        made: dict[str, dict[str, int]] = {}
        for row in visits:
            for name in who.get(row["target"], ()):
                windows = made.setdefault(name, {})
                windows[row["period"]] = windows.get(row["period"], 0) + row["households"]
        return made


def measure_values(sources: Sources) -> dict[str, dict[str, MeasureValue]]:
    """Values by assessee and measure; formulas after what they need."""
    made: dict[str, dict[str, MeasureValue]] = {name: {} for name in sources.assessees}
    for measure in sources.loaded.scheme.measures:
        if isinstance(measure, Formula):
            continue
        for name, value in _values(measure, sources).items():
            if name in made:
                made[name][measure.id] = value
    for formula in _in_order(sources.loaded):
        for name in sources.assessees:
            made[name][formula.id] = _formula(formula, sources, name, made[name])
    for name in sources.assessees:
        for measure in sources.loaded.scheme.measures:
            made[name].setdefault(measure.id, NONE)
    return made


def _in_order(loaded: LoadedScheme) -> list[Formula]:
    """Formulas so that each comes after those that it names (cycles are refused at load time)."""
    waiting = {measure.id: measure for measure in loaded.scheme.measures if isinstance(measure, Formula)}
    ordered: list[Formula] = []
    while waiting:
        ready = [
            name
            for name in waiting
            if not (loaded.rules[f"measures.{name}.value"].names & (waiting.keys() - {name}))
        ]
        ordered += [waiting.pop(name) for name in ready]
    return ordered


def _formula(formula: Formula, sources: Sources, name: str, made: Mapping[str, MeasureValue]) -> MeasureValue:
    names = _names(sources, name)
    names |= {measure: value.value for measure, value in made.items()}
    rule = sources.loaded.rules[f"measures.{formula.id}.value"]
    errors: dict[str, float] = {}
    unfollowed = False
    for one in sorted(rule.names & made.keys()):
        moved = _moved(rule, names, one, made[one].se) if made[one].se else 0.0
        unfollowed |= made[one].unfollowed or moved is None
        if moved:
            errors[made[one].source] = errors.get(made[one].source, 0.0) + moved
    se = sum(error**2 for error in errors.values()) ** 0.5
    known = _valued(rule.evaluate(names))
    return replace(known, se=se, source="+".join(sorted(errors)), unfollowed=unfollowed)


def _moved(rule: Expression, names: Mapping[str, Value], one: str, se: float) -> float | None:
    """How far an error of one measure moves a formula: half the way from one error below to one above."""
    value = names[one]
    if not isinstance(value, Fraction):
        return 0.0
    ends = [rule.evaluate({**names, one: value + sign * Fraction(se)}) for sign in (1, -1)]
    up, down = ends
    return abs(float(up - down)) / 2 if isinstance(up, Fraction) and isinstance(down, Fraction) else None


def _names(sources: Sources, name: str) -> dict[str, Value]:
    names: dict[str, Value] = {fact.id: None for fact in sources.loaded.scheme.facts}
    names |= {measure.id: None for measure in sources.loaded.scheme.measures}
    return names | {**sources.loaded.numbers, **sources.context[name], **sources.facts[name]}


def _valued(value: Value) -> MeasureValue:
    return MeasureValue(value) if isinstance(value, Fraction | str) else NONE


def _values(measure: Measure, sources: Sources) -> dict[str, MeasureValue]:
    if isinstance(measure, BallotMean | BallotShare):
        return _of_ballots(measure, sources)
    if isinstance(measure, ResultScore):
        return {name: sources.results.score(measure, name) for name in sources.assessees}
    if isinstance(measure, ResultCount):
        when = sources.loaded.rules[f"measures.{measure.id}.when"]
        values = sources.loaded.numbers
        return {name: sources.results.count(measure, name, when, values) for name in sources.assessees}
    if isinstance(measure, ResultGrade):
        return {name: sources.results.grade(measure, name) for name in sources.assessees}
    return {name: _of_one(measure, sources, name) for name in sources.assessees}


def _of_ballots(measure: BallotMean | BallotShare, sources: Sources) -> dict[str, MeasureValue]:
    instrument = measure.instrument or sources.loaded.scheme.instrument.id
    if instrument not in sources.ballots:
        return {}
    results = sources.ballots[instrument]
    if isinstance(measure, BallotShare):
        return results.shares(measure, list(sources.assessees))
    return results.totals() if measure.item is None else results.items(measure.item)


def _of_one(measure: Measure, sources: Sources, name: str) -> MeasureValue:
    rules = sources.loaded.rules
    if isinstance(measure, AppraisalMean | AppraisalShare):
        (group,) = (group for group in sources.loaded.scheme.raters if group.id == measure.raters)
        return _appraisal(measure, group, sources.marks.get(name, {}).get(measure.raters))
    if isinstance(measure, VisitCoverage):
        windows = sources.visited.get(name, {})
        period = sources.snapshot.period
        window = year_of(period) or period if measure.quota.window == "year" else period
        return _visits(measure, windows.get(window))
    if isinstance(measure, CaseRate):
        place = f"measures.{measure.id}"
        return _rate(
            sources.cases.get(name, ()), rules[f"{place}.numerator"], rules[f"{place}.denominator"], sources
        )
    if isinstance(measure, CaseCount):
        return _count(sources.cases.get(name, ()), rules[f"measures.{measure.id}.when"], sources)
    assert isinstance(measure, FactRate)
    names = _names(sources, name)
    return _share(
        rules[f"measures.{measure.id}.numerator"].evaluate(names),
        rules[f"measures.{measure.id}.denominator"].evaluate(names),
    )


def _share(top: Value, bottom: Value) -> MeasureValue:
    """A quotient of facts; without the facts absent, over nothing no sample."""
    if not isinstance(top, Fraction) or not isinstance(bottom, Fraction):
        return MeasureValue(None, MeasureState.ABSENT)
    if bottom <= 0:
        return MeasureValue(None, MeasureState.NO_SAMPLE, numerator=top, denominator=bottom)
    return MeasureValue(top / bottom, n=1, numerator=top, denominator=bottom)


def _visits(measure: VisitCoverage, households: int | None) -> MeasureValue:
    if households is None:
        return MeasureValue(None, MeasureState.ABSENT)
    quota = Fraction(measure.quota.count)
    top = Fraction(households)
    return MeasureValue(min(top / quota, Fraction(1)), n=households, numerator=top, denominator=quota)


def _rate(groups: Sequence[CaseGroup], top: Expression, bottom: Expression, sources: Sources) -> MeasureValue:
    """Cases (or their values) over cases; excluded ones are counted apart (D8)."""
    over, under, left = Fraction(0), 0, 0
    for group in groups:
        if group.values.get("excluded") is not None:
            left += group.n
            continue
        names = {**sources.loaded.numbers, **group.values}
        if bottom.evaluate(names) is True:
            under += group.n
            value = top.evaluate(names)
            if value is None and top.unit is not Unit.TRUTH:  # a value that nobody gave is no zero
                under -= group.n
            elif isinstance(value, bool | Fraction):
                over += Fraction(value) * group.n
    if not under:
        return MeasureValue(None, MeasureState.NO_SAMPLE, excluded=left, denominator=Fraction(0))
    return MeasureValue(over / under, n=under, numerator=over, denominator=Fraction(under), excluded=left)


def _count(groups: Sequence[CaseGroup], when: Expression, sources: Sources) -> MeasureValue:
    left = sum(group.n for group in groups if group.values.get("excluded") is not None)
    n = sum(
        group.n
        for group in groups
        if group.values.get("excluded") is None
        and when.evaluate({**sources.loaded.numbers, **group.values}) is True
    )
    return MeasureValue(Fraction(n), n=n, excluded=left)


def _appraisal(
    measure: AppraisalMean | AppraisalShare, group: RaterGroup, marks: GroupMarks | None
) -> MeasureValue:
    """Mean marks, or their share, if enough raters of the right kinds gave them."""
    if marks is None or not marks.raters:
        return NONE
    if marks.raters < group.minimum:
        return MeasureValue(None, MeasureState.TOO_FEW_RATERS, n=marks.raters)
    if not _composed(group, marks):
        return MeasureValue(None, MeasureState.RATER_MIX, n=marks.raters)
    if isinstance(measure, AppraisalShare):
        return _mark_share(measure, marks)
    items = measure.items or tuple(sorted(marks.items))
    if any(item not in marks.items or not marks.items[item].n for item in items):
        return MeasureValue(None, MeasureState.NO_SAMPLE, n=marks.raters)
    fewest = min(marks.items[item].n_raters for item in items)
    if fewest < group.minimum:
        return MeasureValue(None, MeasureState.TOO_FEW_RATERS, n=fewest)
    total = sum(
        (Fraction(marks.items[item].s_milli, 1000 * marks.items[item].n) for item in items), Fraction(0)
    )
    return MeasureValue(total, n=marks.raters)


def _mark_share(measure: AppraisalShare, marks: GroupMarks) -> MeasureValue:
    item = marks.items.get(measure.item)
    if item is None or not item.n:
        return MeasureValue(None, MeasureState.NO_SAMPLE, n=marks.raters)
    reached = sum(n for milli, n in item.values if milli >= measure.from_points * 1000)
    return MeasureValue(
        Fraction(reached, item.n), n=marks.raters, numerator=Fraction(reached), denominator=Fraction(item.n)
    )


def _composed(group: RaterGroup, marks: GroupMarks) -> bool:
    """Whether each kind of raters has the share that the scheme demands."""
    return all(
        share.at_least_percent * marks.raters
        <= 100 * marks.by_kind.get(share.kind, 0)
        <= share.at_most_percent * marks.raters
        for share in group.shares
    )
