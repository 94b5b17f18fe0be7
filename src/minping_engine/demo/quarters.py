"""One quarter's survey: fieldwork, answers, ballots, drawn at once for the whole district.

In: a district and a quarter's number. Out: `Quarter`: arrays of ballots and of drawn households'
dispositions, and the realised truth (what all households would have said). Order of events:
households in random order by area, who answers by which mode, drawing in replicates until the
target of ballots is met, then answers. Nothing is changed after answers are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minping_engine.demo.district import District
from minping_engine.demo.response import ATTEMPTS, Response
from minping_engine.demo.streams import (
    ALONG_BLOCK,
    Floats,
    Purpose,
    even_normals,
    shuffled_ranks,
    stratified_normals,
    stream,
)
from minping_engine.terms import Disposition

Ints = NDArray[np.int64]
NONRESPONSE = (
    Disposition.REFUSAL,
    Disposition.NON_CONTACT,
    Disposition.OTHER_NONRESPONSE,
    Disposition.UNKNOWN_ELIGIBILITY,
)
MISSING = -1
BREAK_OFF_AFTER = 2


@dataclass(frozen=True, eq=False)
class Contacts:
    """Every household of the frame in the order in which its area is worked off."""

    household: Ints
    mode: Ints
    randomised: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    disposition: Ints

    @property
    def ballots(self) -> Ints:
        """Rows that gave a ballot, usable or not."""
        return np.flatnonzero(self.drawn & self.answered)


@dataclass(frozen=True, eq=False)
class Quarter:
    """What a quarter's survey brought. Ballot arrays share one order; `codes` -1 = not answered."""

    number: int
    contacts: Contacts
    target: Ints
    group: Ints
    mode: Ints
    randomised: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    codes: NDArray[np.int16]
    realised_all: Floats
    realised_willing: Floats


def simulate_quarter(district: District, number: int) -> Quarter:
    """Draw the ballots of quarter `number` (from 0)."""
    contacts = work_off(district, number)
    levels = answers_of_all(district, number, contacts)
    ballots = contacts.ballots
    points = district.model.points_of(levels)
    codes = district.model.codes_of(levels[ballots])
    codes[contacts.missing[ballots]] = MISSING
    return Quarter(
        number,
        contacts,
        district.frame.target[ballots],
        district.frame.group[contacts.household[ballots]],
        contacts.mode[ballots],
        contacts.randomised[ballots],
        contacts.usable[ballots],
        codes,
        _mean_by_target(district, points, np.ones(points.size, dtype=bool)),
        _mean_by_target(district, points, contacts.answered),
    )


def work_off(district: District, number: int) -> Contacts:
    """Fieldwork: who is drawn, who answers, by which mode, leaving out which items."""
    rng = stream(district.seed, Purpose.CONTACT, number)
    household = shuffled_ranks(district.frame.target, rng)
    group = district.frame.group[household]
    randomised = rng.random(household.size) < district.parameters.randomised_share
    mode, answered = _modes(district.response, group, randomised, rng)
    missing = rng.random((household.size, len(district.model.items))) < district.parameters.item_missing
    missing[rng.random(household.size) < district.parameters.break_off, BREAK_OFF_AFTER:] = True
    enough = (~missing).sum(axis=1) >= district.model.minimum_answered
    usable = answered & enough
    drawn = _drawn(district, number, usable)
    kinds = np.cumsum(district.parameters.nonresponse_kinds)[:-1]
    silent = np.array(NONRESPONSE)[np.searchsorted(kinds, rng.random(household.size))]
    disposition = np.where(usable, Disposition.COMPLETE, np.where(answered, Disposition.PARTIAL, silent))
    return Contacts(household, mode, randomised, answered, missing, usable, drawn, disposition)


