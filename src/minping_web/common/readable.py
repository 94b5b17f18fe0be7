"""Differences as people read them: names instead of ids, labels instead of keys, nothing that is sealed.

In: the raw differences of a recorder or of a stored change set. Out: the same rows for the page, two
queries per referred model and none per row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from minping_web.common.changes import label_of
from minping_web.common.differences import Difference, Row
from minping_web.common.models import Change

HIDDEN = frozenset({"path", "id"})
"""Columns that follow from others."""
LONGEST = 300


def differences_of(changes: Iterable[Change]) -> list[Difference]:
    """Stored changes as differences."""
    return [
        Difference(change.model, change.object_id, label_of(change), change.before, change.after)
        for change in changes
    ]


def readable(differences: Sequence[Difference]) -> list[Difference]:
    """For the page; rows in which only hidden columns differ show no columns."""
    names = _referred_names(differences)
    return [
        replace(
            d, label=_label(d, names), before=_told(d.model, d.before, names),
            after=_told(d.model, d.after, names),
        )
        for d in differences
    ]  # fmt: skip


def _label(difference: Difference, names: dict[tuple[str, str], str]) -> str:
    """The recorded label; a row without a name of its own is called after the first two that it links."""
    if not difference.label.startswith("#"):
        return difference.label
    row = difference.after or difference.before or {}
    linked = [
        str(_value(difference.model, name, value, names))
        for name, value in row.items()
        if value is not None and isinstance(_field(difference.model, name), models.ForeignKey)
    ]
    return " → ".join(linked[:2]) or difference.label


def _field(model: str, name: str) -> models.Field | None:  # type: ignore[type-arg]
    try:
        found = apps.get_model(model)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return None
    return found if isinstance(found, models.Field) else None


def _referred_names(differences: Sequence[Difference]) -> dict[tuple[str, str], str]:
    wanted: dict[type[models.Model], set[object]] = defaultdict(set)
    for difference in differences:
        for row in (difference.before or {}, difference.after or {}):
            for name, value in row.items():
                field = _field(difference.model, name)
                if isinstance(field, models.ForeignKey) and value is not None:
                    wanted[field.related_model].add(value)
    # a previewed row is not stored: others of the same preview know it by its label
    own = {(d.model, str(d.object_id)): d.label for d in differences if not d.label.startswith("#")}
    return own | {
        (model._meta.label_lower, str(found.pk)): str(found)
        for model, keys in wanted.items()
        for found in model._default_manager.filter(pk__in=keys)
    }


def _told(model: str, row: Row | None, names: dict[tuple[str, str], str]) -> Row | None:
    if row is None:
        return None
    return {name: _value(model, name, value, names) for name, value in row.items() if name not in HIDDEN}


def _value(model: str, name: str, value: object, names: dict[tuple[str, str], str]) -> object:
    field = _field(model, name)
    if value is None or value == "":
        return None
    if isinstance(field, models.BinaryField):
        return _("(kept encrypted)")
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model._meta.label_lower, str(value)), f"#{value}")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DecimalField) and name == "share":
        return f"{Decimal(str(value)) * 100:.1f}%"
    text = str(value)
    return value if len(text) <= LONGEST else text[:LONGEST] + "…"
