"""A questionnaire as an XLSForm: the rows of its sheets, and the words that both directions share.

XLSForm is the table format of ODK (xlsform.org). Ours: items are `select_one` under `item_<id>`, questions
about the person `about_<variable>`, one text `comment` with the `select_multiple` `field`, notes `intro_…`.
What the format has no place for stands in columns of our own: `points` of choices, `kind`, `reversed`
and `short` of questions, `minimum_answered` and `total_points` of the settings; other programs pass over
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ZH, EN = "中文 (zh)", "English (en)"
LABEL_ZH, LABEL_EN = f"label::{ZH}", f"label::{EN}"
SURVEY = (
    "type", "name", LABEL_ZH, LABEL_EN, "required", "kind", "reversed", "short_zh", "short_en",
)  # fmt: skip
CHOICES = ("list_name", "name", LABEL_ZH, LABEL_EN, "points")
SETTINGS = (
    "form_title", "form_title_en", "form_id", "version", "default_language", "minimum_answered",
    "total_points",
)  # fmt: skip
HELP_LIST = "help"

Row = dict[str, Any]


def sheets_of(content: Mapping[str, Any]) -> dict[str, tuple[tuple[str, ...], list[Row]]]:
    """Name of the sheet -> (columns, rows)."""
    return {
        "survey": (SURVEY, list(_survey(content))),
        "choices": (CHOICES, list(_choices(content))),
        "settings": (SETTINGS, [_settings(content)]),
    }


def _survey(content: Mapping[str, Any]) -> Iterator[Row]:
    for key, text in content.get("intro", {}).items():
        yield {"type": "note", "name": f"intro_{key}", **_labels(text)}
    everything = content.get("minimum_answered") == len(content["items"])
    for item in content["items"]:
        short = item.get("short", {})
        yield {
            "type": f"select_one item_{item['id']}",
            "name": f"item_{item['id']}",
            **_labels(item["text"]),
            "required": "yes" if everything else "",
            "kind": item.get("kind", "scale"),
            "reversed": "yes" if item.get("reversed") else "",
            "short_zh": short.get("zh", ""),
            "short_en": short.get("en", ""),
        }
    comment = content.get("comment")
    if comment:
        yield {"type": "text", "name": "comment", **_labels(comment["text"])}
        if comment.get("fields"):
            words = {"zh": "属于哪一方面？可多选。", "en": "What is it about? Choose any number."}
            yield {"type": "select_multiple field", "name": "field", **_labels(words)}
    for one in content.get("respondent", ()):
        name = f"about_{one['variable']}"
        yield {"type": f"select_one {name}", "name": name, **_labels(one["text"])}


def _choices(content: Mapping[str, Any]) -> Iterator[Row]:
    for item in content["items"]:
        for answer in item["answers"]:
            yield {
                "list_name": f"item_{item['id']}",
                "name": answer["code"],
                **_labels(answer["label"]),
                "points": answer.get("points"),
            }
    for one in (content.get("comment") or {}).get("fields", ()):
        yield {"list_name": "field", "name": one["code"], **_labels(one["label"])}
    for one in content.get("respondent", ()):
        for level in one["levels"]:
            row = {"list_name": f"about_{one['variable']}", "name": level["level"]}
            yield {**row, **_labels(level["label"])}


def _settings(content: Mapping[str, Any]) -> Row:
    title = content["title"]
    return {
        "form_title": title.get("zh", ""),
        "form_title_en": title.get("en", ""),
        "form_id": content["id"],
        "version": content["version"],
        "default_language": ZH,
        "minimum_answered": content.get("minimum_answered"),
        "total_points": content.get("total_points", 100),
    }


def _labels(text: Mapping[str, str]) -> Row:
    return {LABEL_ZH: text.get("zh", ""), LABEL_EN: text.get("en", "")}
