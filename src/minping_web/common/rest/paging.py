"""Lists by cursor: rows in the order of their ids, so that none is missed or told twice while others write.

The cursor is the last id, wrapped so that nobody counts on what it holds.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from pydantic import Field, StringConstraints

from minping_engine.errors import Place
from minping_web.common.masks import masked, unmasked
from minping_web.common.problems import RefusedError
from minping_web.common.rest.fields import Given, Sent

MOST = 200
USUAL = 50
BIGGEST = 2**63 - 1

Cursor = Annotated[str, StringConstraints(max_length=80, pattern=r"^[A-Za-z0-9_-]*$")]
Out = TypeVar("Out")
M = TypeVar("M", bound=Model)


class Paged(Given):
    """Which part of a list is wanted."""

    cursor: Cursor = Field("", description="`next` of the page before; leave it out for the first page.")
    limit: int = Field(USUAL, ge=1, le=MOST, description="Rows per page.")


class Listing(Sent, Generic[Out]):
    """One page of a list."""

    items: list[Out]
    next: str | None = Field(description="Cursor of the next page; null at the end.", examples=["MTc"])


def page_of(queryset: QuerySet[M], paged: Paged) -> tuple[list[M], str | None]:
    """The rows after the cursor, and the cursor of the next page; one query."""
    key = queryset.model._meta.pk
    found = queryset.order_by("pk")
    if paged.cursor:
        found = found.filter(pk__gt=_opened(paged.cursor, is_uuid=key.get_internal_type() == "UUIDField"))
    rows = list(found[: paged.limit + 1])
    more = len(rows) > paged.limit
    rows = rows[: paged.limit]
    return rows, _wrapped(rows[-1].pk) if more else None


def page_by(queryset: QuerySet[M], paged: Paged, column: str) -> tuple[list[M], str | None]:
    """The same for rows whose ids nobody may see, by a column that says nothing of the id.

    The cursor is the mask of the last id. A row whose column is emptied between two pages starts the list
    over from the empty ones: rows may then be told twice, none is missed.
    """
    found = queryset.order_by(column, "pk")
    if paged.cursor:
        found = found.filter(_behind(queryset, str(_opened(paged.cursor, is_uuid=True)), column))
    rows = list(found[: paged.limit + 1])
    more = len(rows) > paged.limit
    rows = rows[: paged.limit]
    return rows, _wrapped(masked(rows[-1].pk)) if more else None


def _behind(queryset: QuerySet[M], shown: str, column: str) -> Q:
    key = unmasked(UUID(shown))
    place = queryset.model._default_manager.filter(pk=key).values_list(column, flat=True).first()
    if place is None:
        raise RefusedError.of("api.cursor_unknown", Place(key="query.cursor"))
    return Q(**{f"{column}__gt": place}) | Q(**{column: place, "pk__gt": key})


def _wrapped(key: Any) -> str:
    return urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def _opened(cursor: str, *, is_uuid: bool) -> object:
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        if is_uuid:
            return UUID(text)
        if re.fullmatch(r"[0-9]{1,19}", text) and int(text) <= BIGGEST:
            return int(text)
    except (Error, ValueError):
        pass
    raise RefusedError.of("api.cursor_unknown", Place(key="query.cursor"))
