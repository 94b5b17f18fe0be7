"""Background jobs of rounds: fix, draw, fill a batch of messages or letters."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.jobs.rules import Mode, Progress, task
from minping_web.rounds.services import drawing, fixing, inviting, printing


@task(fixing.TASK, title=_("Fix the round"), mode=Mode.PIECES)
def fix(progress: Progress, *, round_id: int) -> dict[str, int]:
    """As two persons have decided."""
    return fixing.fix_round(progress.scope, round_id, progress)


@task(drawing.TASK, title=_("Draw the sample"), mode=Mode.PIECES)
def draw(progress: Progress, *, round_id: int) -> dict[str, int]:
    """By the plan and the value that the round holds."""
    return drawing.draw_round(progress.scope, round_id, progress)


@task(inviting.TASK, title=_("Make tokens and messages"), mode=Mode.PIECES)
def send(progress: Progress, *, batch_id: int) -> dict[str, Any]:
    """Whom the batch is for."""
    return inviting.fill(progress.scope, batch_id, progress)


@task(printing.TASK, title=_("Make tokens and letters"), mode=Mode.PIECES)
def seal_letters(progress: Progress, *, batch_id: int) -> dict[str, int]:
    """Whom the batch is for."""
    return printing.seal_letters(progress.scope, batch_id, progress)
