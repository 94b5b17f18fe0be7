"""Publications as bureau and auditor see them: the register, one publication, files of offices."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from minping_web.assessments.models import AssessmentRun
from minping_web.common.scope import Scope
from minping_web.publications.models import Publication, PublishedFile
from minping_web.publications.selectors.ready import may_see


def publications_seen(scope: Scope, *, search: str = "") -> QuerySet[Publication]:
    """All, newest first; none without the right in the whole district."""
    if not may_see(scope):
        return Publication.objects.none()
    rows = Publication.objects.select_related("round", "run__scheme", "published_by", "supersedes")
    rows = rows.order_by("-pk")
    return rows.filter(round__name__icontains=search) if search else rows


def with_files(rows: QuerySet[Publication]) -> Any:
    """With `n_files`; counted apart, since joined each publication would come a thousand times."""
    files = PublishedFile.objects.filter(publication=OuterRef("pk")).order_by().values("publication")
    return rows.annotate(n_files=Coalesce(Subquery(files.annotate(n=Count("pk")).values("n")), 0))


def publication_seen(scope: Scope, publication_id: int) -> Publication:
    """One of them, else 404."""
    return get_object_or_404(publications_seen(scope).select_related("proposed_by", "run__snapshot"),
                             pk=publication_id)  # fmt: skip


def office_files(publication: Publication) -> QuerySet[PublishedFile]:
    """What offices alone get: workbooks, then cards by community, then single cards."""
    rows = publication.files.filter(is_public=False)
    return rows.order_by(_has("/cards/").asc(), _has("/communities/").desc(), "path")


def _has(part: str) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(Q(path__contains=part), output_field=BooleanField())


def file_seen(scope: Scope, publication_id: int, file_id: int) -> PublishedFile:
    """A file of it, for offices too; else 404."""
    return get_object_or_404(publication_seen(scope, publication_id).files, pk=file_id)


def run_seen(scope: Scope, run_id: int) -> AssessmentRun:
    """A result that may be looked at before it is published, else 404."""
    rows = AssessmentRun.objects.select_related("round", "scheme", "snapshot")
    return get_object_or_404(rows if may_see(scope) else rows.none(), pk=run_id)
