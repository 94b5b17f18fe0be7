"""What leaves as a table: batches with counts. Never a number, a text or a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from minping_web.channels.models import MessageBatch, MessageText, OutgoingMessage, PrintRun, TextVersion
from minping_web.channels.rules.money import cost_fen
from minping_web.common.tabular import Column, TableSpec

State = OutgoingMessage.State
_COUNTED = (
    (State.WAITING, "等待", "Waiting"),
    (State.LEAVING, "移交中", "Being handed over"),
    (State.UNSURE, "无法确认", "Not known"),
    (State.HANDED_OVER, "已移交", "Handed over"),
    (State.DELIVERED, "已送达", "Delivered"),
    (State.FAILED, "失败", "Failed"),
    (State.CANCELLED, "已取消", "Cancelled"),
)
BATCHES = TableSpec(
    "message-batches",
    "短信批次",
    "Batches of messages",
    (
        Column("id", "编号", "Number"),
        Column("title", "名称", "Title"),
        Column("owner", "所属", "Belongs to"),
        Column("purpose", "用途", "Purpose"),
        Column("state", "状态", "State"),
        Column("provider", "服务商", "Provider"),
        Column("messages", "短信数", "Messages"),
        *(Column(state.value, zh, en) for state, zh, en in _COUNTED),
        Column("budget_yuan", "预算（元）", "Budget (yuan)"),
        Column("spent_yuan", "已用（元）", "Spent (yuan)"),
        Column("made_at", "创建时间", "Made at"),
    ),
    key=("id",),
)
RUNS = TableSpec(
    "print-runs",
    "印制批次",
    "Print runs",
    (
        Column("id", "编号", "Number"),
        Column("title", "名称", "Title"),
        Column("owner", "所属", "Belongs to"),
        Column("state", "状态", "State"),
        Column("letters", "信件数", "Letters"),
        Column("downloads", "下载次数", "Downloads"),
        Column("made_at", "创建时间", "Made at"),
    ),
    key=("id",),
)
TEXTS = TableSpec(
    "message-texts",
    "短信文本",
    "Texts of messages",
    (
        Column("title", "名称", "Name"),
        Column("purpose", "用途", "Purpose"),
        Column("number", "版本", "Version"),
        Column("state", "状态", "State"),
        Column("signature", "签名", "Signature"),
        Column("zh", "中文", "Chinese"),
        Column("en", "英文", "English"),
        Column("made_at", "编写时间", "Written at"),
        Column("approved_at", "审批时间", "Approved at"),
    ),
    key=("title", "number"),
)


def text_rows(texts: Iterable[MessageText]) -> Iterator[dict[str, object]]:
    """One row per version, a text without any as one row of its name."""
    for text in texts:
        named: dict[str, object] = {"title": text.title, "purpose": str(text.get_purpose_display())}
        versions = list(text.versions.all())
        yield from (named | _version(version) for version in versions)
        if not versions:
            yield named


def _version(version: TextVersion) -> dict[str, object]:
    return {
        "number": version.number,
        "state": str(version.get_state_display()),
        "signature": str(version.signature),
        "zh": version.zh,
        "en": version.en,
        "made_at": version.made_at,
        "approved_at": version.approved_at,
    }


def batch_rows(
    batches: Iterable[MessageBatch], counts: dict[int, Counter[str]]
) -> Iterator[dict[str, object]]:
    """One row per batch."""
    for batch in batches:
        states = counts[batch.pk]
        yield {
            "id": batch.pk, "title": batch.title, "owner": batch.owner,
            "purpose": batch.get_purpose_display(), "state": batch.get_state_display(),
            "provider": batch.provider.title, "messages": batch.messages,
            "budget_yuan": f"{batch.budget_fen / 100:.2f}",
            "spent_yuan": f"{cost_fen(batch.spent_parts, batch.price_li) / 100:.2f}",
            "made_at": batch.made_at.isoformat(timespec="minutes"),
        } | {state.value: states[state] for state, _zh, _en in _COUNTED}  # fmt: skip


def run_rows(runs: Iterable[PrintRun]) -> Iterator[dict[str, object]]:
    """One row per print run."""
    for run in runs:
        yield {
            "id": run.pk, "title": run.title, "owner": run.owner, "state": run.get_state_display(),
            "letters": run.letters, "downloads": run.downloads,
            "made_at": run.made_at.isoformat(timespec="minutes"),
        }  # fmt: skip
