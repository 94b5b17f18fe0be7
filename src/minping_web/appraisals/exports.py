"""Who was called and who has not handed in, as a table for reminders. Marks are in no export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_web.appraisals.models import CalledRater
from minping_web.common.tabular import Column, TableSpec

RATERS = TableSpec(
    "called-raters",
    "评议人名单",
    "Called raters",
    (
        Column("name", "姓名", "Name"),
        Column("sign_in", "账号", "Sign-in name"),
        Column("kind", "类别", "Kind of rater"),
        Column("handed_in", "是否提交", "Handed in"),
        Column("reminded_on", "最近提醒", "Last reminded"),
    ),
    key=("sign_in",),
)


def rater_rows(found: Iterable[CalledRater]) -> Iterator[dict[str, object]]:
    """One row per rater."""
    for one in found:
        yield {
            "name": str(one.user),
            "sign_in": one.user.username,
            "kind": one.kind,
            "handed_in": one.handed_in_at is not None,
            "reminded_on": one.reminded_on or "",
        }
