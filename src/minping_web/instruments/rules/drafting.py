"""Where the content of a questionnaire comes from: nothing, a scheme, an earlier version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from minping_engine.scheme import Instrument
from minping_web.instruments.rules import presets
from minping_web.instruments.rules.presets import Content, tidy

MILLI = 1000


def empty_content(code: str, version: str, title: Mapping[str, str]) -> Content:
    """A questionnaire with one question to begin with."""
    return {
        "id": code,
        "version": version,
        "title": dict(title),
        "intro": presets.intro(),
        "minimum_answered": 1,
        "total_points": 100,
        "items": [new_item([], most=100)],
        "respondent": [one for one in presets.respondent() if one["variable"] != "tenure"],
        "comment": presets.comment(),
    }


def new_item(items: list[Content], *, most: float = 20) -> Content:
    """A five-step question under the next free id."""
    taken = {str(item.get("id")) for item in items}
    number = next(n for n in range(1, len(taken) + 2) if f"q{n}" not in taken)
    return {
        "id": f"q{number}",
        "text": {"zh": "", "en": ""},
        "short": {"zh": "", "en": ""},
        "reversed": False,
        **presets.scale("satisfaction", most),
    }


def example_content() -> Content:
    """Two plain questions: what the template for spreadsheets shows."""
    made = empty_content("my-questionnaire", "1", {"zh": "示例问卷", "en": "Example questionnaire"})
    made["items"] = []
    for zh, en in (("卫生", "cleanliness"), ("治安", "public order")):
        item = new_item(made["items"], most=50)
        item["text"] = {
            "zh": f"过去三个月，您对小区的{zh}满意吗？",
            "en": f"In the last three months, how satisfied were you with {en} on your estate?",
        }
        item["short"] = {"zh": zh, "en": en}
        made["items"].append(item)
    return made | {"minimum_answered": 2}


def content_of_scheme(instrument: Instrument, *, minimum_answered: int, total_points: float) -> Content:
    """Items as the scheme has them; what a scheme does not say is filled with the usual texts."""
    base = empty_content(instrument.id, instrument.version, _pair(instrument.title))
    return base | {
        "minimum_answered": min(minimum_answered, len(instrument.items)),
        "total_points": tidy(total_points),
        "items": [
            {
                "id": item.id,
                "kind": item.kind,
                "text": _pair(item.text),
                "short": _pair(item.short),
                "reversed": False,
                "answers": [
                    {
                        "code": answer.code,
                        "label": _pair(answer.label),
                        "points": tidy(answer.points / MILLI),
                    }
                    for answer in item.answers
                ],
            }
            for item in instrument.items
        ],
    }


def _pair(text: Any) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def next_version(versions: list[str]) -> str:
    """The number after the highest: 1 -> 2, 2019.1 -> 2019.2."""
    last = max(versions, key=_number_of, default="0")
    found = re.search(r"(\d+)(\D*)$", last)
    if not found:
        return f"{last}.2"
    return last[: found.start()] + str(int(found[1]) + 1) + found[2]


def _number_of(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)] or [0]


def differs_from(content: Mapping[str, Any], instrument: Instrument) -> list[str]:
    """Ids of items that the scheme could not read as it means them: other answers or points, or none."""
    ours = {item["id"]: _meaning(item) for item in content["items"]}
    theirs = {
        item.id: (item.kind, {answer.code: answer.points for answer in item.answers})
        for item in instrument.items
    }
    return sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))


def _meaning(item: Mapping[str, Any]) -> tuple[str, dict[int, int | None]]:
    points = {
        int(answer["code"]): None if answer.get("points") is None else round(answer["points"] * MILLI)
        for answer in item["answers"]
    }
    return item["kind"], points
