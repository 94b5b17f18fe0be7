"""Background jobs of publications: publish, and the clocks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task
from minping_web.publications.services.clearing import clear_what_is_due, is_anything_due
from minping_web.publications.services.publish import TASK, publish_order


@task(TASK, title=_("Publish a result"), mode=Mode.PIECES)
def publish(progress: Progress, *, order_id: int) -> dict[str, Any]:
    """Folder, rows, entry, event; begins again from nothing when it was killed."""
    return publish_order(order_id, progress)


@task("publications.clear", title=_("Erase what publications no longer need"), mode=Mode.PIECES)
def clear(progress: Progress) -> dict[str, int]:
    """Drafts that nobody finished; who took which copy."""
    return clear_what_is_due()


repeat(Periodic("publications.clear", wanted=is_anything_due, **nightly(3)))
