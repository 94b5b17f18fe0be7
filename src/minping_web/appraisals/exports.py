"""Who was called and who has not handed in, as a table for reminders. Marks are in no export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_web.appraisals.models import CalledRater
from minping_web.appraisals.selectors.paper import name_of
from minping_web.appraisals.services.links import IssuedLink
from minping_web.common.tabular import Column, TableSpec

RATERS = TableSpec(
    "called-raters",
    "评议人名单",
    "Called raters",
    (
        Column("number", "评议人编号", "Rater number"),
        Column("name", "姓名", "Name"),
        Column("sign_in", "账号", "Sign-in name"),
        Column("kind", "类别", "Kind of rater"),
        Column("handed_in", "是否提交", "Handed in"),
        Column("reminded_on", "最近提醒", "Last reminded"),
    ),
    key=("number",),
)


def rater_rows(found: Iterable[CalledRater]) -> Iterator[dict[str, object]]:
    """One row per rater; names of people without an account leave with their links only, for a reason."""
    for one in found:
        yield {
            "number": one.number,
            "name": name_of(one) if one.user else "",
            "sign_in": one.user.username if one.user else "",
            "kind": one.kind,
            "handed_in": one.handed_in_at is not None,
            "reminded_on": one.reminded_on or "",
        }


LINKS = TableSpec(
    "rater-links",
    "评议链接",
    "Rater links",
    (
        Column("number", "评议人编号", "Rater number"),
        Column("name", "姓名", "Name"),
        Column("place", "代表地区", "Speaks for"),
        Column("link", "链接", "Link"),
    ),
    key=("number",),
)


def link_rows(found: Iterable[tuple[IssuedLink, str]]) -> Iterator[dict[str, object]]:
    """One row per link; this table leaves once, with its reason in the ledger where it names people."""
    for one, address in found:
        yield {"number": one.number, "name": one.name, "place": one.place, "link": address}
