"""Key drivers: which items go with the overall answer (docs/method/drivers.md).

In: sums and cross-products of complete ballots per assessee. Out: shares of R^2 per driver
(Lindeman, Merenda and Gold 1980: the mean gain over all orders, the Shapley value), with a
delete-one-street jackknife, and the table importance x performance. Above 15 drivers
Johnson's relative weights (2000) stand in. Association, not cause. Model class.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from minping_engine.errors import InputError
from minping_engine.estimation.indices.symmetric import Floats

Ints = NDArray[np.int64]
MOST_BY_SUBSETS = 15
REDUNDANT = 1e-10
"""A driver whose variance, given others, is below this share of its own adds nothing."""
CHUNK_NUMBERS = 4_000_000


class DriverState(StrEnum):
    """Whether shares can be given."""

    SHOWN = "shown"
    NO_OUTCOME_VARIANCE = "no_outcome_variance"
    TOO_FEW = "too_few"


class ShareMethod(StrEnum):
    """How R^2 is shared out."""

    LMG = "lmg"
    RELATIVE_WEIGHTS = "relative_weights"


class Quadrant(StrEnum):
    """Place in the table importance x performance."""

    IMPROVE_FIRST = "improve_first"
    KEEP_UP = "keep_up"
    LATER = "later"
    ENOUGH = "enough"


@dataclass(frozen=True)
class CrossProducts:
    """Complete ballots of each assessee: n (a,), s (a, k), ss (a, k, k); the overall item is column 0."""

    n: Ints
    s: NDArray[np.number]
    ss: NDArray[np.number]


@dataclass(frozen=True)
class Shares:
    """`share` (p,) sums to `r2`; `last` = R^2 lost if the driver alone is left out.

    `redundant` marks drivers that others determine; their order is arbitrary, their last share 0.
    """

    state: DriverState
    method: ShareMethod
    r2: float
    share: Floats
    last: Floats
    correlation: Floats
    standardised_beta: Floats
    redundant: NDArray[np.bool_]


@dataclass(frozen=True)
class SharesWithError:
    """Shares, jackknife errors and t interval cut at 0; NaN errors below two streets."""

    shares: Shares
    se: Floats
    low: Floats
    high: Floats
    streets: int


def within_products(sums: CrossProducts, street: Ints, n_streets: int) -> tuple[Floats, Ints]:
    """Sums of squares and products about each assessee's own means, per street (g, k, k), and df (g,)."""
    n, s = sums.n[:, None, None], sums.s
    fits = int(sums.n.max(initial=0)) * float(np.abs(sums.ss).max(initial=0)) < 2**62
    # Whole numbers as long as they fit: an item that nobody answers differently has exactly zero.
    numerator = n * sums.ss - s[:, :, None] * s[:, None, :] if fits else _wide(sums)
    about = np.where(n > 0, numerator / np.maximum(n, 1), 0.0)
    free = np.bincount(street, np.maximum(sums.n - 1, 0), n_streets).astype(np.int64)
    return _add(about, street, n_streets), free


def _wide(sums: CrossProducts) -> Floats:
    """n ss - s s' of sums beyond 64 bits, in Python's whole numbers."""
    n, s, ss = (array.astype(object) for array in (sums.n, sums.s, sums.ss))
    made: Floats = (n[:, None, None] * ss - s[:, :, None] * s[:, None, :]).astype(np.float64)
    return made


def between_products(sums: CrossProducts, street: Ints, n_streets: int) -> tuple[Floats, Ints]:
    """Products of assessee means about the mean of all, weighted by ballots, per street; df is assessees.

    Between assessees halo and place are mixed in: report it beside the within shares, never instead.
    """
    n, s = sums.n.astype(np.float64), sums.s.astype(np.float64)
    centre = np.add.reduce(s, axis=0) / max(float(np.add.reduce(n)), 1.0)
    deviation = np.where(n[:, None] > 0, s / np.maximum(n, 1.0)[:, None] - centre, 0.0)
    deviation = np.where(np.abs(deviation) > 1e-12 * np.abs(centre), deviation, 0.0)
    products = n[:, None, None] * deviation[:, :, None] * deviation[:, None, :]
    return _add(products, street, n_streets), np.bincount(street, n > 0, n_streets).astype(np.int64)


