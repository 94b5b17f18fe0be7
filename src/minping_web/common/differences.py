"""A row before and after an edit: what change sets store and previews show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

Row = dict[str, Any]
DERIVED = frozenset({"path"})
"""Columns that follow from others: no edit of their own, no obstacle to an undo."""


def row_of(instance: models.Model) -> Row:
    """Concrete fields as JSON values."""
    (data,) = serializers.serialize("python", [instance])
    return json.loads(json.dumps(data["fields"], cls=DjangoJSONEncoder))  # type: ignore[no-any-return]


def places_of(instance: models.Model) -> list[str]:
    """Paths of where a row lies: its own `change_paths`, its path, its area's; empty when it says none."""
    own = getattr(instance, "change_paths", None)
    if own is not None:
        return list(own)
    if hasattr(instance, "path"):
        return [str(instance.path)] if instance.path else []
    area = getattr(instance, "area", None)
    return [] if area is None else [str(area.path)]


@dataclass(frozen=True)
class Difference:
    """One row of a preview or of a change set: its label and what differs."""

    model: str
    object_id: str
    label: str
    before: Row | None
    after: Row | None

    @property
    def kind(self) -> str:
        """created, deleted or updated."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "updated"

    @property
    def fields(self) -> list[tuple[str, object, object]]:
        """(field, before, after) of everything that differs."""
        before, after = self.before or {}, self.after or {}
        names = [*before, *(name for name in after if name not in before)]
        return [
            (name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
        ]
