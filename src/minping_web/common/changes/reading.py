"""Who may read about an act: whoever looks after all of its places as they lie today.

Nobody reads about their own acts for longer than they hold the right: who left a street does not go on
reading about it. Acts without a place concern the whole district.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from minping_web.common.models import ChangePlace, ChangeSet, Proposal
from minping_web.common.scope import PATH_END, PATH_STEP, Reach, Scope

VIEW = ".view"
BATCH = 500


def readable_by(scope: Scope) -> QuerySet[ChangeSet]:
    """The acts of each register whose places lie where the scope holds the register's `.view`."""
    seen = Q(pk__in=())
    for permission, reach in scope.reaches.items():
        if not permission.endswith(VIEW):
            continue
        of_app = Q(kind__startswith=permission.removesuffix(VIEW) + ".")
        if reach.whole:
            seen |= of_app
        elif reach.paths:
            seen |= of_app & inside(reach)
    return ChangeSet.objects.filter(seen).select_related("actor", "undone_by")


def inside(reach: Reach) -> Q:
    """Acts that have places, none of them outside."""
    under = Q(pk__in=())
    for root in reach.paths:
        under |= Q(path__gte=root, path__lt=root + PATH_END)
    places = ChangePlace.objects.filter(change_set=OuterRef("pk"))
    return Exists(places) & ~Exists(places.exclude(under))


def follow_paths(paths: Mapping[int, str]) -> None:
    """Areas lie elsewhere now (path by id): their earlier acts and what waits for approval go along."""
    ids = sorted(paths)
    for start in range(0, len(ids), BATCH):
        rows = list(ChangePlace.objects.filter(area_id__in=ids[start : start + BATCH]))
        changed = [row for row in rows if row.path != paths[row.area_id]]
        for row in changed:
            row.path = paths[row.area_id]
        ChangePlace.objects.bulk_update(changed, ["path"], batch_size=BATCH)
    for proposal in Proposal.objects.filter(state=Proposal.State.OPEN).exclude(area_path=""):
        path = paths.get(int(proposal.area_path[-PATH_STEP:], 16), proposal.area_path)
        if path != proposal.area_path:
            proposal.area_path = path
            proposal.save(update_fields=["area_path"])
