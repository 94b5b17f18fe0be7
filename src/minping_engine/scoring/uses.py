"""Use of results: proposals with the rule and the numbers they rest on; a person signs (S8, S31, S94).

In: outcomes of all, with every name that a rule may use. Out: `Proposal`s. Conditions that are
unknown propose nothing; who is not assessed gets no proposal unless the rule asks for it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from minping_engine.scheme import Money, Rules, Scheme, Use, decimal_text
from minping_engine.scoring.money import divide_budget, overlapping, pool_by_rank, whole_fen
from minping_engine.scoring.values import Numbers


@dataclass(frozen=True)
class Person:
    """Somebody with an outcome: all names, and uses that a veto bars."""

    assessee_id: str
    names: Numbers
    barred: frozenset[str]
    group: str = ""
    district: str = ""


@dataclass(frozen=True)
class Proposal:
    """What follows for whom: kind, money in fen, the rule as written and the numbers behind it."""

    assessee_id: str
    use: str
    kind: str
    fen: int | None
    rule: str
    basis: Mapping[str, str]


def proposals_of(scheme: Scheme, rules: Rules, people: Sequence[Person]) -> list[Proposal]:
    """All proposals, by use in the order of the scheme, then by id."""
    made: list[Proposal] = []
    for use in scheme.use:
        who = [person for person in people if _follows(use, rules, person)]
        money = _amounts(use, rules, who) if use.money else {}
        for person in who:
            if use.money is None or person.assessee_id in money:
                made.append(_proposal(use, rules, person, money.get(person.assessee_id)))
    return made


def _follows(use: Use, rules: Rules, person: Person) -> bool:
    if use.id in person.barred:
        return False
    rule = rules.get(f"use.{use.id}.when")
    return rule.evaluate(person.names) is True if rule else person.names.get("assessed") is True


def _amounts(use: Use, rules: Rules, who: Sequence[Person]) -> dict[str, int]:
    """Fen by assessee; who is not named gets nothing."""
    money = use.money
    assert money is not None
    if money.by_grade is not None:
        return {
            person.assessee_id: money.by_grade[str(person.names["grade"])]
            for person in who
            if person.names.get("grade") in money.by_grade
        }
    if money.by_rank is not None:
        return _each(who, "group", lambda group: pool_by_rank(money.by_rank or (), _places(money, group)))
    if money.weights is not None:
        place = f"use.{use.id}.money.weights"
        return _each(
            who, "district", lambda own: divide_budget(money.budget or 0, _evaluated(place, rules, own))
        )
    amounts = _evaluated(f"use.{use.id}.money.amount", rules, who)
    return {name: whole_fen(amount) for name, amount in amounts.items()}


def _each(
    who: Sequence[Person], key: str, divide: Callable[[Sequence[Person]], dict[str, int]]
) -> dict[str, int]:
    """Places are those of a comparison group, a budget is a district's: each pot is divided by itself."""
    made: dict[str, int] = {}
    for name in sorted({getattr(person, key) for person in who}):
        made |= divide([person for person in who if getattr(person, key) == name])
    return made


def _places(money: Money, who: Sequence[Person]) -> dict[str, int]:
    """Place of each who has one; with `told_apart` one for all whose places errors do not tell apart."""
    known = {
        person.assessee_id: tuple(int(value) for value in places if isinstance(value, Fraction))
        for person in who
        if (places := [person.names.get(name) for name in ("rank", "rank_low", "rank_high")])
    }
    if money.by_rank_ties == "exact":
        return {name: places[0] for name, places in known.items() if places}
    return overlapping({name: (places[1], places[2]) for name, places in known.items() if places})


def _evaluated(place: str, rules: Rules, who: Sequence[Person]) -> dict[str, Fraction]:
    """Values that are known and not below nothing."""
    values = {person.assessee_id: rules[place].evaluate(person.names) for person in who}
    return {name: max(value, Fraction(0)) for name, value in values.items() if isinstance(value, Fraction)}


def _proposal(use: Use, rules: Rules, person: Person, fen: int | None) -> Proposal:
    used: set[str] = set()
    for place in (f"use.{use.id}.when", f"use.{use.id}.money.amount", f"use.{use.id}.money.weights"):
        if rule := rules.get(place):
            used |= rule.names
    used |= {"grade"} if use.money and use.money.by_grade else set()
    used |= {"rank"} if use.money and use.money.by_rank else set()
    basis = {name: _as_text(person.names.get(name)) for name in sorted(used)}
    return Proposal(person.assessee_id, use.id, use.kind, fen, _rule_text(use, use.money), basis)


def _rule_text(use: Use, money: Money | None) -> str:
    parts = [use.when or "assessed"]
    if money is not None:
        parts.append(
            money.amount
            or (f"{money.budget} * share({money.weights})" if money.weights else "")
            or ("by_grade" if money.by_grade is not None else "by_rank")
        )
    return " -> ".join(parts)


def _as_text(value: object) -> str:
    """A value as a person reads it and can check it: a decimal in full, or a fraction that has no end."""
    if isinstance(value, Fraction):
        return decimal_text(value)
    return "-" if value is None else str(value)
