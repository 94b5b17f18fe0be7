"""Receipts as people type them, and the list of all counted ones as a text that anybody can check."""

from __future__ import annotations

import re

LENGTH = 16
_SHAPE = re.compile(r"[A-Z2-7]{16}")
_LOOKALIKE = str.maketrans("018", "OIB")


def read_receipt(text: str) -> str | None:
    """What somebody typed, in the one spelling; None where it cannot be a receipt."""
    plain = re.sub(r"[\s\-·.]", "", text).upper().translate(_LOOKALIKE)
    return plain if _SHAPE.fullmatch(plain) else None


HEAD = """\
# 民评：第 {round} 轮已计入的答卷回执 / Minping: receipts of counted ballots, round {round}
# {name} · {period}
# 封存快照 / snapshot: {sha256}
# 回执总根 / root over receipts: {root}
# 每个区域一段：编号、名称、受邀户数、已答户数、计入份数、该区域回执的根；随后每行一个回执，已排序。
# One section for each area: code, name, invited, voted, counted, root of receipts; then one a line, sorted.
# 区域的根：按 RFC 6962，叶为回执本身。总根：叶为“编号+根”，按编号排序。
# Root of an area: RFC 6962 over the receipts as they stand. Root over areas: leaves are code + root, by code.
# 回执数 = 计入份数 <= 已答户数 <= 受邀户数 / receipts = counted <= voted <= invited
# 计入份数含因同类答卷过少而不发布的 {withheld} 份 / counted includes {withheld} withheld as too few of a kind
"""
SECTION = "\n[{area}] {name} {drawn} {spent} {ballots} {receipts_root}\n"
