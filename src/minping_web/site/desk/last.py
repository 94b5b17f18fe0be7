"""The last result as one person may see it: the own card, or the newest publication of the own place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from minping_web.common.periods import period_name
from minping_web.common.scope import Scope
from minping_web.results.rules.words import Stage
from minping_web.results.selectors.visible import own_results, places_seen, publications_seen


@dataclass(frozen=True)
class LastResult:
    """Its period and where it stands; score and range only on the own one."""

    period: str
    about: str
    url: str
    at: datetime
    score: float | None = None
    low: float | None = None
    high: float | None = None


def last_results(scope: Scope) -> list[LastResult]:
    """The own one, then that of the place; often only one of them."""
    return [one for one in (_own(scope), _of_place(scope)) if one is not None]


def _own(scope: Scope) -> LastResult | None:
    found = next((one for one in own_results(scope) if one.stage == Stage.HOLDS), None)
    if found is None or found.publication is None:
        return None
    row = found.found
    address = reverse("results:own", args=[row.pk])
    return LastResult(
        found.period, row.name, address, found.publication.published_at, row.score, row.low, row.high
    )


def _of_place(scope: Scope) -> LastResult | None:
    """The newest publication; the page of the place itself where the roles reach one place."""
    newest = publications_seen(scope).first()
    if newest is None:
        return None
    place = places_seen(scope).order_by("path").first()
    if place is None:
        address = reverse("results:list")
    else:
        address = reverse("results:place", args=[newest.pk, place.pk])
    period = period_name(newest.round.period)
    return LastResult(period, place.name if place else newest.round.name, address, newest.published_at)
