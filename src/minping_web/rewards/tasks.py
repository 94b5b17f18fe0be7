"""Nightly work of rewards: the retention clocks run."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task
from minping_web.rewards.services.forgetting import erase_what_is_due


@task("rewards.nightly", title=_("Erase what consequences no longer need"), mode=Mode.PIECES)
def nightly_work(progress: Progress) -> dict[str, Any]:
    """Counts only, no names."""
    erased = erase_what_is_due()
    progress(1, 1)
    return {"erased": erased}


repeat(Periodic("rewards.nightly", **nightly(3)))
