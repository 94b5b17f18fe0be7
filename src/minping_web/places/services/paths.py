"""Paths follow parents: rewriting a subtree, and mending what an undo left behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minping_web.common.changes import Recorder, follow_paths
from minping_web.common.events import tell
from minping_web.common.models import ChangeSet
from minping_web.common.scope import PATH_END, Scope
from minping_web.places.events import AreasMoved
from minping_web.places.models import Area, step_of


def lock_tree() -> None:
    """One change of structure at a time: holds the roots until the transaction ends."""
    list(Area.objects.select_for_update().filter(parent=None).order_by("pk").values_list("pk"))


def set_parent(recorder: Recorder, area: Area, parent: Area | None) -> None:
    """Hang an area under another one and rewrite the paths of all below."""
    old, new = area.path, area.path_below(parent)
    below = Area.objects.filter(path__gt=old, path__lt=old + PATH_END).order_by("path")
    rows: Sequence[Area] = list(below)
    recorder.update_many([(area, {"parent": parent, "path": new})])
    recorder.update_many([(row, {"path": new + row.path[len(old) :]}) for row in rows])
    tell_moved([area.pk], {row.pk: row.path for row in [area, *rows]})


def tell_moved(moved: Sequence[int], paths: Mapping[int, str]) -> None:
    """These areas hang under another parent; `paths` of all that lie elsewhere: earlier acts follow them."""
    follow_paths(paths)
    if moved:
        tell(AreasMoved(tuple(moved)))


def true_paths(parents: dict[int, int | None]) -> dict[int, str]:
    """The path of every area by the parents alone."""
    found: dict[int, str] = {}
    for start in parents:
        chain = []
        step: int | None = start
        while step is not None and step not in found:
            chain.append(step)
            step = parents[step]
        for pk in reversed(chain):
            above = parents[pk]
            found[pk] = (found[above] if above is not None else "") + step_of(pk)
    return found


def mend_paths(scope: Scope, change_set: ChangeSet) -> None:
    """After an undo: areas that were added below a moved one since then follow it back."""
    moved = [int(change.object_id) for change in change_set.changes.filter(model="places.area")]
    rows = {area.pk: area for area in Area.objects.only("pk", "parent_id", "path")}
    right = true_paths({pk: area.parent_id for pk, area in rows.items()})
    wrong = [area for pk, area in rows.items() if area.path != right[pk]]
    for area in wrong:
        area.path = right[area.pk]
    Area.objects.bulk_update(wrong, ["path"], batch_size=500)
    tell_moved(moved, {pk: right[pk] for pk in {*moved, *(area.pk for area in wrong)} if pk in right})
