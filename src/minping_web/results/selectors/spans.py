"""Years and half-years that published periods make up, for reports and annual cards (S2, S68).

In: publications that hold. Out: spans with how many of their periods are there. Of two results for the same
period, say a pilot's and the district's, the one with more assessed counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from minping_engine.reporting import PaperSpan, SpanKind, make_span
from minping_engine.terms import last_day
from minping_web.common.periods import period_name
from minping_web.common.scope import Scope
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import current_publications
from minping_web.results.selectors.cards import result_of, scheme_of, snapshot_of
from minping_web.results.selectors.hidden import hidden_places
from minping_web.results.selectors.visible import publications_seen

JUNE = 6


@dataclass(frozen=True)
class FoundSpan:
    """A year or half-year of one frozen scheme. `name` is 2020, 2020H1 or 2020H2."""

    name: str
    kind: SpanKind
    publications: tuple[Publication, ...]

    @property
    def last(self) -> Publication:
        """The newest of them."""
        return self.publications[-1]

    @property
    def year(self) -> str:
        """The year."""
        return self.name[:4]

    @property
    def title(self) -> str:
        """The span in words."""
        return period_name(self.name)

    @property
    def periods(self) -> list[str]:
        """Its periods in words."""
        return [period_name(one.round.period) for one in self.publications]

    def paper(self) -> PaperSpan | None:
        """As the engine prints it; None where files are gone. Raises `InputError` for what does not fit."""
        results = [result_of(one.run) for one in self.publications]
        snapshot = snapshot_of(self.last.run)
        if snapshot is None or any(result is None for result in results):
            return None
        found = [result for result in results if result is not None]
        made = make_span(self.kind, found, scheme_of(self.last.run), snapshot)
        return replace(made, left_out={one.round.period: hidden_places(one) for one in self.publications})


def spans_seen(scope: Scope) -> list[FoundSpan]:
    """All spans, newest first."""
    return spans_of(publications_seen(scope))


def spans_of(publications: Iterable[Publication]) -> list[FoundSpan]:
    """Spans by frozen scheme, year and half."""
    found: dict[tuple[int, str], dict[str, Publication]] = {}
    for one in publications:
        for name in _names(one.round.period):
            periods = found.setdefault((one.run.scheme_id, name), {})
            held = periods.get(one.round.period)
            if held is None or _assessed(one) > _assessed(held):
                periods[one.round.period] = one
    spans = [
        FoundSpan(
            name,
            SpanKind.YEAR if len(name) == 4 else SpanKind.HALF_YEAR,
            tuple(periods[period] for period in sorted(periods)),
        )
        for (_scheme, name), periods in found.items()
    ]
    return sorted(spans, key=lambda span: (span.name, span.last.pk), reverse=True)


def _names(period: str) -> tuple[str, ...]:
    """2020 and 2020H1 of a quarter; a yearly period belongs to no half."""
    day = last_day(period)
    if day is None:
        return ()
    year = f"{day.year:04}"
    return (year,) if period == year else (year, f"{year}H{1 if day.month <= JUNE else 2}")


def _assessed(publication: Publication) -> int:
    return int(publication.run.counts.get("assessed", 0))


def span_of_year(publication: Publication) -> FoundSpan | None:
    """The year of a publication, of its scheme."""
    rows = current_publications().filter(run__scheme=publication.run.scheme_id)
    year = publication.round.period[:4]
    own = [one for one in rows if one.round.period <= publication.round.period or one == publication]
    return next((span for span in spans_of(own) if span.name == year), None)
