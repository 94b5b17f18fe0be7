"""The background job that closes the evidence of a round; the nightly run of the retention clock."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.services.forgetting import erase_what_is_due
from minping_web.appraisals.services.sealing import TASK, carry_out
from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task


@task(TASK, title=_("Close the evidence"), mode=Mode.PIECES)
def seal(progress: Progress, *, seal_id: int) -> dict[str, Any]:
    """A further version of the snapshot; begins again from nothing when it was killed."""
    return carry_out(seal_id, progress)


@task("appraisals.nightly", title=_("Erase what marks no longer need"), mode=Mode.PIECES)
def nightly_work(progress: Progress) -> dict[str, Any]:
    """Counts only, no names."""
    erased = erase_what_is_due()
    progress(1, 1)
    return {"erased": erased}


repeat(Periodic("appraisals.nightly", **nightly(3)))
