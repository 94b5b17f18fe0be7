"""Reads `policy.yaml`: which route is whose, and what each role must meet there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from django.urls import URLPattern, URLResolver, get_resolver

Met = Literal["allow", "not_found", "forbidden", "login"]
Side = Literal["own", "foreign"]
EXTENTS = ("whole", "own", "organisation", "self")


@cache
def policy() -> dict[str, Any]:
    """The whole file."""
    return yaml.safe_load((Path(__file__).parent / "policy.yaml").read_text("utf-8"))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Route:
    """One address of the product."""

    name: str
    pattern: str
    view: Any
    parameters: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        """What its page takes."""
        rule = getattr(self.view, "minping_page", None)
        return rule.methods if rule else ()


def routes() -> list[Route]:
    """Every address, walked from the top."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: Any, prefix: str, space: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, prefix + str(entry.pattern), inner)
        elif isinstance(entry, URLPattern):
            pattern = prefix + str(entry.pattern)
            found = re.findall(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>", pattern)
            yield Route(
                f"{space}{entry.name or ''}", pattern, entry.callback, tuple(a or b for a, b in found)
            )


def rule_of(route: Route) -> dict[str, Any] | None:
    """The line of the policy for a route; None where nobody wrote one."""
    for line in policy()["routes"]:
        if re.fullmatch(line["match"], route.name):
            return line  # type: ignore[no-any-return]
    return None


def holders(capability: str, extent: str) -> set[str]:
    """Roles that hold a capability to this extent (whole, own, organisation, self)."""
    named = policy()["capabilities"][capability].get(extent, [])
    return set(policy()["roles"]) if named == "all" else set(named)


def met_by(role: str, line: dict[str, Any], side: Side, method: str = "GET") -> Met:
    """What a role must meet at a route, on an own or a foreign object; `post` may ask for more than `may`."""
    exceptions = line.get(side, {})
    if (role in exceptions or "others" in exceptions) and not (method == "GET" and "get" in line):
        return exceptions.get(role, exceptions.get("others"))  # type: ignore[no-any-return]
    capability = line.get("post", line["may"]) if method == "POST" else line["may"]
    whole = role in holders(capability, "whole")
    inside = any(role in holders(capability, extent) for extent in ("own", "organisation", "self"))
    if not whole and not inside:
        return line.get("anybody", "forbidden")  # type: ignore[no-any-return]
    if method == "GET" and "get" in line:
        return line["get"]  # type: ignore[no-any-return]
    if line.get("place") == "absent":
        return "not_found"
    return "allow" if whole or side == "own" or not line.get("place") else "not_found"


def roles_at(route: Route, line: dict[str, Any], roles: list[str], thorough: bool) -> list[str]:
    """All roles, or the telling ones: one for each extent, two without the right (they differ by route)."""
    if thorough or len(roles) <= 3:
        return roles
    start = sum(route.name.encode())
    groups = [holders(line["may"], extent) for extent in EXTENTS]
    picked = [_turned(group & set(roles), start) for group in groups if group & set(roles)]
    others = set(roles).difference(*groups)
    picked += [_turned(others, start + step * 5) for step in range(2) if others]
    return [role for role in roles if role in {*picked, *line.get("own", {}), *line.get("foreign", {})}]


def _turned(group: set[str], start: int) -> str:
    return sorted(group)[start % len(group)]
