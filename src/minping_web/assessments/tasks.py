"""The background job of an assessment."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.assessments.services.running import TASK, carry_out
from minping_web.jobs.rules import Mode, Progress, task


@task(TASK, title=_("Assess a round"), mode=Mode.PIECES)
def run(progress: Progress, *, run_id: int) -> dict[str, Any]:
    """The engine on a sealed snapshot; begins again from nothing when it was killed."""
    return carry_out(run_id, progress)
