"""The list of users as a table; no address, no secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from django.utils import timezone

from minping_web.accounts.models import User
from minping_web.common.tabular import Column, TableSpec

USERS = TableSpec(
    "users",
    "用户",
    "Users",
    (
        Column("username", "登录名", "Sign-in name"),
        Column("name", "姓名", "Name"),
        Column("active", "启用", "Active"),
        Column("factor", "第二重验证", "Second factor"),
        Column("last_login", "上次登录", "Last sign-in"),
    ),
    key=("username",),
)


def user_rows(users: Iterable[User]) -> Iterator[Mapping[str, object]]:
    """One row per user of `selectors.users_for`."""
    for user in users:
        yield {
            "username": user.username,
            "name": user.display_name,
            "active": int(user.is_active),
            "factor": int(user.has_factor),  # type: ignore[attr-defined]  # annotated by the selector
            "last_login": timezone.localdate(user.last_login) if user.last_login else "",
        }
