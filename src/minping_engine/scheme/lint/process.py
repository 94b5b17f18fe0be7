"""Guard rules around a result: objection before money, help first, burden, exclusions, consultation."""

from __future__ import annotations

from fractions import Fraction

from minping_engine.scheme.lint.finding import Findings
from minping_engine.scheme.model import CaseCount, CaseRate, Scheme
from minping_engine.scheme.model.words import as_written
from minping_engine.scheme.names import nodes_of

HELP = frozenset({"coaching", "training", "report", "rectification"})
HARSH = frozenset({"exit", "renewal", "pay", "performance_pay", "bonus", "promotion", "card"})
FEWEST_DAYS = 5
TWO_PERSONS = 2


def process_findings(scheme: Scheme) -> Findings:
    """Findings of use, objection, burden, exclusions."""
    found = Findings()
    _uses(scheme, found)
    _burden(scheme, found)
    if (
        any(isinstance(measure, CaseRate | CaseCount) for measure in scheme.measures)
        and not scheme.exclusions
    ):
        found.warn("lint.no_exclusions", "exclusions")
    for exclusion in scheme.exclusions:
        if exclusion.decided_by < TWO_PERSONS:
            found.error(
                "lint.exclusion_by_one", f"exclusions.{exclusion.id}.decided_by", exclusion=exclusion.id
            )
    return found


def _uses(scheme: Scheme, found: Findings) -> None:
    kinds = {use.kind for use in scheme.use}
    harsh = sorted(kinds & HARSH)
    if harsh and scheme.objection is None:
        found.error("lint.no_objection", "objection", uses=", ".join(harsh))
    if scheme.objection and scheme.objection.days < FEWEST_DAYS:
        found.warn("lint.short_objection", "objection.days", days=scheme.objection.days, least=FEWEST_DAYS)
    if harsh and not kinds & HELP:
        found.warn("lint.no_help", "use", uses=", ".join(harsh))
    if not scheme.use:
        found.warn("lint.no_use", "use")
    if harsh and not scheme.legal_basis:
        found.warn("lint.no_legal_basis", "legal_basis", uses=", ".join(harsh))
    if harsh and scheme.publication is None:
        found.warn("lint.no_preview", "publication")


def _burden(scheme: Scheme, found: Findings) -> None:
    spent = sum((fact.minutes for fact in scheme.facts), start=Fraction(0))
    if scheme.burden is None:
        found.warn("lint.no_burden", "burden")
    elif spent + scheme.burden.survey_minutes > scheme.burden.minutes_at_most:
        found.error(
            "lint.too_much_burden",
            "burden.minutes_at_most",
            minutes=as_written(spent + scheme.burden.survey_minutes),
            most=as_written(scheme.burden.minutes_at_most),
        )
    leaves = sum(1 for node in nodes_of(scheme.indicators) if not node.parts)
    if scheme.indicators_at_most is not None and leaves > scheme.indicators_at_most:
        found.error("lint.too_many_indicators", "indicators", n=leaves, most=scheme.indicators_at_most)
    if scheme.indicators and scheme.indicators_at_most is None:
        found.warn("lint.no_indicator_limit", "indicators_at_most")
