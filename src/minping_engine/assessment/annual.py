"""The year so far: the plain mean of a subject's scores over the periods of one year (S2, S14).

In: the sealed history and this period's scores. Out: mean and number of periods. Each period counts
once, whatever its number of ballots; a period that was not assessed does not count.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from minping_engine.terms import year_of

Floats = NDArray[np.float64]
Key = tuple[str, str, str]


def in_year_of(period: str, history: pa.Table, scored_from: int) -> pa.Table:
    """Rows of comparable history of the period's year with enough ballots, oldest first."""
    year = year_of(period)
    if year is None:
        return history.slice(0, 0)
    same = pc.starts_with(history["period"], year)
    enough = pc.and_(pc.greater_equal(history["n"], scored_from), pc.is_valid(history["estimate"]))
    return history.filter(pc.and_(same, enough)).sort_by("period")


def year_means(earlier: pa.Table, keys: Sequence[Key], current: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Mean over this year's periods and their number; `keys` are (level, subject_id, variable)."""
    place = {key: number for number, key in enumerate(keys)}
    total, count = np.nan_to_num(current), (~np.isnan(current)).astype(np.int64)
    columns = (earlier[name].to_pylist() for name in ("level", "subject_id", "variable", "estimate"))
    for level, subject, variable, estimate in zip(*columns, strict=True):
        number = place.get((level, subject, variable))
        if number is not None:
            total[number] += estimate
            count[number] += 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 0, total / count, np.nan), count
