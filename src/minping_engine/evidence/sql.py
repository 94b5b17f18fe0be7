"""The kernel's SQL (docs/method/kernel.md): ballots of one district -> sums per cell.

Written for reading: `minping scheme sql SCHEME` prints it. Points are counted in the spec's
unit (a whole number of thousandths). The count, the sum and the sum of squares of an item lie
side by side in one 64-bit number per ballot, so that one sum per item carries all three; where
they do not fit, the squares get a number of their own. Widths follow from the number of rows,
so that no field can run into the next (`Layout`).
"""

from __future__ import annotations

from dataclasses import dataclass

from minping_engine.errors import RefusedError
from minping_engine.evidence.spec import CellSpec, EvidenceSpec, ItemSpec

REASON_RADIX = 4
_SIGNED_BITS = 63


@dataclass(frozen=True)
class Layout:
    """Widths in bits of the fields count | sum | squares for `rows` ballots."""

    count_bits: int
    sum_bits: int
    square_bits: int

    @property
    def joined(self) -> bool:
        """Whether all three fields fit one signed 64-bit number."""
        return self.count_bits + self.sum_bits + self.square_bits <= _SIGNED_BITS

    @property
    def square_shift(self) -> int:
        """Where the squares start."""
        return self.count_bits + self.sum_bits

    def count_of(self, carrier: str) -> str:
        """SQL: the count in a carrier."""
        return f"({carrier} & {(1 << self.count_bits) - 1})"

    def sum_of(self, carrier: str) -> str:
        """SQL: the sum, in units of points, in a carrier."""
        return f"(({carrier} >> {self.count_bits}) & {(1 << self.sum_bits) - 1})"

    def carriers(self, unit_points: int) -> tuple[int, ...]:
        """The number(s) that one answer worth `unit_points` adds."""
        pair = 1 + (unit_points << self.count_bits)
        square = unit_points * unit_points
        return (pair + (square << self.square_shift),) if self.joined else (pair, square)


def layout_for(spec: EvidenceSpec, rows: int) -> Layout:
    """Widths that `rows` ballots of `spec` cannot overflow. Raises `RefusedError` where none exist."""
    most = max(rows, len(spec.items), 1)
    points = max(item.max_milli for item in spec.items) // spec.unit_milli
    layout = Layout(most.bit_length(), (most * points).bit_length(), (most * points * points).bit_length())
    total_square = most * spec.total_milli**2
    if (
        layout.square_shift > _SIGNED_BITS
        or max(total_square.bit_length(), layout.square_bits) > _SIGNED_BITS
    ):
        raise RefusedError.of("evidence.overflow", rows=rows, points=spec.total_milli / 1000)
    return layout


def _carrier(item: ItemSpec, unit: int, layout: Layout, which: int) -> str:
    whens = " ".join(
        f"WHEN {code} THEN {layout.carriers(milli // unit)[which]}::BIGINT" for code, milli in item.points
    )
    return f"CASE item_{item.item} {whens} ELSE 0::BIGINT END"


def _mixed_radix(cells: tuple[CellSpec, ...]) -> str:
    """One number for a combination of levels."""
    code = "0"
    for cell in cells:
        code = f"cell_{cell.variable}" if code == "0" else f"({code} * {cell.levels} + cell_{cell.variable})"
    return code


def key_radix(spec: EvidenceSpec) -> tuple[int, int, int, int, int]:
    """Sizes of stratum, frame cell, calibration cell, mode and randomised in the packed key."""
    frame = calibration = 1
    for cell in spec.frame_cells:
        frame *= cell.levels
    for cell in spec.ballot_cells:
        calibration *= cell.levels
    return 1 << 16, frame, calibration, 128, 2


def key_limits(spec: EvidenceSpec) -> dict[str, int]:
    """Columns of the packed key and the first value each must stay below."""
    strata, frame, calibration, modes, randomised = key_radix(spec)
    width = strata * frame * calibration * modes * randomised * REASON_RADIX
    cells = {f"cell_{cell.variable}": cell.levels for cell in (*spec.frame_cells, *spec.ballot_cells)}
    return {
        "target": 2**_SIGNED_BITS // width,
        "stratum": strata,
        "mode": modes,
        "randomised": randomised,
    } | cells


