"""Taking an act back: with the rights of the act itself, and never over what happened since.

Each app says what its acts demand (`undo_rules`). Rights are asked about the rows as they lie today and
as they would lie afterwards, whoever did it. A row that differs from what the act left behind, or that
somebody signed meanwhile, is named and nothing is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.core import serializers
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, models, transaction

from minping_engine.errors import Place, Problem
from minping_web.common.changes.reading import inside
from minping_web.common.clock import now
from minping_web.common.differences import DERIVED, Row, row_of
from minping_web.common.models import Change, ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope

BATCH = 500


@dataclass(frozen=True)
class Touched:
    """One row of an act: as it is today, as it would be afterwards, as the act left it."""

    model: str
    object_id: str
    now: models.Model | None
    back: models.Model | None
    left: Row | None
    label: str

    @property
    def both(self) -> list[models.Model]:
        """Today's row and the row of afterwards, as far as there are any."""
        return [row for row in (self.now, self.back) if row is not None]


Rows = Sequence[Touched]


def _no_lock() -> None:
    """Most registers need no lock but that of their rows."""


def _no_obstacles(_scope: Scope, _rows: Rows) -> list[Problem]:
    return []


def _nothing_to_mend(_scope: Scope, _change_set: ChangeSet) -> None:
    """Registers without derived columns."""


@dataclass(frozen=True)
class UndoRules:
    """What an app says about taking back its acts.

    `require` raises `PermissionDenied`; it is not asked for who holds `<app>.edit` everywhere. `obstacles`
    names what must not be undone (signed, closed). `mend` puts derived columns in order afterwards.
    """

    require: Callable[[Scope, Rows], None]
    obstacles: Callable[[Scope, Rows], list[Problem]] = _no_obstacles
    lock: Callable[[], None] = _no_lock
    mend: Callable[[Scope, ChangeSet], None] = _nothing_to_mend


_rules: dict[str, UndoRules] = {}


def undo_rules(app: str, rules: UndoRules) -> None:
    """Called by an app when it is loaded; acts of an app without rules belong to the whole district."""
    _rules[app] = rules


def may_undo(scope: Scope, change_set: ChangeSet) -> bool:
    """Whether the scope may take this act back, by the rights of the act at every row's present place."""
    app = change_set.kind.partition(".")[0]
    reach = scope.reach(f"{app}.edit")
    if reach.whole:
        return True
    if app not in _rules or not ChangeSet.objects.filter(inside(reach), pk=change_set.pk).exists():
        return False
    try:
        _rules[app].require(scope, _touched(change_set.changes.order_by("pk")))
    except PermissionDenied:
        return False
    return True


def undo(scope: Scope, change_set: ChangeSet) -> None:
    """Bring back every row as it was before; raises `RefusedError` with everything in the way."""
    rules = _rules.get(change_set.kind.partition(".")[0])
    with transaction.atomic():
        locked = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if rules:
            rules.lock()
        changes = list(locked.changes.order_by("-pk"))
        rows = _touched(reversed(changes), lock=True)
        if not may_undo(scope, locked):
            raise PermissionDenied(locked.kind)
        if locked.state == ChangeSet.State.UNDONE:
            raise RefusedError.of("change.undo_twice")
        if problems := _obstacles(scope, locked, rows):
            raise RefusedError(problems)
        for change in changes:
            _take_back(change)
        locked.state, locked.undone_by_id, locked.undone_at = ChangeSet.State.UNDONE, scope.user_id, now()
        locked.save(update_fields=["state", "undone_by", "undone_at"])
        if rules:
            rules.mend(scope, locked)


def obstacles(scope: Scope, change_set: ChangeSet) -> list[Problem]:
    """Everything that stands in the way of taking an act back."""
    return _obstacles(scope, change_set, _touched(change_set.changes.order_by("pk")))


def _obstacles(scope: Scope, change_set: ChangeSet, rows: Rows) -> list[Problem]:
    later = _changed_later(change_set, rows)
    moved_on = [
        Problem("change.undo_conflict", Place(), {"label": row.label})
        for row in rows
        if (row.model, row.object_id) in later or not _as_left(row)
    ]
    rules = _rules.get(change_set.kind.partition(".")[0])
    return moved_on + (rules.obstacles(scope, rows) if rules else [])


