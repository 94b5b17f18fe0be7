"""`verify_draw`: an outsider redoes a published draw and says everything that is wrong (docs/method/draw.md).

In: the folder of a draw; perhaps the log with its key, a checkpoint kept from before the public draw, and
disclosed records. Out: a `DrawReport`. Each statement is held against what it follows from, and the next step
goes on from the statement, so that one change is not told as many.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from minping_engine.errors import Place, Problem, Severity
from minping_engine.proof import VerifierKey
from minping_engine.sampling import Draw, DrawFolder, draw_problems, list_problems, read_draw, redraw, seed_of
from minping_engine.verification.draw_entries import EntryCheck, check_entries
from minping_engine.verification.draw_openings import check_openings
from minping_engine.verification.draw_report import DrawReport
from minping_engine.verification.draw_rows import compare_rows
from minping_engine.verification.log import OLDER

HEAD, FRAME = "draw.json", "frame.csv"


def verify_draw(
    folder: Path,
    log: Path | None = None,
    key: VerifierKey | str = "",
    older_checkpoint: bytes | None = None,
    *,
    opened: Path | None = None,
    older_name: str = OLDER,
) -> DrawReport:
    """Redo the draw of a folder and compare it unit by unit; with a log, also what was entered when.

    Raises `InputError` where there is no draw, no log or no key; all else is in the report.
    """
    held = read_draw(folder)
    draw = _redrawn(held)
    openings = check_openings(folder, held)
    entries = EntryCheck()
    if log is not None:
        entries = check_entries(held.head, (log, key), older_checkpoint, opened=opened, older_name=older_name)
    found = (
        *held.problems,
        *_head_problems(held),
        *list_problems(held.frame, held.head.plan.design),
        *_outcome_problems(held, draw),
        *compare_rows(held, draw),
        *openings.problems,
        *entries.problems,
        *_notes(held, draw),
    )
    return DrawReport(
        head=held.head,
        units=len(held.frame),
        eligible=sum(group.eligible for group in draw.groups),
        sample=draw.sample_size,
        reserve=draw.reserve_size,
        opened=openings.opened,
        left_out=openings.left_out,
        log=entries.log,
        entries=entries.indexes,
        namings=entries.namings,
        is_named_before=entries.is_named_before,
        problems=tuple(sorted(found, key=lambda problem: problem.severity)),  # errors first
    )


def _redrawn(held: DrawFolder) -> Draw:
    """The draw made again: from the value; where a changed value is told already, from the stated seed."""
    plan, outcome = held.head.plan, held.head.outcome
    value_seed = seed_of(bytes.fromhex(plan.frame_root), outcome.drawn_value.value)
    draw = redraw(held.frame, plan.design, value_seed)
    if value_seed.hex() == outcome.seed or draw.sha256 == outcome.drawn_sha256:
        return draw
    stated = redraw(held.frame, plan.design, bytes.fromhex(outcome.seed))
    return stated if stated.sha256 == outcome.drawn_sha256 else draw


def _head_problems(held: DrawFolder) -> Iterator[Problem]:
    """What `draw.json` says of itself and of `frame.csv`."""
    plan, outcome = held.head.plan, held.head.outcome
    is_plan_kept = plan.sha256 == outcome.plan_sha256
    if not is_plan_kept:
        yield Problem("sampling.plan_differs", Place(file=HEAD, key="plan"))
    yield from draw_problems(plan, outcome.drawn_value, HEAD)
    if held.frame_is_whole:
        for key, stated, found in (
            ("units", plan.units, len(held.frame)),
            ("frame_root", plan.frame_root, held.frame.root.hex()),
            ("list_sha256", plan.list_sha256, held.frame.sha256),
        ):
            if stated != found:
                # A plan that still fits its own digest is not what was changed.
                place = Place(file=FRAME) if is_plan_kept else Place(file=HEAD, key=f"plan.{key}")
                yield Problem("sampling.frame_differs", place, {"key": key, "stated": stated, "found": found})


def _outcome_problems(held: DrawFolder, draw: Draw) -> Iterator[Problem]:
    """What `draw.json` says of the seed and of the draw."""
    plan, outcome = held.head.plan, held.head.outcome
    seed = seed_of(bytes.fromhex(plan.frame_root), outcome.drawn_value.value).hex()
    for key, stated, found, can_be_told in (
        ("seed", outcome.seed, seed, True),
        ("sample", outcome.sample, draw.sample_size, held.frame_is_whole),
        ("reserve", outcome.reserve, draw.reserve_size, held.frame_is_whole),
        ("drawn_sha256", outcome.drawn_sha256, draw.sha256, held.frame_is_whole),
    ):
        if can_be_told and stated != found:
            place = Place(file=HEAD, key=f"outcome.{key}")
            yield Problem("sampling.outcome_differs", place, {"key": key, "stated": stated, "found": found})


def _notes(held: DrawFolder, draw: Draw) -> Iterator[Problem]:
    """What is no fault but has to be said."""
    value, named = held.head.outcome.drawn_value, held.head.plan.named
    place = Place(file=HEAD, key="outcome.drawn_value")
    if named.is_demo:
        yield Problem("sampling.demo_value", place, severity=Severity.WARNING)
    if value.is_fallback:
        params: dict[str, object] = {"protocol": value.protocol}
        yield Problem("sampling.fallback_used", place, params, Severity.WARNING)
    if draw.rested:
        units = sum(group.rested for group in draw.rested)
        params = {"units": units, "groups": len(draw.rested), "first": draw.rested[0].area}
        yield Problem("sampling.rest_ended_early", Place(), params, Severity.WARNING)
    if draw.short:
        units = sum(group.short for group in draw.short)
        params = {"units": units, "groups": len(draw.short), "first": draw.short[0].area}
        yield Problem("sampling.short", Place(), params, Severity.WARNING)
