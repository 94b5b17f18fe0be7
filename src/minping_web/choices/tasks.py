"""The background job of a two-way choice."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.choices.services.matching import TASK, carry_out_matching
from minping_web.jobs.rules import Mode, Progress, task


@task(TASK, title=_("Match a two-way choice"), mode=Mode.PIECES)
def run(progress: Progress, *, choice_id: int) -> dict[str, Any]:
    """Begins again from nothing when it was killed."""
    return carry_out_matching(choice_id)
