"""Background jobs of objections: carry out what was granted, close previews, forget evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.jobs.rules import Mode, Periodic, Progress, repeat, task
from minping_web.objections.services.correcting import TASK, carry_out
from minping_web.objections.services.evidence import delete_what_is_due
from minping_web.objections.services.previews import close_finished


@task(TASK, title=_("Carry out granted objections"), mode=Mode.PIECES)
def correct(progress: Progress, *, correction_id: int) -> dict[str, Any]:
    """A further version of the snapshot and a run on it; goes on where it was killed."""
    return carry_out(correction_id)


@task("objections.clocks", title=_("Close previews, delete old evidence"))
def clocks(progress: Progress) -> dict[str, Any]:
    """What the calendar asks for, every night."""
    return {"closed": close_finished(), "deleted": delete_what_is_due()}


repeat(Periodic("objections.clocks", every=timedelta(days=1), offset=timedelta(hours=19, minutes=20)))
