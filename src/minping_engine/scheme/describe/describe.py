"""The manual of a scheme, chapter by chapter (S18): five parts, then values, sources, basis.

In: a loaded scheme and a language. Out: `Manual`. Worked examples and the fingerprint are added where
they are read (`reporting/manual`): this package knows neither assessments nor snapshots.
"""

from __future__ import annotations

from collections.abc import Iterator

from minping_engine.scheme.describe.basis import basis_chapter
from minping_engine.scheme.describe.context import Context, context_of
from minping_engine.scheme.describe.document import Chapter, Manual
from minping_engine.scheme.describe.points import scoring_blocks
from minping_engine.scheme.describe.survey import instrument_chapter, means_chapter, sampling_chapter
from minping_engine.scheme.describe.use import use_chapter
from minping_engine.scheme.describe.values import values_chapter
from minping_engine.scheme.load import LoadedScheme
from minping_engine.terms import label


def describe_scheme(loaded: LoadedScheme, language: str = "zh") -> Manual:
    """The scheme in words, `zh` or `en`."""
    context = context_of(loaded, language)
    return Manual(
        language=context.w.language,
        title=context.w.of(context.scheme.title),
        subtitle=context.w.say("subtitle"),
        notices=tuple(_notices(context)),
        head=tuple(_head(context)),
        chapters=(
            instrument_chapter(context),
            Chapter(context.w.say("ch_scoring"), tuple(scoring_blocks(context))),
            sampling_chapter(context),
            means_chapter(context),
            use_chapter(context),
            values_chapter(context),
            basis_chapter(context),
        ),
        footer=context.w.say("footer", key=loaded.key),
    )


def _notices(context: Context) -> Iterator[str]:
    scheme, w = context.scheme, context.w
    if scheme.disabled:
        yield w.say("disabled", rule=scheme.disabled.rule, why=w.of(scheme.disabled.why))
    if scheme.example_only:
        text = w.of(scheme.example_only)
        yield text if text.startswith(("示例", "Example")) else w.say("demo_example", text=text)
    if context.loaded.uses_demo_values:
        yield w.say("uses_demo")
    unfilled = [value.id for value in context.loaded.values.values() if value.origin == "unfilled"]
    if unfilled:
        yield w.say("unfilled", titles=w.listed(context.titles.title(name) for name in unfilled))


def _head(context: Context) -> Iterator[tuple[str, str]]:
    scheme, w = context.scheme, context.w
    yield w.say("head_id"), context.loaded.key
    yield w.say("head_assessee"), label(scheme.assessee_kind, w.language)
    yield w.say("head_period"), _period(context)
    if scheme.requirements:
        yield w.say("head_requirements"), w.listed(scheme.requirements)


def _period(context: Context) -> str:
    period, w = context.scheme.period, context.w
    parts = [label(period.kind, w.language)]
    if (period.cut_day, period.cut_hour) != (1, 0):
        parts.append(w.say("cut", day=period.cut_day, hour=period.cut_hour))
    if period.basis:
        parts.append(w.say(f"basis_{period.basis}"))
    return w.sentences(parts)
