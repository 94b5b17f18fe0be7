"""Sums of normal curves for many assessees at once, on a grid (docs/method/ranks.md, fast path).

In: posterior means and standard deviations. Out: tables over t of how many lie below t, of how
uncertain that number is, and of the same smoothed by somebody's own uncertainty; all looked up by
cubic interpolation. Means are spread linearly over the grid, deviations over classes of s so that
the variance stays. A normal curve is exp(-w^2 s^2 / 2) in the Fourier plane: one product a class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEWEST_POINTS, MOST_POINTS = 8192, 2**18
POINTS_PER_DEVIATION = 3.0
REACH = 8.0
MOST_CLASSES = 200
CLASS_RATIO = 1.02
ROWS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Grid:
    """Points start + step * i, i < size; classes of standard deviations, rising."""

    start: float
    step: float
    size: int
    classes: Floats


@dataclass(frozen=True)
class Mass:
    """Everybody spread over (class, point): `density` (classes, size // 2 + 1) in Fourier form."""

    grid: Grid
    density: NDArray[np.complex128]
    n: int
    mean: float
    spread: float


def spread_over_grid(mean: Floats, deviation: Floats) -> Mass:
    """Means (n,) and deviations (n,) > 0 as mass on grid points and classes."""
    centre = float(np.add.reduce(mean)) / mean.size
    variance = np.add.reduce((mean - centre) ** 2 + deviation**2) / mean.size
    grid = _grid(mean, deviation, centre, float(np.sqrt(variance)))
    point, part = _split((mean - grid.start) / grid.step, grid.size)
    level, above = _class_of(deviation, grid.classes)
    mass = np.zeros(grid.classes.size * grid.size)
    for row, row_part in ((level, 1 - above), (np.minimum(level + 1, grid.classes.size - 1), above)):
        for shift, point_part in ((0, 1 - part), (1, part)):
            mass += np.bincount(row * grid.size + point + shift, row_part * point_part, mass.size)
    density = np.fft.rfft(mass.reshape(grid.classes.size, grid.size), axis=1)
    return Mass(grid, density, mean.size, centre, float(np.sqrt(variance)))


def _grid(mean: Floats, deviation: Floats, centre: float, spread: float) -> Grid:
    low_s, high_s = float(deviation.min()), float(deviation.max())
    start = min(float(mean.min()) - REACH * 1.5 * high_s, centre - REACH * 1.5 * spread)
    stop = max(float(mean.max()) + REACH * 1.5 * high_s, centre + REACH * 1.5 * spread)
    wanted = (stop - start) * POINTS_PER_DEVIATION / low_s
    size = int(np.clip(2 ** np.ceil(np.log2(wanted)), FEWEST_POINTS, MOST_POINTS))
    count = int(np.clip(np.ceil(np.log(high_s / low_s) / np.log(CLASS_RATIO)) + 1, 1, MOST_CLASSES))
    return Grid(start, (stop - start) / size, size, np.exp(np.linspace(np.log(low_s), np.log(high_s), count)))


def _split(position: Floats, size: int) -> tuple[Ints, Floats]:
    left = np.clip(position.astype(np.int64), 0, size - 2)
    return left, position - left


def _class_of(deviation: Floats, classes: Floats) -> tuple[Ints, Floats]:
    """Class at or below, and the part of the next that keeps the variance: its error is of fourth order."""
    if classes.size == 1:
        return np.zeros(deviation.size, dtype=np.int64), np.zeros(deviation.size)
    ratio = np.log(classes[-1] / classes[0]) / (classes.size - 1)
    left, _ = _split(np.log(deviation / classes[0]) / ratio, classes.size)
    square = classes * classes
    return left, (deviation * deviation - square[left]) / (square[left + 1] - square[left])


def _frequencies(grid: Grid) -> Floats:
    frequencies: Floats = 2 * np.pi * np.fft.rfftfreq(grid.size, grid.step).astype(np.float64)
    return frequencies


def counts_below(mass: Mass, own: Floats) -> Floats:
    """sum_k Phi((t - m_k) / sqrt(s_k^2 + own^2)) at every point, one row per value of `own`.

    A normal curve of the same mean and spread is taken off first: what is left dies out at both
    ends, as the Fourier series needs.
    """
    grid = mass.grid
    w = _frequencies(grid)
    squares = -w * w / 2
    density = np.einsum("cw,cw->w", mass.density, np.exp(squares * grid.classes[:, None] ** 2))
    bell = mass.n * np.exp(-1j * w * (mass.mean - grid.start) + squares * mass.spread**2)
    rest = np.zeros_like(density)
    rest[1:] = (density - bell)[1:] / (1j * w[1:])
    points = grid.start + grid.step * np.arange(grid.size)
    table = np.empty((own.size, grid.size))
    for row, sigma in enumerate(own):
        smooth = np.fft.irfft(rest * np.exp(squares * sigma * sigma), grid.size) / grid.step
        table[row] = smooth + mass.n * ndtr((points - mass.mean) / np.hypot(mass.spread, sigma))
    return table


def moments_above(mass: Mass) -> tuple[Floats, Floats]:
    """sum p (1 - p) and sum p (1 - p)(1 - 2 p), p = P(theta_k > t), at every point.

    Variance and third central moment of how many lie above t.
    """
    grid = mass.grid
    number = np.arange(grid.size)
    lag = np.where(number > grid.size // 2, number - grid.size, number) * grid.step
    variance = np.zeros(grid.size // 2 + 1, dtype=np.complex128)
    third = np.zeros_like(variance)
    for row, sigma in enumerate(grid.classes):
        above = ndtr(-lag / sigma)
        spread = above * ndtr(lag / sigma)
        variance += mass.density[row] * np.fft.rfft(spread)
        third += mass.density[row] * np.fft.rfft(spread * (1 - 2 * above))
    return np.maximum(np.fft.irfft(variance, grid.size), 0.0), np.fft.irfft(third, grid.size)


def look_up_smoothed(grid: Grid, table: Floats, at: Floats, own: Floats) -> Floats:
    """A table with one row per class at (t, s): cubic in t, linear in s^2."""
    out = np.empty(at.size)
    flat = table.reshape(-1)
    for start in range(0, at.size, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        level, above = _class_of(own[part], grid.classes)
        position = (at[part] - grid.start) / grid.step
        first = cubic(flat, level * grid.size, position, grid.size)
        upper = np.minimum(level + 1, grid.classes.size - 1)
        second = cubic(flat, upper * grid.size, position, grid.size)
        out[part] = first + above * (second - first)
    return out


def cubic(flat: Floats, offset: Ints | int, position: Floats, size: int) -> Floats:
    """Rows of `size` values laid end to end, read at positions within the row that begins at `offset`.

    Cubic through four points; held constant outside.
    """
    position = np.clip(position, 1.0, size - 2.0 - 1e-9)
    left = position.astype(np.int64)
    x = position - left
    base = left + offset
    before, here, after, beyond = flat[base - 1], flat[base], flat[base + 1], flat[base + 2]
    value: Floats = (
        here * (1 - x * x) * (2 - x) / 2
        + after * x * (1 + x) * (2 - x) / 2
        - x * (1 - x) * (before * (2 - x) + beyond * (1 + x)) / 6
    )
    return value
