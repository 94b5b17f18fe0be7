"""Small frames for tests: sealed records with salts, a design of 4 to 1; a published draw with its log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from minping_engine.proof import FolderStore, commitment_of, entry_of
from minping_engine.sampling import (
    DRAWN,
    FRAME_SEALED,
    SEED_NAMED,
    Design,
    Draw,
    DrawnValue,
    DrawOutcome,
    DrawPlan,
    DrawSteps,
    FrameList,
    FrameUnit,
    NamedSeed,
    Opening,
    Stratum,
    draw_by_plan,
    plan_draw,
    write_draw,
)
from minping_engine.terms import Mode
from tests.engine.proof.logs import grown

VALUE = "07 11 15 22 28 31 09"
NAMED = NamedSeed(
    source="the welfare lottery, draw 135",
    drawn_on=date(2026, 11, 24),
    form="## ## ## ## ## ## ##",
    fallback="twelve dice thrown before three witnesses",
    fallback_form="############",
)
STRATA = (
    Stratum(id="ordinary", share=4, where={"special": ("",)}),
    Stratum(id="special", share=1, where={"special": ("disabled", "living_alone")}),
)
DESIGN = Design(n=5, strata=STRATA, modes=(Mode.SMS, Mode.VISIT), randomised_percent=50)
STEPS = DrawSteps(frame="frame-1-sealed", named="round-7-seed-named", drawn="round-7-drawn")
NONCES = {FRAME_SEALED: bytes([1]) * 32, SEED_NAMED: bytes([2]) * 32, DRAWN: bytes([3]) * 32}


def salt_of(number: int) -> bytes:
    """A salt for each unit; real ones are random."""
    return sha256(b"salt %d" % number).digest()


def record(number: int, area: str = "A1", **fields: str) -> dict[str, str]:
    """What the frame sealed of a unit."""
    return {"unit": f"h{number:03}", "area": area, "special": "", "excluded": "", **fields}


def opening(number: int, sealed: dict[str, str]) -> Opening:
    return Opening(sealed["unit"], salt_of(number), sealed)


def listed(openings: Sequence[Opening], resting: Sequence[str] = ()) -> FrameList:
    """The list of sealed records; strata as the design says."""
    return FrameList.of(
        FrameUnit(
            unit,
            str(sealed["area"]),
            DESIGN.stratum_of(sealed),
            unit in resting,
            commitment_of(sealed, salt),
        )
        for unit, salt, sealed in openings
    )


def small_frame() -> list[Opening]:
    """Two areas of 14 units: ten ordinary, three special, one excluded each."""
    made = []
    for number in range(28):
        fields = {"special": "disabled"} if number % 14 in (3, 7, 11) else {}
        fields |= {"excluded": "vacant"} if number % 14 == 13 else {}
        made.append(opening(number, record(number, f"A{number // 14}", **fields)))
    return made


@dataclass(frozen=True)
class Published:
    """A draw with its log, as an outsider gets them."""

    folder: Path
    log: Path
    opened: Path
    plan: DrawPlan
    outcome: DrawOutcome
    frame: FrameList
    draw: Draw


def publish(
    base: Path,
    *,
    design: Design = DESIGN,
    named: NamedSeed = NAMED,
    value: DrawnValue | None = None,
    resting: Sequence[str] = (),
    order: Sequence[str] = (FRAME_SEALED, SEED_NAMED, DRAWN),
) -> Published:
    """Seal, name, draw, log, write."""
    openings = small_frame()
    frame = listed(openings, resting)
    plan = plan_draw(frame, design, named)
    outcome, draw = draw_by_plan(plan, frame, value or DrawnValue(value=VALUE))
    folder = write_draw(base / "draw", (plan, outcome, STEPS), frame, draw, openings=openings)
    log, opened = base / "log", base / "opened.jsonl"
    write_log(log, opened, steps_of(plan, outcome), order)
    return Published(folder, log, opened, plan, outcome, frame, draw)


def steps_of(plan: DrawPlan, outcome: DrawOutcome) -> dict[str, tuple[str, dict[str, Any]]]:
    """Step id and record of the three entries."""
    return {
        FRAME_SEALED: (STEPS.frame, {"frame": 1, "root": plan.frame_root}),
        SEED_NAMED: (STEPS.named, plan.record()),
        DRAWN: (STEPS.drawn, outcome.record()),
    }


def write_log(
    log: Path, opened: Path, steps: dict[str, tuple[str, dict[str, Any]]], order: Sequence[str]
) -> None:
    """A log with the entries in that order, each after an entry of something else; all records disclosed."""
    entries: list[bytes] = []
    lines: list[dict[str, Any]] = []
    for kind in order:
        step, sealed = steps[kind]
        entries += [
            entry_of("other", f"other/{len(entries)}", {}, bytes(32)),
            entry_of(kind, step, sealed, NONCES[kind]),
        ]
        lines.append({"index": len(entries) - 1, "nonce": NONCES[kind].hex(), "record": sealed})
    grown(entries, list(range(1, len(entries) + 1)), FolderStore(log))
    opened.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
