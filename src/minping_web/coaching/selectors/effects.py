"""Whether help helped, plan by plan and over all plans, from two published results (docs/method/coaching.md).

In: a publication; the one before it of the same scheme, and the one before that where there is one. Out: the
engine's verdicts in words. Nothing is stored: the page is made again from files that anybody can recheck.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet
from django.utils import timezone

from minping_engine.coaching import (
    Plan,
    PlanEffect,
    PlanEffects,
    PlanWindow,
    TwoRounds,
    difference_in_words,
    effect_in_words,
    judge_plans,
)
from minping_engine.errors import MinpingError, Problem
from minping_web.coaching.models import CoachingPlan
from minping_web.coaching.rules.words import HELPED, page_language
from minping_web.coaching.selectors.evidence import by_assessee, has_files, rows_of
from minping_web.coaching.selectors.plans import plans_seen
from minping_web.common.scope import Scope
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import current_publications

Row = dict[str, Any]
ADJUSTED = ("adjusted", "typical_se")
"""At one mix of respondents, modes and ground; errors as if ballots scattered alike everywhere."""
DIRECT = ("direct", "direct_se")
FEWEST_OTHERS = 5
"""Judged plans of other places below which counts over all plans would tell about single persons."""


@dataclass(frozen=True)
class Judged:
    """One plan with what is said of it."""

    plan: CoachingPlan
    effect: PlanEffect
    words: tuple[str, ...]


@dataclass(frozen=True)
class Effects:
    """What the page shows. `problems`: why the engine judges nothing."""

    first: Publication | None
    second: Publication
    earlier: Publication | None = None
    rows: tuple[Judged, ...] = ()
    made: PlanEffects | None = None
    overall: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def judged(self) -> int:
        """Plans with a verdict."""
        return sum(one.effect.difference is not None for one in self.rows)

    @property
    def lacks_earlier(self) -> bool:
        """Plans were given for a fall and there is no round before: luck that turns looks like help."""
        fell = any(reason["kind"] == "fall" for one in self.rows for reason in one.plan.reasons)
        return fell and self.earlier is None

    def counted(self, verdict: str) -> int:
        """Plans with this verdict."""
        found = (one.effect.difference for one in self.rows)
        return sum(one is not None and one.verdict == verdict for one in found)


def publications_to_compare() -> QuerySet[Publication]:
    """Results that hold, newest first; any of them may be the second of two."""
    return current_publications()


def effects_at(second: Publication) -> Effects:
    """Every plan that ran between the publication before and this one."""
    before = _before(second)
    first, earlier = (before[0] if before else None), (before[1] if len(before) > 1 else None)
    if first is None or not (has_files(first.run) and has_files(second.run)):
        return Effects(first, second)
    if earlier is not None and not has_files(earlier.run):
        earlier = None
    window = _window(first, second)
    plans = _plans(window)
    try:
        made, known = _judged(first, second, earlier, plans, window)
    except MinpingError as error:
        return Effects(first, second, earlier, problems=tuple(error.problems))
    return _in_words(Effects(first, second, earlier), made, known)


def _before(second: Publication) -> list[Publication]:
    """Results of earlier periods under the same scheme that hold, newest first; each period once."""
    rows = current_publications().filter(
        round__scheme__scheme_id=second.run.scheme.scheme_id, round__subject=second.round.subject,
        round__period__lt=second.round.period,
    )  # fmt: skip
    found: dict[str, Publication] = {}
    for row in rows:
        found.setdefault(row.round.period, row)
    return list(found.values())[:2]


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def _window(first: Publication, second: Publication) -> PlanWindow:
    """Days of fieldwork of both rounds."""
    return PlanWindow(_day(first.round.closes_at), _day(second.round.opens_at), _day(second.round.closes_at))


def _plans(window: PlanWindow) -> list[CoachingPlan]:
    """Of each assessee the plan that began between the rounds, else the one that went on at that time."""
    rows = CoachingPlan.objects.filter(
        Q(state__in=HELPED), Q(ended_on__isnull=True) | Q(ended_on__gt=window.first_ends),
        starts_on__isnull=False, starts_on__lte=window.second_ends,
    )  # fmt: skip
    found: dict[str, CoachingPlan] = {}
    for plan in rows.select_related("area", "person", "partner").order_by("starts_on", "pk"):
        known = found.get(plan.assessee_id)
        if known is None or (known.starts_on and known.starts_on <= window.first_ends):
            found[plan.assessee_id] = plan
    return list(found.values())


def _judged(
    first: Publication, second: Publication, earlier: Publication | None, plans: Sequence[CoachingPlan],
    window: PlanWindow,
) -> tuple[PlanEffects, list[CoachingPlan]]:  # fmt: skip
    tables = [by_assessee(rows_of(one.run, "scores")) if one else {} for one in (first, second, earlier)]
    who = sorted(set(tables[0]) | set(tables[1]))
    columns = _columns(tables[:2])
    arrays = [_arrays(table, who, columns) for table in tables]
    rounds = TwoRounds(
        *arrays[0], *arrays[1], group=_groups(tables[:2], who),
        earlier=arrays[2][0] if earlier else None, earlier_se=arrays[2][1] if earlier else None,
    )  # fmt: skip
    place = {name: at for at, name in enumerate(who)}
    known = [plan for plan in plans if plan.assessee_id in place and plan.starts_on]
    asked = [Plan(place[plan.assessee_id], plan.starts_on) for plan in known if plan.starts_on]
    return judge_plans(rounds, asked, window), known


def _columns(tables: Iterable[dict[str, Row]]) -> tuple[str, str]:
    """Levelled scores where both rounds have them, else direct ones: never one of each."""
    levelled = all(any(row["adjusted"] is not None for row in table.values()) for table in tables)
    return ADJUSTED if levelled else DIRECT


def _arrays(table: dict[str, Row], who: Sequence[str], columns: tuple[str, str]) -> tuple[Any, Any]:
    """Scores with errors in the order of `who`, NaN where not assessed; errors of the scatter of all."""
    value, se, n = (np.full(len(who), np.nan) for _ in range(3))
    for at, name in enumerate(who):
        row = table.get(name, {})
        if (
            row
            and row["status"] == "assessed"
            and row[columns[0]] is not None
            and row[columns[1]] is not None
        ):
            value[at], se[at], n[at] = row[columns[0]], row[columns[1]], row["n_ballots"]
    known = ~np.isnan(se) & (n > 0)
    if columns == DIRECT and known.any():
        se[known] = np.sqrt(float(np.mean(se[known] ** 2 * n[known])) / n[known])
    wrong = ~(np.isfinite(se) & (se > 0))
    value[wrong] = np.nan
    se[wrong] = np.nan
    return value, se


def _groups(tables: Sequence[dict[str, Row]], who: Sequence[str]) -> Any:
    """Comparison groups of the first round, of the second where somebody is new."""
    labels = [
        str((tables[0].get(name) or tables[1].get(name) or {}).get("comparison_group") or "") for name in who
    ]
    return np.unique(np.array(labels), return_inverse=True)[1].astype(np.int64)


def _in_words(empty: Effects, made: PlanEffects, plans: Sequence[CoachingPlan]) -> Effects:
    language = page_language()
    rows = tuple(
        Judged(plan, effect, effect_in_words(effect, language, percent=made.percent))
        for plan, effect in zip(plans, made.plans, strict=True)
    )
    said = difference_in_words(made.overall, language, percent=made.percent) if made.overall else ()
    return Effects(empty.first, empty.second, empty.earlier, rows, made, said)


def seen_of(scope: Scope, found: Effects) -> tuple[Judged, ...]:
    """The plans of the scope's places, by place and name."""
    seen = set(
        plans_seen(scope).filter(pk__in=[one.plan.pk for one in found.rows]).values_list("pk", flat=True)
    )
    rows = [one for one in found.rows if one.plan.pk in seen]
    return tuple(sorted(rows, key=lambda one: (one.plan.area.path if one.plan.area else "", one.plan.name)))


def tells_all(found: Effects, rows: Sequence[Judged]) -> bool:
    """Whether counts over all plans may stand beside these rows without telling of a few others."""
    others = found.judged - sum(one.effect.difference is not None for one in rows)
    return others == 0 or others >= FEWEST_OTHERS
