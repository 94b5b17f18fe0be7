"""What the validator finds in a scheme file, as problems in words of ours.

In: the validator's faults and the data it looked at. Out: `Problem`s whose texts stand in the
catalogue, with the value found. Steps that only name a member of a union are left out of the place,
and of the faults of several members one remains.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from minping_engine.errors import Place, Problem

Path = tuple[str | int, ...]
LONGEST_FOUND = 40

CODES = {
    "string_type": "scheme.not_text",
    "int_type": "scheme.not_whole",
    "int_parsing": "scheme.not_whole",
    "int_from_float": "scheme.not_whole",
    "float_type": "scheme.not_a_number",
    "float_parsing": "scheme.not_a_number",
    "bool_type": "scheme.not_yes_or_no",
    "bool_parsing": "scheme.not_yes_or_no",
    "list_type": "scheme.not_a_list",
    "tuple_type": "scheme.not_a_list",
    "dict_type": "scheme.not_a_mapping",
    "mapping_type": "scheme.not_a_mapping",
    "model_type": "scheme.not_a_mapping",
    "model_attributes_type": "scheme.not_a_mapping",
    "string_pattern_mismatch": "scheme.wrong_id",
    "string_too_short": "scheme.empty",
    "string_too_long": "scheme.too_many_signs",
    "too_short": "scheme.too_few_entries",
    "too_long": "scheme.too_many_entries",
    "less_than_equal": "scheme.above_most",
    "less_than": "scheme.not_below",
    "greater_than_equal": "scheme.below_least",
    "greater_than": "scheme.not_above",
}
LIMITS = ("le", "lt", "ge", "gt", "max_length", "min_length")
"""Where the validator keeps the limit."""
OWN_WORDS = {
    "points are a number": "scheme.not_a_number",
    "points have at most three decimal places": "scheme.too_many_decimals",
    "a number is needed": "scheme.not_a_number",
    "a decimal number or a fraction such as 2/3 is needed": "scheme.not_a_number",
    "anchors are written from the best marks down": "scheme.anchors_out_of_order",
}
"""What validators of the model say."""
SHAPES = frozenset({"list_type", "tuple_type", "dict_type", "mapping_type", "model_type"})


def shape_problems(
    faults: Sequence[ErrorDetails], data: Any, place_of: Callable[[Path], Place]
) -> list[Problem]:
    """All faults of `data`, one for each place; `place_of` says where a path stands."""
    paths = [_path(fault, data) for fault in faults]
    found: dict[tuple[Path, str], Problem] = {}
    for fault, path in zip(faults, paths, strict=True):
        is_member = fault["type"] in SHAPES and fault["loc"] != path
        if is_member and any(other[: len(path)] == path and len(other) > len(path) for other in paths):
            continue
        found.setdefault((path, "" if is_member else fault["type"]), shape_problem(fault, place_of(path)))
    return list(found.values())


def shape_problem(fault: ErrorDetails, place: Place) -> Problem:
    """One fault in words that help an official."""
    name = next((step for step in reversed(fault["loc"]) if isinstance(step, str)), "")
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        return _extra(name, fault["input"], place)
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        expected = str(context.get("expected", context.get("expected_tags")))
        known = expected.replace("'", "").replace(" or ", ", ")
        return Problem(
            "scheme.not_one_of", place, {"value": _found(context.get("tag", fault["input"])), "known": known}
        )
    if kind == "union_tag_not_found":
        return Problem("scheme.key_missing", place, {"name": str(context["discriminator"]).strip("'")})
    if kind == "missing":
        return Problem("scheme.key_missing", place, {"name": name})
    code = CODES.get(kind) or OWN_WORDS.get(fault["msg"].removeprefix("Value error, "), "scheme.wrong_value")
    limit = next((context[key] for key in LIMITS if key in context), "")
    key = next((step for step in reversed(fault["loc"]) if step in known_keys()), name or "-")
    found = _found(fault["input"])
    if isinstance(fault["input"], str) and code in ("scheme.not_whole", "scheme.not_a_number"):
        found = f'"{found}"'
    return Problem(code, place, {"found": found, "limit": str(limit), "name": key})


def _extra(name: str, value: Any, place: Place) -> Problem:
    """A key that nobody knows; in { } often the rest of a text that a comma cut in two."""
    if "：" in name:
        return Problem("scheme.key_full_width", place, {"name": name, "instead": name.replace("：", ": ")})
    if value is None and (" " in name or not name.isascii() or not get_close_matches(name, known_keys())):
        return Problem("scheme.text_cut_by_comma", place, {"name": name})
    near = get_close_matches(name, known_keys(), n=1)
    return Problem("scheme.unknown_key", place, {"name": name, "near": near[0] if near else "-"})


def _path(fault: ErrorDetails, data: Any) -> Path:
    """The steps that lead through the data; what only names a member of a union is left out."""
    path: list[str | int] = []
    for number, step in enumerate(fault["loc"]):
        is_last = number == len(fault["loc"]) - 1
        inside = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if inside or (isinstance(data, dict) and step in data):
            data = data[step]
            path.append(step)
        elif is_last and fault["type"] == "missing":
            path.append(step)
    return tuple(path)


def _found(value: Any) -> str:
    """A value as it may be written in the file, shortened."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_FOUND else text[: LONGEST_FOUND - 1] + "…"


@cache
def known_keys() -> tuple[str, ...]:
    """All keys that scheme files may have."""
    from minping_engine.scheme import model

    parts = [part for part in vars(model).values() if isinstance(part, type) and issubclass(part, BaseModel)]
    return tuple(sorted({field.alias or name for part in parts for name, field in part.model_fields.items()}))
