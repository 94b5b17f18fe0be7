"""What all evidence of a period is drawn from: hidden qualities and one random stream per table and column.

In: loaded scheme, plan, seed, period, assessees. Out: `Drawing`. Each assessee has a quality that stays
and one that comes and goes; together they are standard normal. Streams are told by scheme, period, table
and column, so that a new fact changes no other number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.evidence.assessees import Assessee
from minping_engine.demo.evidence.plan import DemoPlan, Number
from minping_engine.demo.streams import Floats, Purpose, named_stream
from minping_engine.scheme import LoadedScheme

LASTING, PASSING = 0.8, 0.6
"""Squares add up to 1."""
ALWAYS = "always"
"""Stands for the period in streams of what lasts."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Drawing:
    """One period of a scheme's demonstration."""

    loaded: LoadedScheme
    plan: DemoPlan
    seed: int
    period: str
    assessees: tuple[Assessee, ...]

    @property
    def n(self) -> int:
        """Number of assessees."""
        return len(self.assessees)

    @property
    def ids(self) -> list[str]:
        """Their ids, in order."""
        return [assessee.id for assessee in self.assessees]

    @cached_property
    def households(self) -> Ints:
        """Households of each one's area."""
        return np.array([assessee.households for assessee in self.assessees], dtype=np.int64)

    def rng(self, *names: str, period: str | None = None) -> np.random.Generator:
        """The stream of a table and column; `period` is another one than the drawing's."""
        scheme = self.loaded.scheme.id
        return named_stream(self.seed, Purpose.SCHEME_DEMO, scheme, period or self.period, *names)

    def quality(self, period: str | None = None) -> Floats:
        """Hidden quality by assessee, standard normal but where the plan plants it."""
        period = period or self.period
        lasting = self.rng("quality", period=ALWAYS).standard_normal(self.n)
        passing = self.rng("quality", period=period).standard_normal(self.n)
        quality = LASTING * lasting + PASSING * passing
        for plant in self.plan.planted:
            if plant.quality is not None and plant.holds(period):
                quality[plant.who] = plant.quality
        return quality


def numbers(draw: Number, quality: Floats, rng: np.random.Generator) -> Floats:
    """Numbers around the middle, moved by quality, rounded and held as the plan says."""
    values = draw.around + draw.quality * quality + draw.spread * rng.standard_normal(quality.size)
    step = draw.step or (1.0 if draw.whole else None)
    if step is not None:
        values = np.floor(values / step + 0.5) * step
    return np.asarray(np.clip(values, draw.least, draw.most))


def chances(share: float, per_quality: float, quality: Floats) -> Floats:
    """A share moved by quality, between 0 and 1."""
    return np.clip(share + per_quality * quality, 0.0, 1.0)


def milli(values: Floats) -> Ints:
    """Thousandths, as snapshots hold them."""
    return np.rint(values * 1000).astype(np.int64)


def choices(frequencies: dict[str, float], n: int, rng: np.random.Generator) -> Ints:
    """Places in the list of words, by relative frequency."""
    weights = np.array(list(frequencies.values()), dtype=np.float64)
    return np.asarray(np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(n), side="right"))
