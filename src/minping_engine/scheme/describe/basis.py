"""The chapter on what a scheme rests on: law, consultations, pilot, burden, restricted features."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from minping_engine.scheme.describe.context import Context
from minping_engine.scheme.describe.document import Block, Chapter, Heading, Line, Lines
from minping_engine.scheme.describe.values import source_words
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.model import Scheme
from minping_engine.scheme.model.use import Feature


def basis_chapter(context: Context) -> Chapter:
    """Everything around the rules themselves."""
    blocks: list[Block] = []
    for key, lines in _parts(context):
        if lines:
            blocks += [Heading(context.w.say(key)), Lines(tuple(Line(line) for line in lines))]
    return Chapter(context.w.say("ch_basis"), tuple(blocks) or (Line(context.w.say("nothing")),))


def _parts(context: Context) -> Iterator[tuple[str, list[str]]]:
    scheme = context.scheme
    yield "h_legal", [source_words(context, source) for source in scheme.legal_basis]
    yield "h_consultations", list(_consultations(context))
    yield "h_pilot", list(_pilot(context))
    yield "h_burden", list(_burden(context, scheme))
    yield "h_features", [_feature(context, feature) for feature in scheme.features]


def _consultations(context: Context) -> Iterator[str]:
    w = context.w
    for heard in context.scheme.consultations:
        day = w.say("unknown_day") if str(heard.date) == "unknown" else str(heard.date)
        yield w.say(
            "consulted", date=day, who=w.of(heard.with_), n=heard.meetings, changed=w.of(heard.changed)
        )


def _pilot(context: Context) -> Iterator[str]:
    pilot, w = context.scheme.pilot, context.w
    if pilot:
        key = "pilot_running" if pilot.is_running else "pilot"
        yield w.say(key, places=w.listed(pilot.places), revised=w.of(pilot.revised))


def _burden(context: Context, scheme: Scheme) -> Iterator[str]:
    w = context.w
    if scheme.burden:
        facts = sum((fact.minutes for fact in scheme.facts), start=Fraction(0))
        amounts = (scheme.burden.minutes_at_most, facts, scheme.burden.survey_minutes)
        most, entered, other = (w.amount(amount, Unit.MINUTES) for amount in amounts)
        yield w.say("burden", most=most, facts=entered, other=other)


def _feature(context: Context, feature: Feature) -> str:
    w, name = context.w, context.label("feature", feature.id)
    if not feature.enabled or feature.legal_basis is None:
        return w.say("feature_off", name=name)
    return w.say("feature_on", name=name, title=feature.legal_basis.title, expires=feature.expires)
