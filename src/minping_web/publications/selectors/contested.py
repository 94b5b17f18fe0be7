"""Objections to each result and what came of them, for everybody: every round that was previewed (D8, D11).

Numbers of whole rounds only: no name, no place, no text. A round that nobody objected to stands there with
its noughts, and one whose result is not published yet stands there as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet

from minping_web.common.clock import today
from minping_web.objections.models import Preview
from minping_web.objections.selectors import counts
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import current_publications
from minping_web.publications.selectors.told import told_counts


@dataclass(frozen=True)
class Contested:
    """One round with its counts."""

    name: str
    period: str
    is_open: bool
    """Whether objections are taken today."""
    ends_on: date
    told: list[tuple[str, int]]
    undecided: int
    corrections: int
    publication: Publication | None


def previewed_rounds() -> QuerySet[Preview]:
    """Of each round the newest preview, the newest round first."""
    newest = Preview.objects.values("run__round").annotate(newest=Max("pk")).values("newest")
    rows = Preview.objects.filter(pk__in=newest).select_related("run__round", "run__snapshot")
    return rows.order_by("-run__round__period", "-pk")


def contested(previews: list[Preview]) -> list[Contested]:
    """What the public reads of these rounds."""
    rounds = [one.run.round_id for one in previews]
    published = {one.round_id: one for one in current_publications().filter(round__in=rounds)}
    return [_told(one, published.get(one.run.round_id)) for one in previews]


def _told(preview: Preview, publication: Publication | None) -> Contested:
    is_newer = publication is not None and publication.run_id > preview.run_id
    found = counts(publication.run if publication and is_newer else preview.run)
    at = preview.run.round
    return Contested(
        at.name, at.period, preview.is_open(today()), preview.ends_on, told_counts(found),
        found["objections"]["open"], found["corrections"], publication,
    )  # fmt: skip
