"""Into which assessments a score is converted, and by which formula (S29).

A scheme that converts its score says only that it does; the scheme that takes it up says how: so many points
of its total, in a straight line from nothing to full marks. Where the district has not filled in the points
there is no formula, and none is made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_engine.scheme import (
    Indicator,
    Linear,
    LoadedScheme,
    ResultScore,
    decimal_text,
    load_scheme,
    nodes_of,
    scheme_ids,
)
from minping_web.assessments.rules.words import page_language
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.selectors.versions import loaded


@dataclass(frozen=True)
class Conversion:
    """One place where the score enters."""

    scheme_id: str
    titles: tuple[str, str]
    """Of the scheme that takes it up, in Chinese and English."""
    parts: tuple[str, str]
    points: Fraction | None
    """Full marks of the part; None where the district has not filled them in."""
    low: Fraction
    full: Fraction

    @property
    def title(self) -> str:
        """What takes it up, in the language of the page."""
        return self.titles[page_language() == "en"]

    @property
    def part(self) -> str:
        """Its part, in the language of the page."""
        return self.parts[page_language() == "en"]

    @property
    def formula(self) -> str:
        """How, in words."""
        if self.points is None:
            return _("the district has not filled in the points")
        told = {"points": decimal_text(self.points), "full": decimal_text(self.full - self.low)}
        if not self.low:
            return _("score × %(points)s ÷ %(full)s") % told
        return _("(score − %(low)s) × %(points)s ÷ %(full)s") % {**told, "low": decimal_text(self.low)}

    def converted(self, score: float | None) -> float | None:
        """Points that the score becomes, within nothing and full marks."""
        if score is None or self.points is None:
            return None
        share = (Fraction(str(score)) - self.low) / (self.full - self.low)
        return float(self.points * min(max(share, Fraction(0)), Fraction(1)))


def conversions_of(scheme_id: str, text: str) -> list[Conversion]:
    """Where the score of this period enters: schemes that `text` (of the use) names or the district froze."""
    frozen = set(SchemeVersion.objects.values_list("scheme_id", flat=True))
    takers = [one for one in scheme_ids() if scheme_id in _taken_up(one) and (one in text or one in frozen)]
    return [made for one in takers for made in _conversions(one, scheme_id)]


@lru_cache(maxsize=256)
def _taken_up(scheme_id: str) -> frozenset[str]:
    """Ids of the schemes whose score it reads."""
    try:
        measures = load_scheme(scheme_id).scheme.measures
    except MinpingError:  # a broken or unfilled scheme of the library takes up nothing
        return frozenset()
    return frozenset(one.scheme for one in measures if isinstance(one, ResultScore) and _is_same_period(one))


def _is_same_period(measure: ResultScore) -> bool:
    return measure.periods == "current" and measure.whose == "self"


def _conversions(taker: str, scheme_id: str) -> Iterator[Conversion]:
    found, is_filled = _in_force(taker)
    measures = {
        one.id
        for one in found.scheme.measures
        if isinstance(one, ResultScore) and one.scheme == scheme_id and _is_same_period(one)
    }
    for node in nodes_of(found.scheme.indicators):
        if node.measure in measures and isinstance(node.criterion, Linear):
            yield _conversion(found, node, node.criterion, is_filled)


def _in_force(scheme_id: str) -> tuple[LoadedScheme, bool]:
    """The version that the district froze last, else the library's; whether its values are filled in."""
    frozen = SchemeVersion.objects.filter(scheme_id=scheme_id).order_by("-pk").first()
    found = loaded(frozen, demo=settings.DEMO) if frozen else load_scheme(scheme_id, demo=settings.DEMO)
    return found, not found.unfilled


def _conversion(found: LoadedScheme, node: Indicator, line: Linear, is_filled: bool) -> Conversion:
    title = found.scheme.title
    return Conversion(
        scheme_id=found.scheme.id, titles=(title.zh, title.en), parts=(node.title.zh, node.title.en),
        points=node.points if is_filled else None, low=line.from_, full=line.to,
    )  # fmt: skip