def packed_key(spec: EvidenceSpec) -> str:
    """Target, stratum, frame cell, calibration cell, mode and randomised as one number."""
    _, frame, calibration, modes, randomised = key_radix(spec)
    place = f"(target::BIGINT * {1 << 16} + stratum) * {frame} + {_mixed_radix(spec.frame_cells)}"
    cell = f"({place}) * {calibration} + {_mixed_radix(spec.ballot_cells)}"
    return f"(({cell}) * {modes} + mode) * {randomised} + randomised"


def _prorated(spec: EvidenceSpec) -> str:
    """Points of an incomplete ballot: half up to a thousandth, in whole numbers (evidence.md 9)."""
    possible = " + ".join(
        f"CASE WHEN c0_{item.item} = 0 THEN 0 ELSE {item.max_milli}::BIGINT END" for item in spec.items
    )
    return f"(2 * got * {spec.unit_milli * spec.total_milli} + ({possible})) // (2 * ({possible}))"


def _carrier_names(spec: EvidenceSpec, layout: Layout) -> list[str]:
    numbers = (0,) if layout.joined else (0, 1)
    return [f"c{which}_{item.item}" for item in spec.items for which in numbers]


def ballots_sql(spec: EvidenceSpec, layout: Layout, source: str, raw: tuple[str, ...] = ()) -> str:
    """One row per ballot: packed key, carriers, `t` (total, thousandths), `reason`, and `raw` columns.

    `reason` says why a ballot does not count: 0 it counts, 1 out of range (an answer that brings no
    points), 2 incomplete, 3 a mode that is not scored.
    """
    numbers = (0,) if layout.joined else (0, 1)
    names = ", ".join((*_carrier_names(spec, layout), *raw))
    carriers = ",\n        ".join(
        f"{_carrier(item, spec.unit_milli, layout, which)} AS c{which}_{item.item}"
        for item in spec.items
        for which in numbers
    )
    given = " + ".join(f"(item_{item.item} IS NOT NULL)::BIGINT" for item in spec.items)
    everything = " + ".join(f"c0_{item.item}" for item in spec.items)
    complete, prorated = f"got * {spec.unit_milli}", _prorated(spec)
    return f"""
    SELECT key, {names},
        CASE WHEN mode_not_scored THEN 3 WHEN given <> answered THEN 1
            WHEN answered < {spec.minimum_answered} THEN 2 ELSE 0 END AS reason,
        CASE WHEN answered = {len(spec.items)} THEN {complete} WHEN answered > 0 THEN {prorated} END AS t
    FROM (
        SELECT *, {layout.count_of("everything")} AS answered, {layout.sum_of("everything")} AS got
        FROM (SELECT *, {everything} AS everything FROM (
    SELECT {packed_key(spec)} AS key,
        mode NOT IN ({", ".join(map(str, spec.modes))}) AS mode_not_scored,
        {given} AS given,
        {carriers}{"".join(f", {name}" for name in raw)}
    FROM {source}
        )))"""


def cells_sql(spec: EvidenceSpec, layout: Layout, ballots: str) -> str:
    """Sums per packed key and reason: `n_ballots`, `t`, `tt` (total, thousandths), carriers `c<k>_<item>`.

    `ballots` is the query of `ballots_sql`, or a table made by it. The key's last digit (base 4) is the
    reason, so that one pass serves all.
    """
    return f"""
SELECT key * {REASON_RADIX} + reason AS key, count(*) AS n_ballots,
    sum(t)::BIGINT AS t, sum(t * t)::BIGINT AS tt,
    {", ".join(f"sum({name})::BIGINT AS {name}" for name in _carrier_names(spec, layout))}
FROM ({ballots}
)
GROUP BY ALL
ORDER BY key"""


def evidence_sql(spec: EvidenceSpec, rows: int = 322_800) -> str:
    """The query as the kernel runs it on a part of `rows` ballots, for reading."""
    layout = layout_for(spec, rows)
    return cells_sql(spec, layout, ballots_sql(spec, layout, "'part-0.parquet'")).strip()
