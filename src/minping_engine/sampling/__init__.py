"""The draw: from a sealed frame, a design and a public value to a sample that anyone can redo.

In: units with area and stratum, a design, the frame's root, a value drawn in public after it was named. Out:
the sample and its replacement list in order, with inclusion probabilities. No clock, no randomness of its
own; only `folder` touches files. Method: docs/method/draw.md. Redoing a published draw is `verification`.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.sampling.allocation import allocate
    from minping_engine.sampling.design import Design, Stratum
    from minping_engine.sampling.draw import Draw, DrawnGroup, DrawnUnit, Role, draw_sample, redraw
    from minping_engine.sampling.folder import (
        DrawFolder,
        Opening,
        OpeningRow,
        read_draw,
        read_openings,
        write_draw,
    )
    from minping_engine.sampling.listing import FrameList, FrameUnit, list_problems
    from minping_engine.sampling.plan import (
        DRAWN,
        FRAME_SEALED,
        SEED_NAMED,
        DrawHead,
        DrawnValue,
        DrawOutcome,
        DrawPlan,
        DrawSteps,
        draw_by_plan,
        draw_problems,
        plan_draw,
    )
    from minping_engine.sampling.seeds import NamedSeed, form_fits, seed_of

__all__ = [
    "DRAWN",
    "FRAME_SEALED",
    "SEED_NAMED",
    "Design",
    "Draw",
    "DrawFolder",
    "DrawHead",
    "DrawOutcome",
    "DrawPlan",
    "DrawSteps",
    "DrawnGroup",
    "DrawnUnit",
    "DrawnValue",
    "FrameList",
    "FrameUnit",
    "NamedSeed",
    "Opening",
    "OpeningRow",
    "Role",
    "Stratum",
    "allocate",
    "draw_by_plan",
    "draw_problems",
    "draw_sample",
    "form_fits",
    "list_problems",
    "plan_draw",
    "read_draw",
    "read_openings",
    "redraw",
    "seed_of",
    "write_draw",
]

__getattr__ = lazy_front(
    __name__,
    {
        "DRAWN": "plan",
        "FRAME_SEALED": "plan",
        "SEED_NAMED": "plan",
        "Design": "design",
        "Draw": "draw",
        "DrawFolder": "folder",
        "DrawHead": "plan",
        "DrawOutcome": "plan",
        "DrawPlan": "plan",
        "DrawSteps": "plan",
        "DrawnGroup": "draw",
        "DrawnUnit": "draw",
        "DrawnValue": "plan",
        "FrameList": "listing",
        "FrameUnit": "listing",
        "NamedSeed": "seeds",
        "Opening": "folder",
        "OpeningRow": "folder",
        "Role": "draw",
        "Stratum": "design",
        "allocate": "allocation",
        "draw_by_plan": "plan",
        "draw_problems": "plan",
        "draw_sample": "draw",
        "form_fits": "seeds",
        "list_problems": "listing",
        "plan_draw": "plan",
        "read_draw": "folder",
        "read_openings": "folder",
        "redraw": "draw",
        "seed_of": "seeds",
        "write_draw": "folder",
    },
)
