"""Guard rules for questionnaires: balanced scales, equal effort, silence is no answer (D3, D4, G3)."""

from __future__ import annotations

from minping_engine.scheme.lint.finding import Findings
from minping_engine.scheme.model import BallotShare, Instrument, Item, Scheme


def survey_findings(scheme: Scheme) -> Findings:
    """Findings of all questionnaires and of shares that are counted from them."""
    found = Findings()
    for instrument in scheme.instruments:
        for item in instrument.items:
            found += item_findings(item, f"instruments.{instrument.id}.items.{item.id}")
    for measure in scheme.measures:
        if isinstance(measure, BallotShare):
            _share(measure, scheme, found)
    if scheme.fairness and scheme.fairness.online and scheme.fairness.online.cap_percent:
        found.warn(
            "lint.open_online_scores",
            "fairness.online.cap_percent",
            percent=scheme.fairness.online.cap_percent,
        )
    return found


def item_findings(item: Item, place: str) -> Findings:
    """Findings of one question; editors of questionnaires ask before there is a scheme."""
    found = Findings()
    if item.kind == "scale" and not _balanced(item):
        found.error("lint.unbalanced_scale", f"{place}.answers", item=item.id)
    if item.kind == "behaviour" and min(answer.points for answer in item.answers) > 0:
        found.error("lint.no_negative_answer", f"{place}.answers", item=item.id)
    for language in ("zh", "en"):
        labels = [answer.label.of(language) for answer in item.answers]
        if len(set(labels)) < len(labels):
            found.error("lint.answer_twice", f"{place}.answers", item=item.id, language=language)
    if len({answer.asks_reason for answer in item.answers}) > 1:
        found.error("lint.unequal_effort", f"{place}.answers", item=item.id)
    if any(answer.preset for answer in item.answers):
        found.error("lint.preset_answer", f"{place}.answers", item=item.id)
    return found


def _balanced(item: Item) -> bool:
    """As many steps above the middle as below, at equal distances: points mirror each other."""
    points = sorted(answer.points for answer in item.answers)
    if len(set(points)) < len(points):
        return False
    return len({low + high for low, high in zip(points, reversed(points), strict=True)}) == 1


def _share(measure: BallotShare, scheme: Scheme, found: Findings) -> None:
    item = _item_of(measure, scheme.instruments)
    points = {answer.code: answer.points for answer in item.answers}
    place = f"measures.{measure.id}"
    asked = [code for code in sorted(points, key=points.__getitem__) if code not in measure.left_out]
    worth = [measure.counts.get(code, 0) for code in asked]
    if worth != sorted(worth):
        found.error("lint.share_not_monotone", f"{place}.counts", measure=measure.id)
    ends = {min(points, key=points.__getitem__), max(points, key=points.__getitem__)}
    if ends & set(measure.left_out):
        found.error("lint.answer_left_out", f"{place}.left_out", measure=measure.id)


def _item_of(measure: BallotShare, instruments: tuple[Instrument, ...]) -> Item:
    (instrument,) = (form for form in instruments if measure.instrument in (None, form.id))
    (item,) = (item for item in instrument.items if item.id == measure.item)
    return item