def _modes(
    response: Response, group: Ints, randomised: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Ints, NDArray[np.bool_]]:
    """Mode of the answer (of the last attempt where there is none), and whether there is one."""
    chosen, outcome = rng.random(group.size), rng.random(group.size)
    first = (chosen[:, None] > np.cumsum(response.first, axis=1)[group][:, :-1]).sum(axis=1)
    first = np.where(randomised, rng.integers(ATTEMPTS, size=group.size), first)
    attempt = (outcome[:, None] > response.by_attempt[group, first]).sum(axis=1)
    alone = outcome < response.assigned[group, first]
    answered = np.where(randomised, alone, attempt < ATTEMPTS)
    tried = np.where(randomised, 0, np.minimum(attempt, ATTEMPTS - 1))
    return (first + tried) % ATTEMPTS, answered


def _drawn(district: District, number: int, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Replicates are drawn until the area has its ballots, or its frame is exhausted."""
    frame, places = district.frame, district.places
    goal = np.full(places.n, district.parameters.target_ballots)
    replicate = np.full(places.n, district.parameters.replicate)
    for target, answers in district.failures[number].items():
        goal[target], replicate[target] = answers, 1
    position = np.arange(frame.target.size) - frame.offset[frame.target]
    size = replicate[frame.target]
    starts = frame.offset[frame.target] + position // size * size
    before = np.concatenate([[0], np.cumsum(usable)])
    return np.asarray(before[starts] - before[frame.offset][frame.target] < goal[frame.target])


def answers_of_all(district: District, number: int, contacts: Contacts) -> NDArray[np.int8]:
    """Answers of all households, as levels; those not drawn serve the realised truth only."""
    frame, effects = district.frame, district.effects
    modes = np.asarray(district.parameters.mode_effects)
    shift = district.expectation.groups[frame.group[contacts.household]] + modes[contacts.mode]
    eta = effects.eta[number][frame.target] + shift
    deviations = effects.deviations[number][frame.target]
    noise = _noise(district, number, contacts)
    if district.parameters.story_balanced:
        told = np.flatnonzero((frame.target == district.places.story) & contacts.drawn & contacts.usable)
        noise[told] = _balanced(noise[told], shift[told])
    return district.model.answer_levels(eta, deviations, noise)


def _noise(district: District, number: int, contacts: Contacts) -> Floats:
    """Correlated standard normals per household and item.

    Blocks run across areas: the k-th ballots of many areas form a Latin hypercube. Inside one
    area the draws stay independent, so a worker's standard error is what it claims to be.
    """
    rng = stream(district.seed, Purpose.ANSWERS, number)
    target, ballots = district.frame.target, contacts.ballots
    rank = np.arange(ballots.size) - np.searchsorted(target[ballots], target[ballots])
    across = ballots[np.argsort(rank.astype(np.int16), kind="stable")]
    rest = np.flatnonzero(~(contacts.drawn & contacts.answered))
    noise = np.empty((target.size, len(district.model.items)))
    for rows in (across, rest):
        noise[rows] = _household_noise(district, rows.size, rng)
    return noise


def _household_noise(district: District, n: int, rng: np.random.Generator) -> Floats:
    block = min(district.parameters.balance_block, district.places.n)
    common = district.parameters.household_share
    household = np.sqrt(common) * stratified_normals(n, block, rng)
    columns = [
        household + np.sqrt(1 - common) * stratified_normals(n, block, rng) for _ in district.model.items
    ]
    return np.column_stack(columns)


def _balanced(noise: Floats, shift: Floats) -> Floats:
    """The story's draw: each item's values are made evenly normal, among like households too.

    Households are taken in order of `shift` (group and mode) in small blocks; inside a block the
    order of values stays as drawn, and with it the correlation between items.
    """
    balanced = np.empty_like(noise)
    by_shift = np.argsort(shift, kind="stable")
    block = np.arange(by_shift.size) // ALONG_BLOCK
    for column in range(noise.shape[1]):
        values = noise[by_shift, column]
        in_block = np.empty(values.size)
        in_block[np.lexsort((values, block))] = np.arange(values.size) % ALONG_BLOCK
        balanced[by_shift[np.lexsort((values, in_block))], column] = even_normals(values.size)
    return balanced


def _mean_by_target(district: District, points: Floats, rows: NDArray[np.bool_]) -> Floats:
    target, n = district.frame.target, district.places.n
    return np.bincount(target[rows], points[rows], n) / np.maximum(1, np.bincount(target[rows], minlength=n))
