"""Every edit of a register goes through a `Recorder`: rows before and after, one change set, undo.

A preview is the same edit in a transaction that is rolled back, so it cannot differ from what would
happen. Undo walks the changes backwards and refuses, naming all rows, where a row was changed since.
The first part of a kind (`places.import`) names the app: `places.view` lets people read its change sets
where they happened, `places.edit` lets them undo.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.apps import apps
from django.core import serializers
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet

from minping_engine.errors import Place, Problem
from minping_web.common.clock import now
from minping_web.common.differences import Difference, Row, area_path_of, row_of
from minping_web.common.models import Change, ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import PATH_END, Scope

M = TypeVar("M", bound=models.Model)
BATCH = 500
VIEW = ".view"
PATH_STEP = 6
"""Hex digits per id in a path; common beginnings of paths are cut to whole steps."""


@dataclass
class Recorder:
    """Writes rows and remembers them; unchanged rows leave no trace."""

    scope: Scope
    kind: str
    title: str
    area_path: str | None = None
    differences: list[Difference] = field(default_factory=list)
    unchanged: int = 0
    change_set: ChangeSet | None = None
    _paths: set[str] = field(default_factory=set)

    def create(self, instance: models.Model) -> models.Model:
        """Insert a row."""
        instance.save(force_insert=True)
        self._note(instance, None, row_of(instance))
        return instance

    def create_many(
        self,
        instances: Sequence[M],
        *,
        complete: Callable[[M], None] | None = None,
        fields: Sequence[str] = (),
    ) -> None:
        """Insert rows of one model at once; `complete` sets `fields` that need the new id."""
        if not instances:
            return
        manager = type(instances[0])._default_manager
        manager.bulk_create(instances, batch_size=BATCH)
        if complete:
            for instance in instances:
                complete(instance)
            manager.bulk_update(instances, list(fields), batch_size=BATCH)
        for instance in instances:
            self._note(instance, None, row_of(instance))

    def update(self, instance: models.Model, **values: object) -> bool:
        """Set fields of a row; False when they had these values already."""
        before = row_of(instance)
        for name, value in values.items():
            setattr(instance, name, value)
        instance.save()
        instance.refresh_from_db()
        return self._note_update(instance, before)

    def update_many(self, rows: Sequence[tuple[models.Model, Row]]) -> None:
        """Set fields of many rows of one model; values must be of the fields' own types already."""
        names: set[str] = set()
        changed: list[models.Model] = []
        for instance, values in rows:
            before = row_of(instance)
            for name, value in values.items():
                setattr(instance, name, value)
            if self._note_update(instance, before):
                changed.append(instance)
                names.update(values)
        if changed:
            type(changed[0])._default_manager.bulk_update(changed, sorted(names), batch_size=BATCH)

    def delete(self, instance: models.Model) -> None:
        """Remove a row; raises `RefusedError` where something refers to it."""
        key, before, label = str(instance.pk), row_of(instance), str(instance)
        try:
            instance.delete()
        except models.ProtectedError:
            raise RefusedError.of("change.still_used", Place(), label=label) from None
        self.differences.append(Difference(_name(instance), key, label, before, None))
        self._note_path(instance)

    def count(self, kind: str) -> int:
        """How many rows were created, updated or deleted."""
        return sum(difference.kind == kind for difference in self.differences)

    @property
    def where(self) -> str:
        """The narrowest path around all rows; empty for the whole district."""
        if self.area_path is not None:
            return self.area_path
        first, last = min(self._paths, default=""), max(self._paths, default="")
        same = next(
            (at for at, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), None
        )
        length = min(len(first), len(last)) if same is None else same
        return first[: length - length % PATH_STEP]

    @property
    def digest(self) -> str:
        """What a person confirms: equal for equal plans, also when ids of new rows differ."""
        told = sorted(
            f"{d.kind}|{d.model}|{'' if d.before is None else d.object_id}|{d.label}|"
            + json.dumps(d.before, sort_keys=True, ensure_ascii=False)
            for d in self.differences
        )
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def _note_update(self, instance: models.Model, before: Row) -> bool:
        after = row_of(instance)
        if before == after:
            self.unchanged += 1
            return False
        if "path" in before:
            self._paths.add(str(before["path"]))
        self._note(instance, before, after)
        return True

    def _note(self, instance: models.Model, before: Row | None, after: Row) -> None:
        self.differences.append(Difference(_name(instance), str(instance.pk), str(instance), before, after))
        self._note_path(instance)

    def _note_path(self, instance: models.Model) -> None:
        if self.area_path is None and (path := area_path_of(instance)) is not None:
            self._paths.add(path)


def _name(instance: models.Model) -> str:
    return instance._meta.label_lower


@contextmanager
def recording(scope: Scope, kind: str, title: str, *, area_path: str | None = None) -> Iterator[Recorder]:
    """One transaction, one change set. Nothing is kept when the block raises or changes nothing.

    `area_path` says where it happens; without it the rows' own places decide.
    """
    recorder = Recorder(scope, kind, title, area_path)
    with transaction.atomic():
        yield recorder
        if recorder.differences:
            recorder.change_set = _store(recorder)


