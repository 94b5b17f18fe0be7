"""What every function of this package asks of its input; wrong input is a coded error.

In: arrays as a caller gives them. Out: float64 copies that are finite, of one length, with
positive errors. Whoever has no estimate or no error is left out by the caller, with a state.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minping_engine.errors import InputError

Floats = NDArray[np.float64]
FEWEST_BALLOTS = 30
"""Below this many ballots a mean is not near enough to normal for sets of ranks (methods.md 5)."""


def share(value: float, name: str) -> float:
    """A number strictly between 0 and 1; percent given by mistake is told so."""
    if not 0 < value < 1:
        raise InputError.of("ranking.not_a_share", name=name, value=value)
    return float(value)


def estimates(
    value: ArrayLike, error: ArrayLike, *, zero_error_allowed: bool = False
) -> tuple[Floats, Floats]:
    """Estimates (n,) and their standard errors (n,), both finite, errors > 0 (or >= 0)."""
    centre, spread = np.array(value, dtype=np.float64), np.array(error, dtype=np.float64)
    if centre.ndim != 1 or centre.shape != spread.shape or centre.size == 0:
        raise InputError.of("ranking.shapes", estimates=centre.shape, errors=spread.shape)
    unknown = int(np.count_nonzero(~(np.isfinite(centre) & np.isfinite(spread))))
    if unknown:
        raise InputError.of("ranking.unknown_value", n=unknown)
    lowest = float(spread.min())
    if lowest < 0 or (lowest == 0 and not zero_error_allowed):
        raise InputError.of("ranking.error_not_positive", n=int(np.count_nonzero(spread <= 0)))
    return centre, spread


def degrees_of_freedom(df: ArrayLike, n: int) -> Floats:
    """Degrees of freedom (n,), ballots minus one; at least 29, as 30 ballots give."""
    freedom = np.array(df, dtype=np.float64)
    if freedom.shape != (n,):
        raise InputError.of("ranking.shapes", estimates=(n,), errors=freedom.shape)
    few = int(np.count_nonzero(~(freedom >= FEWEST_BALLOTS - 1)))
    if few:
        raise InputError.of("ranking.too_few_ballots", n=few, fewest=FEWEST_BALLOTS)
    return freedom
