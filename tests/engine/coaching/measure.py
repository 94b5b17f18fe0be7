"""How often help is claimed, for docs/method/coaching.md.

Run `python -m tests.engine.coaching.measure [DISTRICTS]`. One line per design: shares of districts in which
help is claimed over all plans, by before and after alone, of plans claimed one by one, of intervals that
hold the truth; mean error in points.
"""

from __future__ import annotations

import sys

from tests.engine.coaching.districts import Design, claims, heavy, tail_above, tail_below, without_earlier

SEED = 500
FEW = (15, 60)
DESIGNS = {
    "lowest tenth, no effect": Design(),
    "the same, 3 points": Design(effect=3.0),
    "300 workers, no effect": Design(workers=300),
    "300 workers, 3 points": Design(workers=300, effect=3.0),
    "100 workers of one group, no effect": Design(workers=100, groups=1),
    "15 to 60 ballots, no effect": Design(ballots=FEW),
    "levels with a tail below, no effect": Design(own=tail_below),
    "levels with a tail above, no effect": Design(own=tail_above),
    "heavy tails, 15 to 60 ballots, no effect": Design(own=heavy, ballots=FEW),
    "tail above, 15 to 60 ballots, no effect": Design(own=tail_above, ballots=FEW),
    "deepest falls, no effect": Design(fallen=True, ballots=(30, 100)),
}


def main(districts: int) -> None:
    """Prints the rows of the table."""
    for name, design in DESIGNS.items():
        _show(name, design, districts * (5 if name == "lowest tenth, no effect" else 2))
    _show("the same, earlier round not given", DESIGNS["deepest falls, no effect"], districts, hidden=True)


def _show(name: str, design: Design, districts: int, *, hidden: bool = False) -> None:
    found = claims(design, districts, SEED, known=without_earlier if hidden else lambda one: one)
    shares = (found.overall, found.naive, found.single, found.covered, found.covered_single)
    cells = " | ".join(f"{100 * share:.1f}" for share in shares)
    print(f"| {name} | {districts} | {cells} | {found.bias:+.2f} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
