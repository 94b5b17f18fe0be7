"""What is fixed before the value is known, and what the value then gives; both as records for the ledger.

In: the frame's list, a design, what is named. Out: a `DrawPlan`, whose record is logged before the public
draw; later, with the value, a `DrawOutcome` and the draw. The records are what stands in `draw.json`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import Field

from minping_engine.errors import InputError, Place, Problem
from minping_engine.sampling.design import Design, design_problems
from minping_engine.sampling.draw import Draw, redraw
from minping_engine.sampling.listing import FrameList, list_problems
from minping_engine.sampling.seeds import NamedSeed, Part, form_fits, seed_of, seed_problems

HEAD_FILE = "draw.json"
FORMAT = 1
FRAME_SEALED, SEED_NAMED, DRAWN = "frame.sealed", "draw.seed_named", "draw.made"
"""Kinds of the three entries in the ledger, in this order."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Units = Annotated[int, Field(ge=0, le=10**9, strict=True)]
Step = Annotated[str, Field(max_length=120)]


class DrawPlan(Part):
    """What the ledger holds before the public draw. `list_sha256` is that of `frame.csv`."""

    frame_root: Hash
    units: Units
    list_sha256: Hash
    design: Design
    named: NamedSeed

    def record(self) -> dict[str, Any]:
        """What the entry of the naming commits to."""
        return self.model_dump(mode="json")

    @property
    def sha256(self) -> str:
        """Digest of the record's canonical JSON (RFC 8785)."""
        return sha256(rfc8785.dumps(self.record())).hexdigest()


class DrawnValue(Part):
    """What the public draw gave; of a fallback also why, and where its protocol is."""

    value: Annotated[str, Field(min_length=1, max_length=500)]
    is_fallback: bool = False
    protocol: Annotated[str, Field(max_length=2000)] = ""


class DrawOutcome(Part):
    """What the ledger holds of the draw. `drawn_sha256` is that of `drawn.csv`."""

    plan_sha256: Hash
    drawn_value: DrawnValue
    seed: Hash
    sample: Units
    reserve: Units
    drawn_sha256: Hash

    def record(self) -> dict[str, Any]:
        """What the entry of the draw commits to."""
        return self.model_dump(mode="json")


class DrawSteps(Part):
    """The step ids of the three entries in the ledger; empty where there is none."""

    frame: Step = ""
    named: Step = ""
    drawn: Step = ""


class DrawHead(Part):
    """`draw.json`: plan and outcome, where the ledger holds them, how to redo the draw by hand."""

    format: Literal[1]
    about: tuple[str, ...]
    plan: DrawPlan
    outcome: DrawOutcome
    steps: DrawSteps


def plan_draw(frame: FrameList, design: Design, named: NamedSeed) -> DrawPlan:
    """The plan, to be logged before the value is known. Raises `InputError` with all faults."""
    problems = [
        *design_problems(design, Place(key="design")),
        *seed_problems(named, Place(key="named")),
        *list_problems(frame, design),
    ]
    if problems:
        raise InputError(problems)
    return DrawPlan(
        frame_root=frame.root.hex(), units=len(frame), list_sha256=frame.sha256, design=design, named=named
    )


def draw_by_plan(plan: DrawPlan, frame: FrameList, value: DrawnValue) -> tuple[DrawOutcome, Draw]:
    """The draw of a plan. Raises `InputError` where the list is another one or the value is not as named."""
    problems = value_problems(plan.named, value, Place(key="value"))
    if (frame.root.hex(), frame.sha256) != (plan.frame_root, plan.list_sha256):
        problems.append(Problem("sampling.list_differs", Place(key="list_sha256")))
    if problems:
        raise InputError(problems)
    seed = seed_of(bytes.fromhex(plan.frame_root), value.value)
    draw = redraw(frame, plan.design, seed)
    outcome = DrawOutcome(
        plan_sha256=plan.sha256,
        drawn_value=value,
        seed=seed.hex(),
        sample=draw.sample_size,
        reserve=draw.reserve_size,
        drawn_sha256=draw.sha256,
    )
    return outcome, draw


def value_problems(named: NamedSeed, value: DrawnValue, place: Place) -> list[Problem]:
    """A value that is not spelled as named; a fallback that nobody accounts for."""
    form, problems = named.fallback_form if value.is_fallback else named.form, []
    if not form_fits(form, value.value):
        problems.append(Problem("sampling.value_form", place, {"form": form}))
    if value.is_fallback and not value.protocol:
        problems.append(Problem("sampling.no_protocol", place))
    return problems


def draw_problems(plan: DrawPlan, value: DrawnValue, file: str) -> list[Problem]:
    """What contradicts itself in a published plan and value, list and draw aside."""
    return [
        *design_problems(plan.design, Place(file=file, key="plan.design")),
        *seed_problems(plan.named, Place(file=file, key="plan.named")),
        *value_problems(plan.named, value, Place(file=file, key="outcome.drawn_value")),
    ]
