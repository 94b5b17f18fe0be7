"""Which rows changed since a moment, read from the record of change sets.

Rows that arrived by another way than an edit (a restored backup, seeded demonstration) are not in the
record: a reader takes everything once and asks for changes from then on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Model, Q, QuerySet
from django.db.models.functions import Cast

from minping_web.common.models import Change


def changed_keys(model: type[Model], since: datetime) -> QuerySet[Any]:
    """Ids of rows of a model that were created, edited or restored at or after a moment; a subquery."""
    touched = Q(change_set__made_at__gte=since) | Q(change_set__undone_at__gte=since)
    changes = Change.objects.filter(touched, model=model._meta.label_lower)
    return changes.annotate(key=Cast("object_id", BigIntegerField())).order_by().values("key")
