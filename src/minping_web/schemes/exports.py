"""What leaves as a table: the library, and the register of frozen versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from minping_engine.scheme import DescribedValue
from minping_web.common.tabular import Column, TableSpec
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.selectors.library import Entry
from minping_web.schemes.selectors.reading import ChangeLine

LIBRARY = TableSpec(
    "schemes",
    "考核方案",
    "Schemes",
    (
        Column("id", "编号", "Number"),
        Column("title", "名称", "Title"),
        Column("version", "版本", "Version"),
        Column("assessee", "考核对象", "Who is assessed"),
        Column("period", "考核期", "Period"),
        Column("instruments", "问卷数", "Questionnaires"),
        Column("unfilled", "待填数值", "Values missing"),
        Column("state", "状态", "State"),
    ),
    key=("id",),
)
VERSIONS = TableSpec(
    "frozen-schemes",
    "已冻结方案",
    "Frozen schemes",
    (
        Column("scheme", "编号", "Number"),
        Column("title", "名称", "Title"),
        Column("version", "版本", "Version"),
        Column("revision", "修订", "Revision"),
        Column("pilot", "试点", "Pilot"),
        Column("sha256", "哈希", "Hash"),
        Column("frozen_at", "冻结时间", "Frozen at"),
        Column("note", "决定", "Decision"),
    ),
    key=("sha256",),
)
VALUES = TableSpec(
    "scheme-values",
    "方案参数",
    "Values of a scheme",
    (
        Column("id", "编号", "Number"),
        Column("title", "参数", "Value"),
        Column("content", "数值", "Amount"),
        Column("state", "状态", "State"),
        Column("since", "起始日期", "Since"),
        Column("source", "出处", "Source"),
        Column("clause", "条款", "Clause"),
        Column("day", "出处日期", "Date of the source"),
        Column("grade", "证据等级", "Grade of evidence"),
    ),
    key=("id",),
)
CHANGES = TableSpec(
    "scheme-changes",
    "方案差异",
    "Differences of schemes",
    (
        Column("part", "部分", "Part"),
        Column("sentence", "变化", "Change"),
        Column("money", "涉及金额", "Money follows"),
    ),
    key=("sentence",),
)


def library_rows(entries: Iterable[Entry]) -> Iterator[Mapping[str, object]]:
    """One row per scheme."""
    for entry in entries:
        scheme = entry.loaded.scheme if entry.loaded else None
        yield {
            "id": entry.id,
            "title": entry.title,
            "version": scheme.version if scheme else None,
            "assessee": entry.assessee,
            "period": entry.period,
            "instruments": len(scheme.instruments) if scheme else None,
            "unfilled": len(entry.loaded.unfilled) if entry.loaded else None,
            "state": entry.state,
        }


def version_rows(versions: Iterable[SchemeVersion]) -> Iterator[Mapping[str, object]]:
    """One row per frozen version."""
    for version in versions:
        yield {
            "scheme": version.scheme_id,
            "title": version.title,
            "version": version.version,
            "revision": version.revision,
            "pilot": version.pilot,
            "sha256": version.sha256,
            "frozen_at": version.frozen_at,
            "note": version.note,
        }


def value_rows(values: Iterable[DescribedValue]) -> Iterator[Mapping[str, object]]:
    """One row per value."""
    for value in values:
        yield {
            "id": value.id,
            "title": value.title,
            "content": value.content,
            "state": value.state_words,
            "since": value.since or None,
            "source": value.source,
            "clause": value.clause,
            "day": value.day,
            "grade": value.grade,
        }


def change_rows(changes: Iterable[ChangeLine]) -> Iterator[Mapping[str, object]]:
    """One row per difference."""
    for change in changes:
        yield {"part": change.part, "sentence": change.sentence, "money": change.money}
