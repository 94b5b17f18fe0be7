"""The background job that closes the evidence of a round."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.services.sealing import TASK, carry_out
from minping_web.jobs.rules import Mode, Progress, task


@task(TASK, title=_("Close the evidence"), mode=Mode.PIECES)
def seal(progress: Progress, *, seal_id: int) -> dict[str, Any]:
    """A further version of the snapshot; begins again from nothing when it was killed."""
    return carry_out(seal_id, progress)