def _add(products: Floats, street: Ints, n_streets: int) -> Floats:
    if len(street) != len(products) or street.min(initial=0) < 0 or street.max(initial=0) >= n_streets:
        raise InputError.of("indices.group_out_of_range", groups=n_streets)
    flat = products.reshape(len(products), -1)
    columns = [np.bincount(street, column, n_streets) for column in flat.T]
    made: Floats = np.stack(columns, axis=1).astype(np.float64)
    return made.reshape(n_streets, *products.shape[1:])


def driver_shares(products: Floats, *, df: int, method: ShareMethod | None = None) -> Shares:
    """Shares of one matrix of products (k, k), the overall item first; `df` its degrees of freedom.

    `method` None: all subsets up to 15 drivers, Johnson's relative weights above.
    """
    p = products.shape[0] - 1
    chosen = method or (ShareMethod.LMG if p <= MOST_BY_SUBSETS else ShareMethod.RELATIVE_WEIGHTS)
    if chosen is ShareMethod.LMG and p > MOST_BY_SUBSETS:
        raise InputError.of("indices.too_many_drivers", n=p, most=MOST_BY_SUBSETS)
    scaled, varies = _correlations(products, np.diag(products))
    empty = np.full(p, np.nan)
    if df < p + 2 or not varies[0]:
        state = DriverState.TOO_FEW if df < p + 2 else DriverState.NO_OUTCOME_VARIANCE
        return Shares(state, chosen, float("nan"), empty, empty, empty, empty, ~varies[1:])
    beta, last, redundant, r2 = _regression(scaled)
    share = (
        _lmg(scaled[None])[0]
        if chosen is ShareMethod.LMG
        else relative_weights(scaled[1:, 1:], scaled[0, 1:])
    )
    return Shares(DriverState.SHOWN, chosen, r2, share, last, scaled[0, 1:], beta, redundant | ~varies[1:])


def driver_shares_with_error(
    products: Floats, df: Ints, *, percent: int = 95, method: ShareMethod | None = None
) -> SharesWithError:
    """Shares of the sum over streets, and the delete-one-street jackknife.

    `products` (streets, k, k) and `df` (streets,) from `within_products` or `between_products`; only
    sums are dropped, no ballot is read again. Streets without any degree of freedom do not count.
    """
    from scipy.special import stdtrit

    used = df > 0
    total = np.add.reduce(products, axis=0)
    shares = driver_shares(total, df=int(df.sum()), method=method)
    streets, unknown = int(used.sum()), np.full(len(total) - 1, np.nan)
    if streets < 2 or shares.state is not DriverState.SHOWN:
        return SharesWithError(shares, unknown, unknown, unknown, streets)
    left = total - products[used]
    scaled = np.stack([_correlations(matrix, np.diag(total))[0] for matrix in left])
    if shares.method is ShareMethod.LMG:
        replicates = _lmg(scaled)
    else:
        replicates = np.stack([relative_weights(one[1:, 1:], one[0, 1:]) for one in scaled])
    deviation = replicates - np.add.reduce(replicates, axis=0) / streets
    se = np.sqrt((streets - 1) / streets * np.add.reduce(deviation**2, axis=0))
    reach = float(stdtrit(streets - 1, 0.5 + percent / 200)) * se
    return SharesWithError(shares, se, np.maximum(shares.share - reach, 0.0), shares.share + reach, streets)


def relative_weights(correlation: Floats, with_outcome: Floats) -> Floats:
    """Johnson's relative weights (p,) from the drivers' correlations and those with the outcome; sum R^2."""
    values, vectors = np.linalg.eigh(correlation)
    kept = values > REDUNDANT
    root = np.sqrt(np.where(kept, values, 0.0))
    back = np.where(kept, 1.0 / np.where(kept, root, 1.0), 0.0)
    loading = np.einsum("ja,a,ka->jk", vectors, root, vectors)
    beta = np.einsum("ja,a,ka,k->j", vectors, back, vectors, with_outcome)
    made: Floats = np.einsum("jk,k->j", loading**2, beta**2)
    return made


