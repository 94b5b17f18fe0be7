"""The editor's form and its buttons, without a database: fields -> content, content + act -> content.

The whole questionnaire is one form, so that no button loses what was typed elsewhere. Names of fields:
`title_zh`, `intro_who_zh`, `item-0-text_zh`, `item-0-answer-2-label_en`, `about-1-level-0-label_zh`,
`field-3-code`. A number that is none stays as it was typed, for the form that shows it again; the linter
says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from minping_web.instruments.rules import presets
from minping_web.instruments.rules.drafting import new_item
from minping_web.instruments.rules.presets import Content, tidy

LONGEST_TEXT = 600
MOST_ROWS = 60
"""Items, answers, levels, fields: as many of each as the form takes."""
INTRO = ("who", "why", "what_happens", "object")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)

Form = Mapping[str, str]


def content_of_form(form: Form, base: Mapping[str, Any]) -> Content:
    """What was typed, on the id, version and total of `base`."""
    return {
        "id": base["id"],
        "version": base["version"],
        "title": _pair(form, "title"),
        "intro": {key: _pair(form, f"intro_{key}") for key in INTRO},
        "minimum_answered": _whole(form.get("minimum_answered", "")),
        "total_points": base.get("total_points", 100),
        "items": [_item(form, f"item-{number}") for number in _numbers(form, r"item-(\d+)-id")],
        "respondent": [_about(form, f"about-{number}") for number in _numbers(form, r"about-(\d+)-variable")],
        "comment": _comment(form),
    }


def _item(form: Form, name: str) -> Content:
    numbers = _numbers(form, rf"{name}-answer-(\d+)-code")
    return {
        "id": _line(form, f"{name}-id"),
        "kind": "behaviour" if form.get(f"{name}-kind") == "behaviour" else "scale",
        "text": _pair(form, f"{name}-text"),
        "short": _pair(form, f"{name}-short"),
        "reversed": bool(form.get(f"{name}-reversed")),
        "answers": [_answer(form, f"{name}-answer-{number}") for number in numbers],
    }


def _answer(form: Form, name: str) -> Content:
    return {
        "code": _whole(form.get(f"{name}-code", "")),
        "label": _pair(form, f"{name}-label"),
        "points": _points(form.get(f"{name}-points", "")),
    }


def _about(form: Form, name: str) -> Content:
    numbers = _numbers(form, rf"{name}-level-(\d+)-level")
    return {
        "variable": _line(form, f"{name}-variable"),
        "text": _pair(form, f"{name}-text"),
        "levels": [
            {
                "level": _whole(form.get(f"{name}-level-{number}-level", "")),
                "label": _pair(form, f"{name}-level-{number}-label"),
            }
            for number in numbers
        ],
    }


def _comment(form: Form) -> Content | None:
    if "comment_zh" not in form:
        return None
    numbers = _numbers(form, r"field-(\d+)-code")
    return {
        "text": _pair(form, "comment"),
        "fields": [
            {"code": _line(form, f"field-{number}-code"), "label": _pair(form, f"field-{number}-label")}
            for number in numbers
        ],
    }


def _numbers(form: Form, pattern: str) -> list[int]:
    found = (re.fullmatch(pattern, name) for name in form)
    return sorted(int(match[1]) for match in found if match and len(match[1]) < 4)[:MOST_ROWS]


def _pair(form: Form, name: str) -> dict[str, str]:
    return {language: _line(form, f"{name}_{language}") for language in ("zh", "en")}


def _line(form: Form, name: str) -> str:
    """Trimmed, without control characters: what a database and a spreadsheet can hold."""
    kept = "".join(sign for sign in form.get(name, "") if sign == "\n" or (sign >= " " and sign != "\x7f"))
    return kept.strip()[:LONGEST_TEXT]


def _whole(text: str) -> int | str:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 6 else plain[:20]


def _points(text: str) -> float | int | str | None:
    plain = text.strip()
    if not plain:
        return None
    return tidy(float(plain)) if _NUMBER.fullmatch(plain) else plain[:20]


# --- buttons ------------------------------------------------------------------------------------------
def acted(content: Mapping[str, Any], act: str) -> tuple[Content, str]:
    """The content after a button, and the anchor of what it touched. Unknown buttons change nothing.

    Buttons: `add_item`, `add_comment`, `drop_comment`, `standard_fields`, `add_field`, `add_about:age_band`,
    and `<list>:<number>:<verb>` with the lists `item`, `about`, `field`, `answer:<item>`, `level:<about>` and
    the verbs `up`, `down`, `remove`, and for an item `copy`, `add_answer`, `scale:<name>`.
    """
    made = deepcopy(dict(content))
    name, *rest = act.split(":")
    whole = _WHOLE.get(name)
    if whole is not None:
        return made, whole(made, rest)
    return made, _in_list(made, name, rest)


def _add_item(content: Content, rest: list[str]) -> str:
    items = content["items"]
    if len(items) < MOST_ROWS:
        items.append(new_item(items))
    return f"items.{len(items) - 1}"


def _add_comment(content: Content, rest: list[str]) -> str:
    content["comment"] = content.get("comment") or presets.comment()
    return "comment"


def _drop_comment(content: Content, rest: list[str]) -> str:
    content["comment"] = None
    return "comment"


def _standard_fields(content: Content, rest: list[str]) -> str:
    if content.get("comment"):
        content["comment"]["fields"] = presets.comment()["fields"]
    return "comment"


def _add_field(content: Content, rest: list[str]) -> str:
    fields = (content.get("comment") or {}).get("fields", [])
    if len(fields) < MOST_ROWS:
        fields.append({"code": "", "label": {"zh": "", "en": ""}})
    return f"fields.{len(fields) - 1}"


def _add_about(content: Content, rest: list[str]) -> str:
    rows = content.setdefault("respondent", [])
    made = presets.about(rest[0]) if rest else None
    if made and len(rows) < MOST_ROWS:
        rows.append(made)
    return f"about.{len(rows) - 1}"


_WHOLE: dict[str, Callable[[Content, list[str]], str]] = {
    "add_item": _add_item,
    "add_comment": _add_comment,
    "drop_comment": _drop_comment,
    "standard_fields": _standard_fields,
    "add_field": _add_field,
    "add_about": _add_about,
}


def _in_list(content: Content, name: str, rest: list[str]) -> str:
    rows, place, rest = _list_of(content, name, rest)
    if rows is None or len(rest) < 2 or not rest[0].isdigit() or int(rest[0]) >= len(rows):
        return ""
    number, verb = int(rest[0]), rest[1]
    if verb in ("up", "down"):
        other = number + (1 if verb == "down" else -1)
        if 0 <= other < len(rows):
            rows[number], rows[other] = rows[other], rows[number]
            number = other
    elif verb == "remove":
        del rows[number]
        number = max(0, number - 1)
    elif name == "item":
        _with_item(rows, number, verb, rest[2:])
    elif name == "about" and verb == "add_level" and len(rows[number]["levels"]) < MOST_ROWS:
        levels = [one["level"] for one in rows[number]["levels"] if isinstance(one["level"], int)]
        rows[number]["levels"].append({"level": max(levels, default=-1) + 1, "label": {"zh": "", "en": ""}})
    return f"{place}.{number}" if "." not in place else place


def _list_of(content: Content, name: str, rest: list[str]) -> tuple[list[Any] | None, str, list[str]]:
    """The list that a button works on, its anchor, and what is left of the button's words."""
    if name in ("item", "about"):
        key = {"item": "items", "about": "respondent"}[name]
        return content.get(key, []), {"item": "items", "about": "about"}[name], rest
    if name == "field":
        return (content.get("comment") or {}).get("fields", []), "fields", rest
    if name in ("answer", "level") and rest and rest[0].isdigit():
        key, inner, place = ("items", "answers", "items") if name == "answer" else (
            "respondent", "levels", "about")  # fmt: skip
        outer = content.get(key, [])
        if int(rest[0]) < len(outer):
            return outer[int(rest[0])][inner], f"{place}.{int(rest[0])}", rest[1:]
    return None, "", rest


def _with_item(items: list[Any], number: int, verb: str, rest: list[str]) -> None:
    item = items[number]
    if verb == "copy" and len(items) < MOST_ROWS:
        items.insert(number + 1, {**deepcopy(item), "id": new_item(items)["id"]})
    elif verb == "add_answer" and len(item["answers"]) < MOST_ROWS:
        codes = [answer["code"] for answer in item["answers"] if isinstance(answer["code"], int)]
        label = {"zh": "", "en": ""}
        item["answers"].append({"code": max(codes, default=0) + 1, "label": label, "points": None})
    elif verb == "scale" and rest and rest[0] in presets.scale_names():
        points = [one["points"] for one in item["answers"] if isinstance(one["points"], int | float)]
        item.update(presets.scale(rest[0], max(points, default=20) or 20))
