"""What changed between two contents, part by part, in words that an official reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]
Flat = dict[str, str]


@dataclass(frozen=True)
class Changed:
    """One part: where it stands, before, after; an empty text means that it was not there."""

    part: str
    key: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """created, deleted or updated."""
        if not self.before:
            return "created"
        return "updated" if self.after else "deleted"


def changes(before: Content, after: Content) -> list[Changed]:
    """Every part that differs; items are compared by id, so that a moved one is moved and not new."""
    old, new = _flat(before), _flat(after)
    names = [*old, *(name for name in new if name not in old)]
    return [
        Changed(name.partition("|")[0], name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    ]


def _flat(content: Content) -> Flat:
    return {key: text for key, text in _parts(content) if text}


def _parts(content: Content) -> Iterator[tuple[str, str]]:
    yield "title", _said(content.get("title"))
    for key, text in content.get("intro", {}).items():
        yield f"intro|{key}", _said(text)
    yield "minimum_answered", str(content.get("minimum_answered", ""))
    for number, item in enumerate(content.get("items", ()), start=1):
        name = item.get("id", "")
        yield f"item|{name}|text", _said(item.get("text"))
        yield f"item|{name}|short", _said(item.get("short"))
        yield f"item|{name}|kind", str(item.get("kind", ""))
        yield f"item|{name}|reversed", "reversed" if item.get("reversed") else ""
        yield f"item|{name}|place", str(number)
        yield f"item|{name}|answers", "\n".join(_answer(answer) for answer in item.get("answers", ()))
    for one in content.get("respondent", ()):
        levels = "\n".join(f"{row.get('level')} {_said(row.get('label'))}" for row in one.get("levels", ()))
        yield f"about|{one.get('variable', '')}", f"{_said(one.get('text'))}\n{levels}".strip()
    comment = content.get("comment") or {}
    yield "comment", _said(comment.get("text"))
    for row in comment.get("fields", ()):
        yield f"field|{row.get('code', '')}", _said(row.get("label"))


def _answer(answer: Content) -> str:
    points = answer.get("points")
    worth = "" if points is None else f" = {points}"
    return f"{answer.get('code')} {_said(answer.get('label'))}{worth}"


def _said(text: Any) -> str:
    if not text:
        return ""
    zh, en = str(text.get("zh", "")), str(text.get("en", ""))
    return f"{zh} / {en}" if zh and en else zh or en
