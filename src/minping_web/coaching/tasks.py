"""Nightly work of coaching: agreed plans begin on their day; the retention clocks run."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.coaching.services.answers import begin_due
from minping_web.coaching.services.forgetting import erase_what_is_due
from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task


@task("coaching.nightly", title=_("Begin and erase coaching plans"), mode=Mode.PIECES, start="coaching.edit")
def nightly_work(progress: Progress) -> dict[str, Any]:
    """Counts only, no names."""
    begun = begin_due()
    erased = erase_what_is_due()
    progress(1, 1)
    return {"begun": begun, "erased": erased}


repeat(Periodic("coaching.nightly", **nightly(3)))
