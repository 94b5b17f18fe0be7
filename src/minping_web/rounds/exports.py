"""What leaves as a table: rounds, areas with their progress, batches, what was done out of the ordinary."""

from __future__ import annotations

from minping_web.common.tabular import Column, TableSpec


def _table(name: str, zh: str, en: str, *columns: tuple[str, str, str]) -> TableSpec:
    return TableSpec(name, zh, en, tuple(Column(*column) for column in columns), key=(columns[0][0],))


ROUNDS = _table(
    "rounds", "调查轮次", "Survey rounds",
    ("name", "名称", "Name"), ("period", "考核期", "Period"), ("scheme", "考核方案", "Scheme"),
    ("state", "状态", "State"), ("pilot", "试点", "Pilot"), ("opens_at", "开始", "From"),
    ("closes_at", "截止", "Until"),
)  # fmt: skip
AREAS = _table(
    "areas", "各片进度", "Areas",
    ("code", "编号", "Code"), ("name", "名称", "Name"), ("around", "所属", "Lies in"),
    ("wanted", "目标份数", "Wanted"), ("invited", "邀请户数", "Invited"), ("voted", "已答户数", "Voted"),
    ("state", "状态", "State"),
)  # fmt: skip
BATCHES = _table(
    "batches", "发送批次", "Batches",
    ("title", "名称", "Title"), ("channel", "渠道", "Way"), ("purpose", "用途", "Purpose"),
    ("tokens", "编码数", "Tokens"), ("made_at", "生成时间", "Made at"), ("made_by", "经办人", "Made by"),
    ("revoked_at", "作废时间", "Revoked at"),
)  # fmt: skip
ACCIDENTS = _table(
    "history", "变更与异常", "History",
    ("at", "时间", "When"), ("kind", "事项", "What was done"), ("area", "区域", "Area"),
    ("reason", "理由", "Reason"), ("by", "经办人", "Who"),
)  # fmt: skip
