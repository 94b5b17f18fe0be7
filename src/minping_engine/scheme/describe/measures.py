"""Facts and measures in words: what is counted, and from where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from minping_engine.errors import SchemeError
from minping_engine.scheme.describe.context import Context
from minping_engine.scheme.describe.document import Block, Heading, Line, table
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.load import load_scheme
from minping_engine.scheme.model import (
    AppraisalMean,
    AppraisalShare,
    BallotMean,
    BallotShare,
    CaseCount,
    CaseRate,
    Fact,
    FactRate,
    Formula,
    Item,
    Measure,
    ResultCount,
    ResultGrade,
    ResultScore,
    VisitCoverage,
)


def evidence_blocks(context: Context) -> Iterator[Block]:
    """Tables of facts and measures."""
    scheme, w = context.scheme, context.w
    if scheme.facts:
        yield Heading(w.say("h_facts"))
        head = (w.say("fact"), w.say("unit"), w.say("from_where"), w.say("absent_rule"))
        yield table(head, (_fact(context, fact) for fact in scheme.facts), (34, 12, 27, 27))
    if scheme.measures:
        yield Heading(w.say("h_measures"))
        rows = ((w.of(measure.title), how_made(context, measure)) for measure in scheme.measures)
        yield table((w.say("measure"), w.say("how_made")), rows, (32, 68))


def _fact(context: Context, fact: Fact) -> tuple[str, ...]:
    w = context.w
    basis = w.say(f"basis_{fact.basis}")
    if fact.collected == "entered":
        basis = w.say("entered", basis=basis, minutes=w.amount(fact.minutes, Unit.MINUTES))
    absent = w.say("absent_unknown")
    if fact.if_absent is not None:
        absent = w.say("absent_is", n=w.amount(fact.if_absent, fact.unit))
    return w.of(fact.title), w.say(f"u_{fact.unit}"), basis, absent


def how_made(context: Context, measure: Measure) -> Line:
    """How a measure comes about, in words."""
    return MAKERS[type(measure)](context, measure)


def _ballot_mean(context: Context, measure: BallotMean) -> Line:
    w = context.w
    if measure.item is None:
        return Line(w.say("m_ballot_mean") + _form(context, measure.instrument))
    item = _item(context, measure.instrument, measure.item)
    return Line(w.say("m_ballot_item", item=w.of(item.short)) + _form(context, measure.instrument))


def _ballot_share(context: Context, measure: BallotShare) -> Line:
    w, item = context.w, _item(context, measure.instrument, measure.item)
    labels = {answer.code: w.of(answer.label) for answer in item.answers}
    counted = [
        labels[code] if share == 1 else w.say("m_counted_as", label=labels[code], share=w.amount(share))
        for code, share in measure.counts.items()
        if share
    ]
    text = w.say("m_ballot_share", item=w.of(item.short), answers=w.listed(counted))
    if measure.left_out:
        text += w.say("m_left_out", labels=w.listed(labels[code] for code in measure.left_out))
    return Line(text + _form(context, measure.instrument))


def _form(context: Context, name: str | None) -> str:
    """Which questionnaire, where there are several."""
    forms = {form.id: form for form in context.scheme.instruments}
    if name is None or len(forms) < 2:
        return ""
    return context.w.say("m_instrument", title=context.w.of(forms[name].title))


def _item(context: Context, form: str | None, name: str) -> Item:
    items = (item for one in context.scheme.instruments if form in (None, one.id) for item in one.items)
    return next(item for item in items if item.id == name)


def _raters(context: Context, name: str) -> str:
    return next(context.w.of(group.title) for group in context.scheme.raters if group.id == name)


def _marks(context: Context, measure: AppraisalMean) -> Line:
    w, raters = context.w, _raters(context, measure.raters)
    if not measure.items or measure.items == (measure.id,):
        return Line(w.say("m_marks", raters=raters))
    return Line(w.say("m_marks_items", raters=raters, items=_asked(context, measure, measure.items)))


def _marks_share(context: Context, measure: AppraisalShare) -> Line:
    w = context.w
    points, raters = w.points(measure.from_points), _raters(context, measure.raters)
    return Line(
        w.say("m_marks_share", raters=raters, item=_asked(context, measure, (measure.item,)), points=points)
    )


def _asked(context: Context, measure: Measure, names: tuple[str, ...]) -> str:
    """What marks are given for: lines of a sheet have no titles, so the measure's own says it, once."""
    titles = (context.titles.names.get(name) for name in names)
    known = [title.title for title in titles if title is not None]
    return context.w.listed(known) if len(known) == len(names) else context.w.of(measure.title)


def _visits(context: Context, measure: VisitCoverage) -> Line:
    return Line(context.w.say(f"m_visits_{measure.quota.window}", n=measure.quota.count))


def _of_cases(context: Context, measure: CaseRate | CaseCount) -> Line:
    names = ("numerator", "denominator") if isinstance(measure, CaseRate) else ("when",)
    key = "m_cases_rate" if isinstance(measure, CaseRate) else "m_cases_count"
    return _told(context, key, measure, names)


def _facts_rate(context: Context, measure: FactRate) -> Line:
    return _told(context, "m_facts_rate", measure, ("numerator", "denominator"))


def _told(context: Context, key: str, measure: Any, names: Iterable[str]) -> Line:
    """Expressions of a measure within a sentence."""
    lines = {name: context.spoken.line(getattr(measure, name)) for name in names}
    small = " / ".join(line.small for line in lines.values())
    return Line(context.w.say(key, **{name: line.text for name, line in lines.items()}), small)


def _formula(context: Context, measure: Formula) -> Line:
    return context.spoken.line(measure.value)


def _result_score(context: Context, measure: ResultScore) -> Line:
    w = context.w
    aggregate = w.say(f"agg_{measure.aggregate}")
    text = w.say("m_result_score", **_other(context, measure), aggregate=aggregate)
    return Line(text + (w.say("m_at_least", n=measure.at_least) if measure.at_least > 1 else ""))


def _result_count(context: Context, measure: ResultCount) -> Line:
    when = context.spoken.line(measure.when)
    return Line(context.w.say("m_result_count", **_other(context, measure), when=when.text), when.small)


def _result_grade(context: Context, measure: ResultGrade) -> Line:
    return Line(context.w.say("m_result_grade", **_other(context, measure)))


def _other(context: Context, measure: ResultScore | ResultCount | ResultGrade) -> dict[str, str]:
    """Whose result, of which scheme, of which periods."""
    w = context.w
    return {
        "whose": w.say(f"whose_{measure.whose}"),
        "scheme": _scheme_title(context, measure.scheme),
        "periods": w.say(f"periods_{measure.periods}"),
    }


def _scheme_title(context: Context, name: str) -> str:
    """A scheme of the library by its title; one that is not there keeps its id."""
    if name == context.scheme.id:
        return context.w.of(context.scheme.title)
    try:
        return context.w.of(load_scheme(name, demo=True).scheme.title)
    except SchemeError:
        return name


MAKERS: dict[type[Any], Callable[[Context, Any], Line]] = {
    BallotMean: _ballot_mean,
    BallotShare: _ballot_share,
    AppraisalMean: _marks,
    AppraisalShare: _marks_share,
    VisitCoverage: _visits,
    CaseRate: _of_cases,
    CaseCount: _of_cases,
    FactRate: _facts_rate,
    Formula: _formula,
    ResultScore: _result_score,
    ResultCount: _result_count,
    ResultGrade: _result_grade,
}
