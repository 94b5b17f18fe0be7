"""Does a demonstration's plan fit its scheme? All faults at once, before anything is drawn.

In: plan, loaded scheme, number of assessees. Out: problems that name the key in `demo.yaml` and the
nearest name that the scheme knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from minping_engine.demo.evidence.plan import Cases, DemoPlan, OneOf, PartOf
from minping_engine.demo.evidence.reading import FILE
from minping_engine.errors import Place, Problem, SchemeError
from minping_engine.evidence.measures import CASE_COLUMNS
from minping_engine.scheme import LoadedScheme, Scheme, Unit
from minping_engine.terms import PeriodKind, period_kind

KIND_OF_COLUMNS = {"flags": "truth", "words": "text", "counts": "count"}


def check_fit(plan: DemoPlan, loaded: LoadedScheme, assessees: int) -> None:
    """Raise `SchemeError` with everything in which the plan does not fit the scheme."""
    scheme = loaded.scheme
    problems = [
        *_period_faults(plan, scheme),
        *_fact_faults(plan, scheme),
        *_mark_faults(plan, scheme),
        *(_case_faults(plan.cases, scheme) if plan.cases else ()),
        *_ballot_faults(plan, scheme),
        *(fault for number in range(len(plan.planted)) for fault in _plant_faults(plan, scheme, number)),
        *_who_faults(plan, assessees),
    ]
    if problems:
        raise SchemeError(problems)


def unknown_name(key: str, name: str, known: Iterable[str]) -> Problem:
    """A name that is not there, with the nearest one that is."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    params: dict[str, object] = {
        "name": name, "near": near[0] if near else "-", "known": ", ".join(names) or "-"
    }  # fmt: skip
    return Problem("demo.plan_unknown_name", Place(file=FILE, key=key), params)


def _unknown(key: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    there = set(known)
    for name in names:
        if name not in there:
            yield unknown_name(f"{key}.{name}", name, there)


def _period_faults(plan: DemoPlan, scheme: Scheme) -> Iterator[Problem]:
    kind = scheme.period.kind
    for period in plan.periods:
        if kind is not PeriodKind.ROUND and period_kind(period) is not kind:
            params: dict[str, object] = {"period": period, "kind": kind.value}
            yield Problem("demo.plan_period_kind", Place(file=FILE, key="periods"), params)
    if len(set(plan.periods)) < len(plan.periods):
        params = {"reason": "a period stands twice"}
        yield Problem("demo.plan_invalid", Place(file=FILE, key="periods"), params)


def _fact_faults(plan: DemoPlan, scheme: Scheme) -> Iterator[Problem]:
    units = {fact.id: fact.unit for fact in scheme.facts}
    yield from _unknown("facts", plan.facts, units)
    for name, draw in plan.facts.items():
        place = Place(file=FILE, key=f"facts.{name}")
        is_text = units.get(name) is Unit.TEXT
        if is_text and not isinstance(draw, OneOf):
            yield Problem("demo.plan_text_fact", place, {"name": name})
        if isinstance(draw, OneOf) and name in units and not is_text:
            for value in draw.one_of:
                if isinstance(value, str):
                    yield Problem("demo.plan_number_fact", place, {"name": name, "value": value})
        if isinstance(draw, PartOf):
            yield from _part_faults(plan, name)


def _part_faults(plan: DemoPlan, name: str) -> Iterator[Problem]:
    """A part of something that is drawn, not of itself and not of a word."""
    seen = [name]
    draw = plan.facts[name]
    while isinstance(draw, PartOf):
        whole = draw.part_of
        if whole not in plan.facts or isinstance(plan.facts[whole], OneOf):
            numbers = (fact for fact, known in plan.facts.items() if not isinstance(known, OneOf))
            yield unknown_name(f"facts.{seen[-1]}.part_of", whole, numbers)
            return
        if whole in seen:
            path = " → ".join([*seen, whole])
            yield Problem("demo.plan_circle", Place(file=FILE, key=f"facts.{name}"), {"path": path})
            return
        seen.append(whole)
        draw = plan.facts[whole]


def _mark_faults(plan: DemoPlan, scheme: Scheme) -> Iterator[Problem]:
    yield from _unknown("marks", plan.marks, (group.id for group in scheme.raters))
    for name, marks in plan.marks.items():
        if marks.kinds and sum(marks.kinds.values()) != marks.raters:
            params: dict[str, object] = {"sum": sum(marks.kinds.values()), "raters": marks.raters}
            yield Problem("demo.plan_raters", Place(file=FILE, key=f"marks.{name}.kinds"), params)


def _case_faults(cases: Cases, scheme: Scheme) -> Iterator[Problem]:
    drawn = {"flags": list(cases.flags), "words": list(cases.words), "counts": list(cases.counts)}
    for part, kind in KIND_OF_COLUMNS.items():
        known = [name for name, found in CASE_COLUMNS.items() if found == kind and name != "excluded"]
        yield from _unknown(f"cases.{part}", drawn[part], known)
    before: list[str] = []
    for name, flag in cases.flags.items():
        if flag.given is not None and flag.given not in before:
            yield unknown_name(f"cases.flags.{name}.given", flag.given, before)
        before.append(name)
    yield from _unknown("cases.excluded", cases.excluded, (left.id for left in scheme.exclusions))


def _ballot_faults(plan: DemoPlan, scheme: Scheme) -> Iterator[Problem]:
    place = Place(file=FILE, key="ballots")
    if scheme.instruments and plan.ballots is None:
        yield Problem("demo.plan_no_ballots", place)
    if plan.ballots is not None and not scheme.instruments:
        yield Problem("demo.plan_no_questionnaire", place)


def _plant_faults(plan: DemoPlan, scheme: Scheme, number: int) -> Iterator[Problem]:
    key, plant = f"planted.{number}", plan.planted[number]
    units = {fact.id: fact.unit for fact in scheme.facts}
    yield from _unknown(f"{key}.facts", plant.facts, units)
    yield from _unknown(f"{key}.periods", plant.periods, plan.periods)
    for name, value in plant.facts.items():
        place = Place(file=FILE, key=f"{key}.facts.{name}")
        if name in units and isinstance(value, str) != (units[name] is Unit.TEXT):
            code = "demo.plan_number_fact" if isinstance(value, str) else "demo.plan_text_fact"
            yield Problem(code, place, {"name": name, "value": value})


def _who_faults(plan: DemoPlan, assessees: int) -> Iterator[Problem]:
    for number, plant in enumerate(plan.planted):
        for name, who in (("who", plant.who), ("same_as", plant.same_as)):
            if who is not None and who >= assessees:
                place = Place(file=FILE, key=f"planted.{number}.{name}")
                yield Problem("demo.plan_who", place, {"who": who, "last": assessees - 1})
        if plant.same_as == plant.who:
            place = Place(file=FILE, key=f"planted.{number}.same_as")
            yield Problem("demo.plan_invalid", place, {"reason": "nobody is the same as herself"})
