"""Write rows and remember them: one act, one transaction, one change set.

A preview is the same edit in a transaction that is rolled back, so it cannot differ from what would
happen. The places of an act are those of its rows, before and after (`ChangePlace`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.apps import apps
from django.db import models, transaction

from minping_engine.errors import Place
from minping_web.common.clock import now
from minping_web.common.differences import DERIVED, Difference, Row, places_of, row_of
from minping_web.common.models import Change, ChangePlace, ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import PATH_STEP, Scope

M = TypeVar("M", bound=models.Model)
BATCH = 500


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
    _paths: dict[int, str] = field(default_factory=dict)

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
        before, places = row_of(instance), places_of(instance)
        for name, value in values.items():
            setattr(instance, name, value)
        instance.save()
        instance.refresh_from_db()
        return self._note_update(instance, before, places)

    def update_many(self, rows: Sequence[tuple[models.Model, Row]]) -> None:
        """Set fields of many rows of one model; values must be of the fields' own types already."""
        names: set[str] = set()
        changed: list[models.Model] = []
        for instance, values in rows:
            before, places = row_of(instance), places_of(instance)
            for name, value in values.items():
                setattr(instance, name, value)
            if self._note_update(instance, before, places):
                changed.append(instance)
                names.update(values)
        if changed:
            type(changed[0])._default_manager.bulk_update(changed, sorted(names), batch_size=BATCH)

    def delete(self, instance: models.Model) -> None:
        """Remove a row; raises `RefusedError` where something refers to it."""
        key, before, label = str(instance.pk), row_of(instance), str(instance)
        places = places_of(instance)
        try:
            instance.delete()
        except models.ProtectedError:
            raise RefusedError.of("change.still_used", Place(), label=label) from None
        self.differences.append(Difference(_name(instance), key, label, before, None))
        self._note_places(places)

    def count(self, kind: str) -> int:
        """How many rows were created, updated or deleted."""
        return sum(difference.kind == kind for difference in self.differences)

    @property
    def places(self) -> dict[int, str]:
        """Path by area of where it happens; empty for what concerns the whole district."""
        if self.area_path is not None:
            return {_area_of(self.area_path): self.area_path} if self.area_path else {}
        return dict(self._paths)

    @property
    def digest(self) -> str:
        """What a person confirms: equal for equal plans, also when ids of new rows differ."""
        new = {
            (d.model, d.object_id): f"new {at}" for at, d in enumerate(self.differences) if d.before is None
        }
        told = [
            [d.kind, d.model, new.get((d.model, d.object_id), d.object_id), d.label,
             _told(d.model, d.before, new), _told(d.model, d.after, new)]
            for d in self.differences
        ]  # fmt: skip
        lines = sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in told)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _note_update(self, instance: models.Model, before: Row, places: Sequence[str]) -> bool:
        after = row_of(instance)
        if before == after:
            self.unchanged += 1
            return False
        if before.get("path") != after.get("path"):
            # A moved area stays the same place; what it left is the area that was around it.
            left = before.get("parent") != after.get("parent")
            places = [path[:-PATH_STEP] for path in places] if left else []
        self._note_places(path for path in places if path)
        self._note(instance, before, after)
        return True

    def _note(self, instance: models.Model, before: Row | None, after: Row) -> None:
        self.differences.append(Difference(_name(instance), str(instance.pk), str(instance), before, after))
        for path in self._counting(places_of(instance)):
            self._paths[_area_of(path)] = path

    def _note_places(self, before: Iterable[str]) -> None:
        """Places that a row left; where such an area moved in the same act, its new path stands."""
        for path in self._counting(before):
            self._paths.setdefault(_area_of(path), path)

    def _counting(self, places: Iterable[str]) -> list[str]:
        """Of several places of one row those count in which the actor holds the right, if any."""
        found = list(places)
        reach = self.scope.reach(f"{self.kind.partition('.')[0]}.edit")
        return [path for path in found if reach.covers(path)] or found


def _area_of(path: str) -> int:
    return int(path[-PATH_STEP:], 16)


def _name(instance: models.Model) -> str:
    return instance._meta.label_lower


def _told(model: str, row: Row | None, new: dict[tuple[str, str], str]) -> Row | None:
    """A row without what follows from other columns, and with new rows by number instead of id."""
    if row is None:
        return None
    keys = {
        found.name: found.related_model._meta.label_lower
        for found in apps.get_model(model)._meta.concrete_fields
        if found.related_model is not None
    }
    return {
        name: new.get((keys.get(name, ""), str(value)), value)
        for name, value in row.items()
        if name not in DERIVED
    }


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
    ChangePlace.objects.bulk_create(
        [ChangePlace(change_set=stored, area_id=area, path=path) for area, path in recorder.places.items()],
        batch_size=1000,
    )
    return stored