def _touched(changes: Iterable[Change], *, lock: bool = False) -> list[Touched]:
    """The rows of changes that come in their order, with three queries at most per model and batch."""
    spans: dict[tuple[str, str], tuple[Change, Change]] = {}
    for change in changes:
        key = (change.model, change.object_id)
        spans[key] = (spans[key][0] if key in spans else change, change)
    present = _present(spans, lock=lock)
    return [
        Touched(
            model, key, present.get((model, key)), _instance(first), last.after, label_of(last)
        )
        for (model, key), (first, last) in spans.items()
    ]  # fmt: skip


def _present(keys: Iterable[tuple[str, str]], *, lock: bool) -> dict[tuple[str, str], models.Model]:
    wanted: dict[str, list[str]] = {}
    for model, key in keys:
        wanted.setdefault(model, []).append(key)
    found = {}
    for label, ids in wanted.items():
        rows = apps.get_model(label)._default_manager.order_by("pk")
        rows = rows.select_for_update() if lock else rows
        for start in range(0, len(ids), BATCH):
            for row in rows.filter(pk__in=ids[start : start + BATCH]):
                found[label, str(row.pk)] = row
    return found


def _instance(change: Change) -> models.Model | None:
    """The row that comes back; None where the act created it."""
    if change.before is None:
        return None
    source = [{"model": change.model, "pk": change.object_id, "fields": change.before}]
    (restored,) = serializers.deserialize("python", source)
    return restored.object


def _as_left(row: Touched) -> bool:
    """Whether the row is what the act made of it, derived columns aside."""
    if row.now is None or row.left is None:
        return row.now is None and row.left is None
    today = row_of(row.now)
    return all(
        name in DERIVED or name not in today or _same(row.now, name, today[name], value)
        for name, value in row.left.items()
    )


def _same(instance: models.Model, name: str, one: object, other: object) -> bool:
    """Equal as JSON, or as values of the field: a new row may have told 5 where 5.0000 is stored."""
    if one == other:
        return True
    field = instance._meta.get_field(name)
    if one is None or other is None or not isinstance(field, models.Field):
        return False
    return bool(field.to_python(one) == field.to_python(other))


def _changed_later(change_set: ChangeSet, rows: Rows) -> set[tuple[str, str]]:
    """Rows that a later, standing act touched again in more than derived columns."""
    touched: set[tuple[str, str]] = set()
    for model in {row.model for row in rows}:
        ids = [row.object_id for row in rows if row.model == model]
        for start in range(0, len(ids), BATCH):
            later = Change.objects.filter(model=model, object_id__in=ids[start : start + BATCH])
            later = later.filter(change_set_id__gt=change_set.pk)
            later = later.exclude(change_set__state=ChangeSet.State.UNDONE)
            for change in later.only("object_id", "before", "after"):
                if _plain(change.before) != _plain(change.after):
                    touched.add((model, change.object_id))
    return touched


def _plain(row: Row | None) -> Row | None:
    return None if row is None else {name: value for name, value in row.items() if name not in DERIVED}


def label_of(change: Change) -> str:
    """What the row is called in the record."""
    row = change.after or change.before or {}
    return str(row.get("name") or row.get("title") or row.get("code") or f"#{change.object_id}")


def _take_back(change: Change) -> None:
    model = apps.get_model(change.model)
    label = label_of(change)
    if change.before is None:
        _remove(model._default_manager.filter(pk=change.object_id).first(), label)
        return
    exists = model._default_manager.filter(pk=change.object_id).exists()
    try:
        with transaction.atomic():
            restored = _instance(change)
            assert restored is not None
            restored.save(force_insert=not exists, force_update=exists)
    except IntegrityError:
        raise RefusedError.of("change.collides", Place(), label=label) from None


def _remove(instance: models.Model | None, label: str) -> None:
    """Delete a row that an act created.

    Foreign keys are checked at once: rows that row-level security hides from the actor protect it too, and
    only the database sees them.
    """
    if instance is None:
        return
    try:
        with transaction.atomic():
            instance.delete()
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (models.ProtectedError, IntegrityError):
        raise RefusedError.of("change.still_used", Place(), label=label) from None
