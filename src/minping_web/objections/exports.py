"""Registers of objections and exclusions, and a difference of two results, as tables to download."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minping_web.common.tabular import Column, TableSpec
from minping_web.objections.models import Exclusion, Objection
from minping_web.objections.selectors.differences import Moved

OBJECTIONS = TableSpec(
    "objections",
    "异议登记",
    "Objections",
    (
        Column("number", "编号", "Number"),
        Column("round", "轮次", "Round"),
        Column("who", "异议人", "By"),
        Column("place", "所在区域", "Place"),
        Column("subject", "异议事项", "Objects to"),
        Column("filed_on", "提出日期", "Filed on"),
        Column("due_on", "办理期限", "Due on"),
        Column("outcome", "结果", "Outcome"),
        Column("decided_on", "决定日期", "Decided on"),
        Column("reasons", "理由", "Reasons"),
    ),
    key=("number",),
)
EXCLUSIONS = TableSpec(
    "exclusions",
    "剔除登记",
    "Exclusions",
    (
        Column("number", "编号", "Number"),
        Column("round", "轮次", "Round"),
        Column("left_out", "剔除内容", "Left out"),
        Column("what", "对象", "What"),
        Column("cause", "原因", "Cause"),
        Column("reason", "查证情况", "Reason"),
        Column("state", "状态", "State"),
        Column("proposed_by", "提出人", "Proposed by"),
        Column("signed_by", "签署人", "Signed by"),
    ),
    key=("number",),
)
DIFFERENCE = TableSpec(
    "difference",
    "更正前后对照",
    "Before and after the correction",
    (
        Column("id", "考核对象编号", "Assessee id"),
        Column("name", "姓名/名称", "Name"),
        Column("place", "所在区域", "Place"),
        Column("score_before", "原得分", "Score before"),
        Column("score_after", "新得分", "Score after"),
        Column("grade_before", "原等次", "Grade before"),
        Column("grade_after", "新等次", "Grade after"),
        Column("ranks_before", "原名次区间", "Rank range before"),
        Column("ranks_after", "新名次区间", "Rank range after"),
        Column("money_change", "金额变化（分）", "Change of money (fen)"),
    ),
    key=("id",),
)


def objection_rows(found: Iterable[Objection]) -> Iterator[dict[str, object]]:
    """One row per objection; the objector's text stays in the product."""
    for one in found:
        yield {
            "number": one.pk,
            "round": one.preview.run.round.name,
            "who": who_of(one),
            "place": one.area.name if one.area else "",
            "subject": one.get_subject_display(),
            "filed_on": one.filed_at.date().isoformat(),
            "due_on": one.due_on.isoformat(),
            "outcome": one.get_outcome_display(),
            "decided_on": one.decided_at.date().isoformat() if one.decided_at else "",
            "reasons": one.reasons,
        }


def who_of(one: Objection) -> str:
    """The person, the organisation or the place."""
    if one.is_own and one.result:
        return one.result.name
    return str(one.organisation or one.area or "")


def exclusion_rows(found: Iterable[Exclusion]) -> Iterator[dict[str, object]]:
    """One row per exclusion."""
    for one in found:
        yield {
            "number": one.pk,
            "round": one.run.round.name,
            "left_out": one.get_leaves_out_display(),
            "what": one.area.name if one.area else ", ".join(map(str, one.batches)),
            "cause": one.get_cause_display(),
            "reason": one.reason,
            "state": one.standing_words,
            "proposed_by": str(one.proposed_by),
            "signed_by": str(one.signed_by or ""),
        }


def difference_rows(found: Iterable[Moved]) -> Iterator[dict[str, object]]:
    """One row per assessee whose result moved."""
    for one in found:
        before, after = one.before, one.after
        yield {
            "id": one.assessee_id,
            "name": one.name,
            "place": one.place,
            "score_before": _points(before.score if before else None),
            "score_after": _points(after.score if after else None),
            "grade_before": before.grade if before else "",
            "grade_after": after.grade if after else "",
            "ranks_before": f"{before.rank_low}–{before.rank_high}" if before and before.rank_low else "",
            "ranks_after": f"{after.rank_low}–{after.rank_high}" if after and after.rank_low else "",
            "money_change": one.money_change,
        }


def _points(value: float | None) -> object:
    return "" if value is None else round(value, 2)
