"""Role grants and the matrix of roles as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from minping_web.access.models import Grant
from minping_web.access.rules import MEANING_OF, PERMISSIONS_OF, Role
from minping_web.common.tabular import Column, TableSpec

GRANTS = TableSpec(
    "grants",
    "角色授予",
    "Role grants",
    (
        Column("username", "登录名", "Sign-in name"),
        Column("name", "姓名", "Name"),
        Column("role", "角色", "Role"),
        Column("area", "区域", "Area"),
        Column("organisation", "单位", "Organisation"),
        Column("valid_from", "自", "From"),
        Column("valid_to", "至", "Until"),
        Column("revoked", "撤销日期", "Revoked on"),
        Column("deputy_of", "代理", "Deputy of"),
        Column("granted_by", "授予人", "Granted by"),
    ),
    key=("username",),
)


def grant_rows(grants: Iterable[Grant]) -> Iterator[Mapping[str, object]]:
    """One row per grant of `selectors.grants_for`."""
    for grant in grants:
        yield {
            "username": grant.user.username,
            "name": str(grant.user),
            "role": grant.get_role_display(),
            "area": grant.area.name if grant.area else "",
            "organisation": grant.organisation.name if grant.organisation else "",
            "valid_from": grant.valid_from,
            "valid_to": grant.valid_to or "",
            "revoked": grant.revoked_at.date() if grant.revoked_at else "",
            "deputy_of": str(grant.delegated_from.user) if grant.delegated_from else "",
            "granted_by": str(grant.granted_by) if grant.granted_by else "",
        }


def matrix() -> list[tuple[str, str, list[bool]]]:
    """(permission, meaning, one flag per role in the order of `Role`)."""
    return [
        (name, str(meaning), [name in PERMISSIONS_OF[role] for role in Role])
        for name, meaning in MEANING_OF.items()
    ]


def permissions_page() -> str:
    """The reference page `docs/reference/permissions.md`; a test compares it with the file."""
    lines = [
        "# Roles and permissions",
        "",
        "Made from `src/minping_web/access/rules.py` (`exports.permissions_page`); do not edit by hand.",
        "",
        "| permission | meaning | roles |",
        "|---|---|---|",
    ]
    for name, meaning in MEANING_OF.items():
        roles = ", ".join(str(role.label) for role in Role if name in PERMISSIONS_OF[role])
        lines.append(f"| `{name}` | {meaning} | {roles or '–'} |")
    return "\n".join([*lines, "", *_bindings(), ""])


def _bindings() -> list[str]:
    from minping_web.access.rules import BINDING_OF, LEVELS_OF, POWERFUL, needs_factor

    head = ["| role | holds in | granted at | two persons | second factor |", "|---|---|---|---|---|"]
    return head + [
        f"| {role.label} | {BINDING_OF[role]} | {', '.join(sorted(LEVELS_OF.get(role, ()))) or '–'} | "
        f"{'yes' if role in POWERFUL else 'no'} | {'yes' if needs_factor(frozenset({role})) else 'no'} |"
        for role in Role
    ]
