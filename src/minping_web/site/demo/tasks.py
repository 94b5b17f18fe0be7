"""The demonstration's own background job; registered in demonstrations only."""

from __future__ import annotations

from typing import Any

from minping_web.jobs.rules import Mode, Progress, task
from minping_web.site.demo.round_plan import RoundSize
from minping_web.site.demo.round_stages import TASK, TITLE, make_rounds
from minping_web.site.guard import is_demonstration


@task(TASK, title=TITLE, mode=Mode.PIECES)
def make(progress: Progress, *, seed: int, size: dict[str, int], small: bool = False) -> dict[str, Any]:
    """Go on with the rounds of the demonstration."""
    if not is_demonstration():
        return {"done": False}
    return {"done": make_rounds(progress, seed, RoundSize(**size), small=small)}
