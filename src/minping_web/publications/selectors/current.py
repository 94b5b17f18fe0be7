"""Which result of a round holds."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from minping_web.publications.models import Publication

FOLDER = "publications"


def current_publications() -> QuerySet[Publication]:
    """Of each round the one that no correction took the place of, newest period first."""
    rows = Publication.objects.filter(superseded_at=None).select_related(
        "run__scheme", "run__snapshot", "round"
    )
    return rows.order_by("-round__period", "-pk")


def publication_of_round(round_id: int) -> Publication | None:
    """The one that holds."""
    return current_publications().filter(round=round_id).first()


def folder_of(publication: Publication) -> Path:
    """Where its files lie."""
    return Path(settings.DATA_FOLDER) / FOLDER / publication.folder


def earlier_of(former: Publication | None) -> list[Publication]:
    """A publication and all that it corrects, newest first: all of them are public."""
    found = []
    while former is not None:
        found.append(former)
        former = former.supersedes
    return found
