"""Publications and their files as tables to download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.timezone import localtime

from minping_web.common.tabular import Column, TableSpec
from minping_web.publications.models import Publication, PublishedFile

PUBLICATIONS = TableSpec(
    "publications",
    "公布记录",
    "Publications",
    (
        Column("number", "编号", "Number"),
        Column("round", "轮次", "Round"),
        Column("period", "考核期", "Period"),
        Column("published_at", "公布时间", "Published at"),
        Column("corrects", "更正的编号", "Corrects"),
        Column("corrected_at", "被更正时间", "Corrected at"),
        Column("reason", "理由", "Reason"),
        Column("manifest_sha256", "公布内容哈希", "Hash of the publication"),
        Column("code", "核对码", "Verification code"),
    ),
    key=("number",),
)
FILES = TableSpec(
    "publication-files",
    "公布文件",
    "Published files",
    (
        Column("path", "文件", "File"),
        Column("audience", "对象", "For whom"),
        Column("bytes", "字节数", "Bytes"),
        Column("sha256", "SHA-256", "SHA-256"),
    ),
    key=("path",),
)


def rows(publications: Iterable[Publication]) -> Iterator[dict[str, object]]:
    """One row for each publication."""
    for one in publications:
        yield {
            "number": one.pk,
            "round": one.round.name,
            "period": one.round.period,
            "published_at": _moment(one.published_at),
            "corrects": one.supersedes_id or "",
            "corrected_at": _moment(one.superseded_at),
            "reason": one.reason,
            "manifest_sha256": one.manifest_sha256,
            "code": one.code,
        }


def file_rows(files: Iterable[PublishedFile]) -> Iterator[dict[str, object]]:
    """One row for each file."""
    for one in files:
        yield {
            "path": one.path,
            "audience": "public" if one.is_public else "office",
            "bytes": one.size,
            "sha256": one.sha256,
        }


def _moment(moment: object) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else ""  # type: ignore[arg-type]
