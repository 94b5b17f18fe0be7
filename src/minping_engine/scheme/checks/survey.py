"""Faults of questionnaires and of the parts that read their ballots."""

from __future__ import annotations

from collections.abc import Iterator

from minping_engine.scheme.checks.finding import Faults, twice
from minping_engine.scheme.model import Fairness, Instrument, Scheme

MOST_DRIVERS = 16


def survey_faults(scheme: Scheme) -> Faults:
    """Instruments, points of a ballot, fairness."""
    found = Faults()
    for name in twice(instrument.id for instrument in scheme.instruments):
        found.told("instruments", f"问卷编号 {name} 出现两次", f"instrument id {name} stands twice")
    for part in ("scoring", "sampling", "means"):
        if scheme.instruments and part not in scheme.model_fields_set:
            found.of("scheme.key_missing", part, name=part)
    for instrument in scheme.instruments:
        _instrument_faults(instrument, scheme, found)
    _fairness_faults(scheme, found)
    return found


def _instrument_faults(instrument: Instrument, scheme: Scheme, found: Faults) -> None:
    items, place = instrument.items, f"instruments.{instrument.id}.items"
    for name in twice(item.id for item in items):
        found.told(place, f"题目编号 {name} 出现两次", f"item id {name} stands twice")
    for item in items:
        if twice(str(answer.code) for answer in item.answers):
            found.told(f"{place}.{item.id}.answers", "有答案代码（code）出现两次", "a code stands twice")
        if min(answer.points for answer in item.answers) < 0 or item.max_milli <= 0:
            found.told(
                f"{place}.{item.id}.answers",
                "答案分值不能为负，且至少有一个答案得分",
                "points are not negative and one answer brings points",
            )
    most = sum(item.max_milli for item in items)
    if most != scheme.scoring.total.points:
        found.told(
            "scoring.total.points",
            f"各题最高分合计为 {most / 1000:g} 分",
            f"the items' best answers add up to {most / 1000:g} points",
        )
    if scheme.scoring.total.minimum_answered > len(items):
        found.told(
            "scoring.total.minimum_answered",
            f"问卷只有 {len(items)} 题",
            f"the instrument has {len(items)} items",
        )


def _fairness_faults(scheme: Scheme, found: Faults) -> None:
    fairness = scheme.fairness
    if fairness is None:
        if scheme.grading.chances or scheme.grading.quota:
            found.told(
                "fairness",
                "按把握或名额评等次，要有 `fairness` 一节",
                "grades by chance or quota need the part `fairness`",
            )
        return
    if not scheme.instruments:
        found.told(
            "fairness", "没有问卷，无从校正答卷", "there are no instruments whose ballots it could level"
        )
        return
    names = {
        "margins": fairness.weighting.margins if fairness.weighting else (),
        "adjusters": tuple(use.variable for use in fairness.adjusters),
        "context": fairness.context,
    }
    for key, used in names.items():
        for name in twice(used):
            found.told(f"fairness.{key}", f"{name} 出现两次", f"{name} stands twice")
    levelled = fairness.weighting or fairness.adjusters or fairness.modes or fairness.context
    if fairness.counts != "direct" and not levelled:
        found.told(
            "fairness.counts",
            f"`{fairness.counts}` 需要 `weighting`、`adjusters`、`modes` 或 `context`",
            f"`{fairness.counts}` needs `weighting`, `adjusters`, `modes` or `context`",
        )
    if fairness.modes and fairness.modes.reference not in scheme.means.modes:
        found.told(
            "fairness.modes.reference",
            f"`{fairness.modes.reference}` 不在方案的 means.modes 之中",
            f"`{fairness.modes.reference}` is none of the scheme's means.modes",
        )
    for zh, en in _driver_faults(scheme, fairness):
        found.told("fairness.drivers_of", zh, en)


def _driver_faults(scheme: Scheme, fairness: Fairness) -> Iterator[tuple[str, str]]:
    """Why an instrument cannot tell what goes with its overall item."""
    if fairness.drivers_of is None:
        return
    items = {item.id for item in scheme.instrument.items}
    if fairness.drivers_of not in items:
        yield f"问卷没有题目 {fairness.drivers_of}", f"the instrument has no item {fairness.drivers_of}"
    if len(items) < 3:
        yield "影响因素分析至少还要另外两题", "drivers need at least two further items"
    if len(items) > MOST_DRIVERS:
        zh = f"影响因素分析至多 {MOST_DRIVERS} 题，现有 {len(items)} 题"
        yield zh, f"at most {MOST_DRIVERS} items can be driver and outcome; there are {len(items)}"
