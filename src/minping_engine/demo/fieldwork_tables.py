"""Tables about the survey itself: drawn households, dispositions, margins, visits.

In: a district and a simulated quarter. Out: arrow tables of the snapshot contract. Frame cells
are by tenure (known for every household drawn), margins for what only a ballot tells. Visits
are the one activity that the scheme has a quota for (S3); better workers visit a little more.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from minping_engine.demo.district import District
from minping_engine.demo.frame import AGE_BANDS, SEXES, TENURES
from minping_engine.demo.people import MILLE
from minping_engine.demo.quarters import Ints, Quarter
from minping_engine.demo.response import MODES
from minping_engine.demo.streams import Purpose, normal_scores, stream
from minping_engine.snapshot import TOTAL
from minping_engine.terms import Disposition

VISITS_LOW, VISITS_HIGH = 200, 420
QUARTERS_A_YEAR = 4
STORY_VISITS = (210, 240, 275, 305, 330, 355, 375, 390)
CODES = max(Disposition) + 1


def sample_table(district: District, drawn: Quarter) -> pa.Table:
    """Eligible and drawn households by target and tenure."""
    frame, n = district.frame, district.places.n
    cell = frame.target * TENURES + frame.tenure
    rows = drawn.contacts.drawn
    tenure = frame.tenure[drawn.contacts.household]
    picked = np.bincount((frame.target * TENURES + tenure)[rows], minlength=n * TENURES)
    eligible = np.bincount(cell, minlength=n * TENURES)
    kept = np.flatnonzero(eligible)
    return pa.table(
        {
            "target": (kept // TENURES).astype(np.int32),
            "stratum": np.zeros(kept.size, dtype=np.int16),
            "cell_tenure": (kept % TENURES).astype(np.int16),
            "eligible": eligible[kept],
            "drawn": picked[kept],
        }
    )


def disposition_table(district: District, drawn: Quarter) -> pa.Table:
    """What became of the drawn households, by target, tenure and mode (of the last attempt)."""
    contacts, frame = drawn.contacts, district.frame
    tenure = frame.tenure[contacts.household]
    key = ((frame.target * TENURES + tenure) * len(MODES) + contacts.mode) * CODES + contacts.disposition
    count = np.bincount(key[contacts.drawn])
    kept = np.flatnonzero(count)
    codes = np.array([mode.value for mode in MODES], dtype=np.int8)
    return pa.table(
        {
            "target": (kept // (CODES * len(MODES) * TENURES)).astype(np.int32),
            "stratum": np.zeros(kept.size, dtype=np.int16),
            "mode": codes[kept // CODES % len(MODES)],
            "disposition": (kept % CODES).astype(np.int8),
            "cell_tenure": (kept // (CODES * len(MODES)) % TENURES).astype(np.int16),
            "n": count[kept],
        }
    )


def margin_table(district: District) -> pa.Table:
    """Eligible households in all, and by what is known from ballots only."""
    frame, n = district.frame, district.places.n
    pieces = [
        (TOTAL, 1, np.zeros_like(frame.target)),
        ("age_band", AGE_BANDS, frame.age_band),
        ("sex", SEXES, frame.sex),
    ]
    tables = []
    for variable, levels, level in pieces:
        count = np.bincount(frame.target * levels + level, minlength=n * levels)
        tables.append(
            pa.table(
                {
                    "target": np.repeat(np.arange(n, dtype=np.int32), levels),
                    "variable": [variable] * count.size,
                    "level": np.tile(np.arange(levels, dtype=np.int16), n),
                    "eligible": count,
                }
            )
        )
    return pa.concat_tables(tables)


def visit_table(district: District, drawn: Quarter, quarter: str) -> pa.Table:
    """Different households visited by target: in the quarter, and in the year so far (S3 knows both)."""
    first = drawn.number - drawn.number % QUARTERS_A_YEAR
    households = district.places.households
    never = np.ones(district.places.n)
    for number in range(first, drawn.number + 1):
        # Quarters choose households independently of one another, so some are visited twice.
        never *= 1 - _visited(district, number) / households
    windows = {quarter: _visited(district, drawn.number), quarter[:4]: np.rint(households * (1 - never))}
    targets = np.arange(district.places.n, dtype=np.int32)
    return pa.concat_tables(
        pa.table(
            {"target": targets, "period": [period] * len(targets), "households": visited.astype(np.int64)}
        )
        for period, visited in windows.items()
    )


def _visited(district: District, number: int) -> Ints:
    """Different households visited in one quarter by target."""
    rng = stream(district.seed, Purpose.VISITS, number)
    n, households = district.places.n, district.places.households
    effects = np.zeros(n)
    for row in district.staff.postings[number]:
        effects[row.target] += row.share / MILLE * district.effects.worker[number, row.person]
    share = 0.78 + 0.25 * effects + 0.11 * normal_scores(n, rng)
    highest = np.minimum(VISITS_HIGH, households)
    visited = np.clip(np.rint(share * households), VISITS_LOW, highest - rng.integers(0, 15, n))
    visited[district.places.story] = STORY_VISITS[number]
    return visited.astype(np.int64)
