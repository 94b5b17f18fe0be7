"""Small schemes and candidates for tests of scoring: three facts, two indicators."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

from minping_engine.scheme import LoadedScheme, load_scheme, scheme_from_data
from minping_engine.scoring import Candidate, Earlier, Outcome, Proposal, score_all

TITLE = {"zh": "例", "en": "example"}
BANDS = [
    {"grade": "A", "label": {"zh": "优", "en": "A"}, "from_points": 90},
    {"grade": "B", "label": {"zh": "良", "en": "B"}, "from_points": 75},
    {"grade": "C", "label": {"zh": "中", "en": "C"}, "from_points": 60},
    {"grade": "D", "label": {"zh": "差", "en": "D"}, "from_points": 0},
]


def leaf(name: str, points: int, fact: str, **parts: Any) -> dict[str, Any]:
    """An indicator that takes a fact of 0-100 in a straight line."""
    criterion = {"kind": "linear", "to": 100}
    return {"id": name, "title": TITLE, "points": points, "measure": fact, "criterion": criterion} | parts


@cache
def _base() -> LoadedScheme:
    return load_scheme("gulou-worker", demo=True)


def scheme(**parts: Any) -> LoadedScheme:
    """Facts a, b (points) and events (times); 60 points for a, 40 for b."""
    raw: dict[str, Any] = {
        "minping_scheme": 1,
        "id": "small",
        "version": "1",
        "title": TITLE,
        "assessee_kind": "community",
        "period": {"kind": "month"},
        "facts": [
            {"id": "a", "title": TITLE, "unit": "points"},
            {"id": "b", "title": TITLE, "unit": "points"},
            {"id": "events", "title": TITLE, "unit": "times", "if_absent": 0},
        ],
        "indicators": [leaf("pa", 60, "a"), leaf("pb", 40, "b")],
        "grading": {"bands": BANDS},
    }
    return scheme_from_data(raw | parts, replace(_base(), values={}))


def candidate(name: str, a: float | None, b: float | None, events: int = 0, **parts: Any) -> Candidate:
    """A candidate with facts; None = not delivered."""
    given = {"a": a, "b": b, "events": events}
    facts = {key: Fraction(str(value)) for key, value in given.items() if value is not None}
    return Candidate(name, facts=facts, **parts)


def earlier(*steps: int | None, year: int = 2020, first: int = 1) -> tuple[Earlier, ...]:
    """Earlier months with these grades (1 = A); None = not assessed."""
    return tuple(
        Earlier(
            f"{year}-{first + number:02d}",
            None if step is None else Fraction(100 - 10 * step),
            None if step is None else "ABCD"[step - 1],
            step,
            step is not None,
        )
        for number, step in enumerate(steps)
    )


def scored(
    loaded: LoadedScheme, *candidates: Candidate, period: str = "2020-06"
) -> tuple[dict[str, Outcome], list[Proposal]]:
    """Outcomes by id, and proposals."""
    outcomes, proposals = score_all(loaded, period, candidates)
    return {outcome.candidate.assessee_id: outcome for outcome in outcomes}, proposals