def _correlations(products: Floats, whole: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Correlation matrix; a variable that does not vary gets a unit diagonal and no correlations.

    `whole` (k,): what is left of a variance after leaving a street out counts as 0 below 1e-10 of it.
    """
    variance = np.diag(products)
    varies = (variance > REDUNDANT * whole) & (variance > 0)
    scale = np.where(varies, np.sqrt(np.where(varies, variance, 1.0)), np.inf)
    scaled = products / scale[:, None] / scale[None, :]
    np.fill_diagonal(scaled, 1.0)
    return scaled, varies


def _regression(scaled: Floats) -> tuple[Floats, Floats, NDArray[np.bool_], float]:
    """Standardised slopes, gain of the last driver, redundant drivers, R^2; by sweeps of the drivers."""
    work = np.roll(scaled, (-1, -1), axis=(0, 1)).copy()
    p = len(work) - 1
    redundant = np.zeros(p, dtype=bool)
    for step in range(p):
        pivot = work[step, step]
        if pivot <= REDUNDANT:
            redundant[step] = True
            continue
        row = work[step] / pivot
        column = work[:, step].copy()
        work = work - column[:, None] * row[None, :]
        work[step], work[:, step] = row, -column / pivot
        work[step, step] = 1.0 / pivot
    beta = np.where(redundant, 0.0, work[:p, p])
    last = np.where(redundant, 0.0, beta**2 / np.where(redundant, 1.0, np.diag(work)[:p]))
    if redundant.any():
        last = np.where(_determined(scaled[1:, 1:]), 0.0, last)
    return beta, last, redundant, float(1.0 - work[p, p])


def _determined(correlation: Floats) -> NDArray[np.bool_]:
    """Drivers in an exact linear relation: parts of eigenvectors with eigenvalue 0."""
    values, vectors = np.linalg.eigh(correlation)
    made: NDArray[np.bool_] = (np.abs(vectors[:, values <= REDUNDANT]) > 1e-6).any(axis=1)
    return made


def _lmg(scaled: Floats) -> Floats:
    """LMG shares (r, p) of correlation matrices (r, k, k), in pieces of bounded memory."""
    p = scaled.shape[-1] - 1
    piece = max(1, CHUNK_NUMBERS // 2 ** (p + 2))
    parts = [_lmg_piece(scaled[start : start + piece]) for start in range(0, len(scaled), piece)]
    return np.concatenate(parts)


def _lmg_piece(scaled: Floats) -> Floats:
    explained = _explained(scaled)
    p = scaled.shape[-1] - 1
    subsets = np.arange(2**p)
    size = np.zeros(2**p, dtype=np.int64)
    for driver in range(p):
        size += subsets >> driver & 1
    weight = _orders(p)
    shares = []
    for driver in range(p):
        without = subsets[subsets >> driver & 1 == 0]
        gain = explained[without | 1 << driver] - explained[without]
        shares.append(np.add.reduce(weight[size[without]][:, None] * gain, axis=0))
    return np.stack(shares, axis=1)


def _orders(p: int) -> Floats:
    """|S|! (p - |S| - 1)! / p! for |S| = 0..p-1."""
    from math import comb

    return np.array([1.0 / (p * comb(p - 1, size)) for size in range(p)])


def _explained(scaled: Floats) -> Floats:
    """R^2 of every subset of drivers (2^p, r): driver j in or out doubles what was there, bit j says which.

    Each step removes one driver: left out, its row goes; taken in, the rest is what it does not explain.
    """
    work = np.roll(scaled, (-1, -1), axis=(-2, -1))[None]
    for _ in range(scaled.shape[-1] - 1):
        rest, row, pivot = work[..., 1:, 1:], work[..., 0, 1:], work[..., 0, 0]
        usable = pivot > REDUNDANT
        slope = np.where(usable[..., None], row / np.where(usable, pivot, 1.0)[..., None], 0.0)
        taken = rest - row[..., :, None] * slope[..., None, :]
        work = np.concatenate([rest, taken])
    made: Floats = 1.0 - work[..., 0, 0]
    return made


def importance_performance(share: Floats, performance: Floats, usual: Floats) -> NDArray[np.str_]:
    """Quadrant of each driver, the shape of `performance` (..., p).

    Important: at least the equal share of R^2 (1/p). Performing: at least `usual` (p,), the mean of
    the comparison group in the same unit. Both are compared after rounding to 1e-6.
    """
    total = float(np.add.reduce(share))
    relative = share / total if total > 0 else np.zeros_like(share)
    important = np.rint(relative * 1e6) >= np.rint(1e6 / len(share))
    good = np.rint(performance * 1e6) >= np.rint(usual * 1e6)
    first = np.where(good, Quadrant.KEEP_UP.value, Quadrant.IMPROVE_FIRST.value)
    other = np.where(good, Quadrant.ENOUGH.value, Quadrant.LATER.value)
    made = np.where(important, first, other)
    return np.where(np.isnan(performance), "", made)