def preview(edit: Callable[[], Recorder]) -> Recorder:
    """Run an edit and take it back at once; its recorder says what would happen."""
    with transaction.atomic():
        recorder = edit()
        transaction.set_rollback(True)
    recorder.change_set = None
    return recorder


def _store(recorder: Recorder) -> ChangeSet:
    stored = ChangeSet.objects.create(
        kind=recorder.kind,
        title=recorder.title[:200],
        area_path=recorder.where,
        actor_id=recorder.scope.user_id,
        actor_label=recorder.scope.label,
        made_at=now(),
        created=recorder.count("created"),
        updated=recorder.count("updated"),
        deleted=recorder.count("deleted"),
    )
    Change.objects.bulk_create(
        [
            Change(change_set=stored, model=d.model, object_id=d.object_id, before=d.before, after=d.after)
            for d in recorder.differences
        ],
        batch_size=1000,
    )
    return stored


AfterUndo = Callable[[Scope, ChangeSet], None]
_after_undo: dict[str, AfterUndo] = {}


def after_undo(app: str, mend: AfterUndo) -> None:
    """Have an app put its derived columns in order, in the transaction of each undo of its change sets."""
    _after_undo[app] = mend


def readable_by(scope: Scope) -> QuerySet[ChangeSet]:
    """What this scope may read about: its own acts, and those inside its reach."""
    seen = Q(actor_id=scope.user_id) if scope.user_id is not None else Q(pk__in=())
    for permission, reach in scope.reaches.items():
        if not permission.endswith(VIEW):
            continue
        of_app = Q(kind__startswith=permission.removesuffix(VIEW) + ".")
        if reach.whole:
            seen |= of_app
        for root in reach.paths:
            seen |= of_app & Q(area_path__gte=root, area_path__lt=root + PATH_END)
    return ChangeSet.objects.filter(seen).select_related("actor", "undone_by")


def may_undo(scope: Scope, change_set: ChangeSet) -> bool:
    """Whether the scope may take a change set back: the app's edit right all over where it happened.

    What touched no particular place needs the right everywhere, or to be one's own act.
    """
    permission = f"{change_set.kind.partition('.')[0]}.edit"
    if not change_set.area_path and scope.user_id is not None and change_set.actor_id == scope.user_id:
        return scope.may(permission)
    return scope.may(permission, change_set.area_path)


def undo(scope: Scope, change_set: ChangeSet) -> None:
    """Bring back every row as it was before; raises `RefusedError` with all rows that moved on since."""
    if not may_undo(scope, change_set):
        raise PermissionDenied(change_set.kind)
    with transaction.atomic():
        locked = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if locked.state == ChangeSet.State.UNDONE:
            raise RefusedError.of("change.undo_twice")
        changes = list(locked.changes.order_by("-pk"))
        if problems := conflicts(locked, changes):
            raise RefusedError(problems)
        for change in changes:
            _take_back(change)
        locked.state, locked.undone_by_id, locked.undone_at = ChangeSet.State.UNDONE, scope.user_id, now()
        locked.save(update_fields=["state", "undone_by", "undone_at"])
        if mend := _after_undo.get(locked.kind.partition(".")[0]):
            mend(scope, locked)


def conflicts(change_set: ChangeSet, changes: Sequence[Change] | None = None) -> list[Problem]:
    """Every row of a change set that a later, standing change set touched again."""
    rows = list(change_set.changes.order_by("-pk")) if changes is None else changes
    touched: set[tuple[str, str]] = set()
    for model in {change.model for change in rows}:
        ids = [change.object_id for change in rows if change.model == model]
        for start in range(0, len(ids), BATCH):
            later = Change.objects.filter(model=model, object_id__in=ids[start : start + BATCH])
            later = later.filter(change_set_id__gt=change_set.pk)
            later = later.exclude(change_set__state=ChangeSet.State.UNDONE)
            touched.update((model, found) for found in later.values_list("object_id", flat=True))
    return [
        Problem("change.undo_conflict", Place(), {"label": label_of(change)})
        for change in rows
        if (change.model, change.object_id) in touched
    ]


def label_of(change: Change) -> str:
    """What the row is called in the record."""
    row = change.after or change.before or {}
    return str(row.get("name") or row.get("title") or row.get("code") or f"#{change.object_id}")


def _take_back(change: Change) -> None:
    model = apps.get_model(change.model)
    instance = model._default_manager.filter(pk=change.object_id).first()
    label = label_of(change)
    try:
        with transaction.atomic():
            if change.before is None:
                if instance is not None:
                    instance.delete()
                return
            source = [{"model": change.model, "pk": change.object_id, "fields": change.before}]
            for restored in serializers.deserialize("python", source):
                restored.object.save(force_insert=instance is None)
    except models.ProtectedError:
        raise RefusedError.of("change.still_used", Place(), label=label) from None
    except IntegrityError:
        raise RefusedError.of("change.collides", Place(), label=label) from None
