"""Invented questionnaires."""

from __future__ import annotations

from typing import Any

from minping_web.instruments.rules.drafting import empty_content, new_item


def content(items: int = 2, **changes: Any) -> dict[str, Any]:
    """A sound questionnaire: plain questions, five balanced steps each, some 100 points together."""
    made = empty_content("estate", "1", {"zh": "小区问卷", "en": "Questionnaire of the estate"})
    made["items"] = []
    subjects = (("卫生", "cleanliness"), ("治安", "public order"), ("绿化", "greenery"), ("照明", "lighting"))
    most = 100 // items // 4 * 4  # so that every step is a whole number
    for number in range(items):
        zh, en = subjects[number % len(subjects)]
        item = new_item(made["items"], most=most)
        item["text"] = {
            "zh": f"过去三个月，您对小区的{zh}满意吗？",
            "en": f"How satisfied are you with {en} here?",
        }
        item["short"] = {"zh": zh, "en": en}
        made["items"].append(item)
    return made | {"minimum_answered": items, "total_points": most * items} | changes


def form_of(content: dict[str, Any], **more: str) -> dict[str, str]:
    """The editor's form as a browser sends it."""
    form = {"minimum_answered": str(content["minimum_answered"])}
    _pair(form, "title", content["title"])
    for key, text in content["intro"].items():
        _pair(form, f"intro_{key}", text)
    for number, item in enumerate(content["items"]):
        name = f"item-{number}"
        form |= {f"{name}-id": item["id"], f"{name}-kind": item["kind"]}
        form |= {f"{name}-reversed": "yes"} if item["reversed"] else {}
        _pair(form, f"{name}-text", item["text"])
        _pair(form, f"{name}-short", item["short"])
        for place, answer in enumerate(item["answers"]):
            one = f"{name}-answer-{place}"
            points = answer["points"]
            form |= {
                f"{one}-code": str(answer["code"]),
                f"{one}-points": "" if points is None else str(points),
            }
            _pair(form, f"{one}-label", answer["label"])
    for number, about in enumerate(content["respondent"]):
        form[f"about-{number}-variable"] = about["variable"]
        _pair(form, f"about-{number}-text", about["text"])
        for place, level in enumerate(about["levels"]):
            form[f"about-{number}-level-{place}-level"] = str(level["level"])
            _pair(form, f"about-{number}-level-{place}-label", level["label"])
    if content["comment"]:
        _pair(form, "comment", content["comment"]["text"])
        for number, field in enumerate(content["comment"]["fields"]):
            form[f"field-{number}-code"] = field["code"]
            _pair(form, f"field-{number}-label", field["label"])
    return form | more


def _pair(form: dict[str, str], name: str, text: dict[str, str]) -> None:
    form[f"{name}_zh"], form[f"{name}_en"] = text["zh"], text["en"]
