"""Pictures of a bulletin in the units of the page's drawings: per cent -> units of a box of 300 by 22."""

from __future__ import annotations

import re
from typing import Any

_SIZE = re.compile(r'width="(\d+)" height="\1"')
WIDTH, EDGE = 300, 8
"""Of the box; free at both ends, so that a dot at an end is whole."""


def scalable(picture: str) -> str:
    """A square picture of fixed size as one that fills its box."""
    return _SIZE.sub(r'viewBox="0 0 \1 \1"', picture, count=1)


def scaled(bulletin: dict[str, Any]) -> dict[str, Any]:
    """The bulletin with pictures that a template can draw without computing."""
    made = dict(bulletin)
    for name in ("trend", "streets", "drivers"):
        made[name] = _picture(bulletin[name])
    made["streets_by_item"] = [_picture(one) for one in bulletin["streets_by_item"]]
    made["questions"] = [{**one, "full": _long(one["share"])} for one in bulletin["questions"]]
    made["has_points"] = any(one["points"] for one in bulletin["questions"])
    made["communities"] = [{**table, "lines": _lines(table)} for table in bulletin["communities"]]
    made["modes"] = [
        {**one, "x": f"{3 * one['start']:.2f}", "w": f"{3 * one['share']:.2f}", "fill": f"c{1 + at % 7}"}
        for at, one in enumerate(bulletin["modes"])
    ]
    return made


def _picture(picture: dict[str, Any] | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    strips = [
        {**strip, "x": _at(strip["at"]), "x1": _at(strip["low"]), "x2": _at(strip["high"])}
        for strip in picture["strips"]
    ]
    ticks = [(_at(at), text) for at, text in picture["ticks"]]
    return {**picture, "strips": strips, "mark": _at(picture["mark"]), "ticks": ticks}


def _lines(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows whose cells know their column, for telephones."""
    heads = table["heads"]
    return [
        {"name": name, "cells": [(head, *cell) for head, cell in zip(heads, cells, strict=True)]}
        for name, cells in table["rows"]
    ]


def _long(percent: float | None) -> str | None:
    """How long a bar is."""
    return None if percent is None else f"{percent / 100 * (WIDTH - 2 * EDGE):.2f}"


def _at(percent: float | None) -> str | None:
    """Where a position of 0 to 100 lies in the box; a text with a dot, in every language."""
    if percent is None:
        return None
    return f"{EDGE + percent / 100 * (WIDTH - 2 * EDGE):.2f}"
