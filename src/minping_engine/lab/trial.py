"""Trying a change: every snapshot assessed by the scheme in force and by the changed one.

In: two loaded schemes, sealed snapshots, a seed. Out: `Trial`. Both runs are ordinary assessments into a
folder that is thrown away; snapshots are not touched. Earlier outcomes stay as they were sealed: the
trial says what the changed rules would have made of this round, not of a different past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from minping_engine.assessment import Result, assess
from minping_engine.errors import RefusedError
from minping_engine.evidence import scheduler_named
from minping_engine.lab.changes import diff_schemes
from minping_engine.lab.model import Person, RoundTrial, Standing, Trial, UseMoney
from minping_engine.lab.stability import Plan, stability_of
from minping_engine.scheme import LoadedScheme, Use
from minping_engine.snapshot import Snapshot

MOST_DRAWS = 100_000
EMPTY = Standing(None, None, None, None, None, None, None, None, frozenset(), frozenset(), {})
"""Somebody whom a scheme does not know."""


def try_scheme(
    base: LoadedScheme,
    changed: LoadedScheme,
    snapshots: Sequence[Snapshot],
    *,
    seed: int,
    draws: int = 1000,
    spread_percent: int = 20,
) -> Trial:
    """What `changed` would have made of each snapshot, beside what `base` makes of it.

    `draws` sets of weights, each weight within ± `spread_percent` of its own, show how far grades and
    places of the changed scheme hang on them. Raises `RefusedError` where the two cannot be compared, and
    whatever an assessment raises.
    """
    _refuse(base, changed, snapshots, draws, spread_percent)
    plan = Plan(seed, draws, spread_percent)
    rounds = tuple(_round(base, changed, snapshot, plan) for snapshot in snapshots)
    changes = {language: tuple(diff_schemes(base, changed, language)) for language in ("zh", "en")}
    return Trial(base, changed, rounds, seed, draws, spread_percent, changes)


def _refuse(
    base: LoadedScheme, changed: LoadedScheme, snapshots: Sequence[Snapshot], draws: int, spread: int
) -> None:
    """What cannot be tried."""
    if not snapshots:
        raise RefusedError.of("lab.no_snapshots")
    kinds = base.scheme.assessee_kind.value, changed.scheme.assessee_kind.value
    if kinds[0] != kinds[1]:
        raise RefusedError.of("lab.other_assessees", before=kinds[0], after=kinds[1])
    periods = [snapshot.period for snapshot in snapshots]
    for period in sorted({period for period in periods if periods.count(period) > 1}):
        raise RefusedError.of("lab.period_twice", period=period)
    if not 1 <= draws <= MOST_DRAWS:
        raise RefusedError.of("lab.draws", draws=draws, most=MOST_DRAWS)
    if not 0 <= spread < 100:
        raise RefusedError.of("lab.spread", spread=spread)


def _round(base: LoadedScheme, changed: LoadedScheme, snapshot: Snapshot, plan: Plan) -> RoundTrial:
    before, after = assessed(snapshot, base), assessed(snapshot, changed)
    rows = _standings(before), _standings(after)
    people = tuple(_person(name, *rows) for name in sorted({*rows[0], *rows[1]}))
    return RoundTrial(
        snapshot.period,
        bool(snapshot.manifest.get("synthetic")),
        people,
        _money(base, changed, people),
        stability_of(snapshot, changed, after, plan),
    )


def assessed(snapshot: Snapshot, scheme: LoadedScheme) -> Result:
    """The ordinary result; its traces are thrown away."""
    with TemporaryDirectory() as folder:
        return assess(snapshot, scheme, Path(folder) / "out", scheduler_named("serial"))


Rows = Mapping[str, tuple[Mapping[str, Any], Standing]]


def _standings(result: Result) -> Rows:
    money: dict[str, dict[str, int]] = {}
    for row in result["proposals"].to_pylist():
        if row["fen"] is not None:
            money.setdefault(row["assessee_id"], {})[row["use"]] = row["fen"]
    rows = result["outcomes"].to_pylist()
    return {row["assessee_id"]: (row, _standing(row, money.get(row["assessee_id"], {}))) for row in rows}


def _standing(row: Mapping[str, Any], money: Mapping[str, int]) -> Standing:
    return Standing(
        score=row["score"],
        exact=row["score_exact"],
        rank=row["rank"],
        rank_low=row["rank_low"],
        rank_high=row["rank_high"],
        grade=row["grade"],
        step=row["grade_step"],
        reason=row["reason"],
        vetoes=frozenset(row["vetoes"].split()),
        cards=frozenset(row["cards"].split()),
        money=money,
    )


def _person(name: str, before: Rows, after: Rows) -> Person:
    row = (after.get(name) or before[name])[0]
    first, last = before.get(name), after.get(name)
    return Person(name, row["name"], row["group"], first[1] if first else EMPTY, last[1] if last else EMPTY)


def _money(base: LoadedScheme, changed: LoadedScheme, people: Sequence[Person]) -> tuple[UseMoney, ...]:
    """Uses with money under either scheme, in the order of the changed one."""
    was = {use.id: use for use in base.scheme.use if use.money}
    now = {use.id: use for use in changed.scheme.use if use.money}
    return tuple(
        _use_money(name, was.get(name), now.get(name), people) for name in [*now, *(was.keys() - now)]
    )


def _use_money(name: str, was: Use | None, now: Use | None, people: Sequence[Person]) -> UseMoney:
    before = [person.before.money[name] for person in people if name in person.before.money]
    after = [person.after.money[name] for person in people if name in person.after.money]
    use = now or was
    assert use is not None
    return UseMoney(
        use=name,
        title_zh=use.text.zh,
        title_en=use.text.en,
        before=sum(before),
        after=sum(after),
        paid_before=len(before),
        paid_after=len(after),
        budget_before=_budget(was),
        budget_after=_budget(now),
    )


def _budget(use: Use | None) -> int | None:
    """A budget that the rule divides."""
    return use.money.budget if use and use.money and use.money.weights else None
