"""Seeded random streams of the demonstration: one generator per seed, purpose and quarter.

In: the district's seed. Out: numpy generators that never share a state, so that a new purpose
changes no number of an old one; schemes' demonstrations name theirs (`named_stream`). Also the two
ways in which the demo draws with balance: shuffled normal scores for short lists, Latin hypercube
blocks for the ballots. Used by every other module here; knows nothing of districts.
See docs/method/demo-district.md.
"""

from __future__ import annotations

from enum import IntEnum
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ALONG_BLOCK = 16


class Purpose(IntEnum):
    """What a stream is for. Numbers are part of every seed's meaning: add, never renumber."""

    GRIDS = 1
    COVARIATES = 2
    NAMES = 3
    MOVES = 4
    FRAME = 5
    WORKERS = 6
    AREAS = 7
    FAILURES = 8
    CONTACT = 9
    ANSWERS = 10
    BALLOT_IDS = 11
    COMMENTS = 12
    VISITS = 13
    COPIES = 14
    ATTRIBUTES = 15
    SCHEME_DEMO = 16
    HOUSEHOLD_COMMENTS = 17


def stream(seed: int, purpose: Purpose, quarter: int = -1) -> np.random.Generator:
    """The generator of `purpose`; `quarter` counts from 0, -1 is the whole district."""
    sequence = np.random.SeedSequence(seed, spawn_key=(int(purpose), quarter + 1))
    return np.random.Generator(np.random.PCG64(sequence))


def named_stream(seed: int, purpose: Purpose, *names: str) -> np.random.Generator:
    """The generator of `purpose` for a thing told by its names, e.g. scheme, period, table, fact.

    Numbers come from the names alone, so that a new fact moves no number of another one.
    """
    words = [int.from_bytes(sha256(name.encode()).digest()[:4], "big") for name in names]
    sequence = np.random.SeedSequence(seed, spawn_key=(int(purpose), *words))
    return np.random.Generator(np.random.PCG64(sequence))


def even_normals(n: int) -> Floats:
    """`n` standard normal quantiles in ascending order, with mean 0 and variance 1."""
    from scipy.special import ndtri

    if n < 2:
        return np.zeros(n)
    scores = ndtri((np.arange(n) + 0.5) / n)
    return np.asarray(scores / np.sqrt(np.mean(scores**2)))


def normal_scores(n: int, rng: np.random.Generator) -> Floats:
    """`even_normals` in random order: their mean and variance are the same whatever the seed."""
    return rng.permutation(even_normals(n))


def scores_along(ground: Floats, rng: np.random.Generator) -> Floats:
    """`normal_scores` that are spread evenly over places with a low, middling and high `ground`.

    Without this the sum of both would be wider in one seed than in another, and on a scale with
    a ceiling a wider spread is a lower mean.
    """
    drawn = stratified_normals(ground.size, ALONG_BLOCK, rng)
    scores = np.empty(ground.size)
    scores[np.argsort(ground, kind="stable")] = even_normals(ground.size)[np.argsort(np.argsort(drawn))]
    return scores


def stratified_normals(n: int, block: int, rng: np.random.Generator) -> Floats:
    """`n` standard normals of which each run of `block` has one in every 1/block of the distribution.

    Each value alone is exactly standard normal; `block` 1 gives independent draws.
    """
    from scipy.special import ndtri

    runs = -(-n // block)
    strata = rng.permuted(np.broadcast_to(np.arange(block), (runs, block)), axis=1)
    uniforms = (strata + rng.random((runs, block))) / block
    return np.asarray(ndtri(np.clip(uniforms, 1e-15, 1 - 1e-15)).ravel()[:n])


def shuffled_ranks(group: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """A random order of rows inside each group: indices sorted by group, shuffled within.

    `group` holds whole numbers from 0 in ascending order.
    """
    return np.asarray(np.argsort(group + rng.random(group.size)), dtype=np.int64)
