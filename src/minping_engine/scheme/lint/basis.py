"""Guard rules for evidence: forbidden bases, volume, silence, raters who could be traced (G1, D9, B3).

The words below stand in titles of facts that the law excludes, whatever their `basis` says.
"""

from __future__ import annotations

from collections.abc import Iterator

from minping_engine.scheme.expressions import Unit, names_under
from minping_engine.scheme.lint.finding import Findings
from minping_engine.scheme.model import (
    CaseRate,
    Fact,
    FactRate,
    Formula,
    FormulaPoints,
    PerStep,
    Scheme,
)
from minping_engine.scheme.names import nodes_of
from minping_engine.terms import PERSON_KINDS

FORBIDDEN = frozenset(
    {
        *("likes", "online_votes", "forwards", "online_minutes", "learning_minutes", "check_ins"),
        *("tracks", "points_ranking", "log_counts"),
    }
)
FORBIDDEN_WORDS = (
    *("点赞", "打卡", "签到", "轨迹", "在线时长", "转发", "网络投票", "网上投票", "学习时长", "积分排名"),
    *("日志条数", "日志篇数", "发帖", "关注人数"),
)
EVENT_UNITS = frozenset({Unit.TIMES, Unit.COUNT})
MARKS = frozenset({Unit.POINTS, Unit.SHARE, Unit.PERCENT})
"""Units in which a filled gap would count as an answer; a level or an amount may start somewhere."""
TRACEABLE = frozenset({"residents", "resident_representatives", "service_users", "peers", "representatives"})
FEWEST_RATERS = 5


def basis_findings(scheme: Scheme) -> Findings:
    """Findings of facts, rater groups, features, and of numbers that stand for silence."""
    found = Findings()
    for fact in scheme.facts:
        _fact(fact, scheme, found)
    for group in scheme.raters:
        if group.source in TRACEABLE and group.minimum < FEWEST_RATERS:
            found.warn("lint.few_raters", f"raters.{group.id}.minimum", group=group.id, least=FEWEST_RATERS)
    for feature in scheme.features:
        if feature.enabled and (feature.legal_basis is None or feature.expires is None):
            found.error("lint.restricted_feature", f"features.{feature.id}", feature=feature.id)
    for place, name in _filled_silence(scheme):
        found.error("lint.silence_counts", place, name=name)
    _volume(scheme, found)
    if scheme.publication and scheme.publication.ranks_persons and scheme.assessee_kind in PERSON_KINDS:
        found.error("lint.ranks_persons", "publication.ranks_persons")
    return found


def _fact(fact: Fact, scheme: Scheme, found: Findings) -> None:
    place = f"facts.{fact.id}"
    word = next((word for word in FORBIDDEN_WORDS if word in fact.title.zh), None)
    if fact.basis in FORBIDDEN or word:
        tell = found.error if scheme.disabled is None else found.warn
        tell("lint.forbidden_basis", f"{place}.basis", fact=fact.id, basis=word or fact.basis)
    if fact.if_absent is not None and (fact.if_absent != 0 or fact.unit not in EVENT_UNITS):
        found.error("lint.silence_counts", f"{place}.if_absent", name=fact.id)
    if fact.collected == "entered" and not fact.minutes:
        found.warn("lint.minutes_unknown", f"{place}.minutes", fact=fact.id)


def _filled_silence(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """Places where a missing value becomes a number, or an unanswered callback a content resident."""
    evidence = {fact.id for fact in scheme.facts if fact.if_absent is None}
    evidence |= {measure.id for measure in scheme.measures} | {"measure"}
    for place, text in _formulas(scheme):
        for name in sorted((names_under(text, "COALESCE") | names_under(text, "IS NULL")) & evidence):
            yield place, name
    for measure in scheme.measures:
        if isinstance(measure, CaseRate):
            for name in sorted(names_under(measure.numerator, "IS NULL") & {"satisfaction", "resolved"}):
                yield f"measures.{measure.id}.numerator", name
            for name in sorted(names_under(measure.numerator, "COALESCE")):
                yield f"measures.{measure.id}.numerator", name


def _formulas(scheme: Scheme) -> Iterator[tuple[str, str]]:
    for measure in scheme.measures:
        if isinstance(measure, Formula) and measure.unit in MARKS:
            yield f"measures.{measure.id}.value", measure.value
        elif isinstance(measure, FactRate):
            yield f"measures.{measure.id}.numerator", measure.numerator
            yield f"measures.{measure.id}.denominator", measure.denominator
    for change in scheme.adjustments:
        yield f"adjustments.{change.id}.points", change.points
    for node in nodes_of(scheme.indicators):
        if isinstance(node.criterion, FormulaPoints):
            yield f"indicators.{node.id}.criterion", node.criterion.value


def _volume(scheme: Scheme, found: Findings) -> None:
    """Points for sheer amounts of work invite invented work."""
    facts = {fact.id: fact for fact in scheme.facts}
    for node in nodes_of(scheme.indicators):
        fact = facts.get(node.measure or "")
        if fact and isinstance(node.criterion, PerStep) and fact.unit in EVENT_UNITS:
            found.warn("lint.volume_indicator", f"indicators.{node.id}", fact=fact.id)
