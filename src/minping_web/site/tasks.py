"""Background jobs of the site: the public file of each year; in a demonstration, its rounds."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from minping_web.jobs.rules import Mode, Periodic, Progress, repeat, task
from minping_web.site.public_years import make_public_years, outdated_years

YEARS = "site.public_years"


@task(YEARS, title=_("Make the public file of each year"), mode=Mode.PIECES)
def make_years(progress: Progress) -> dict[str, list[int]]:
    """Only of years with new steps; may be repeated."""
    return {"years": make_public_years()}


repeat(Periodic(YEARS, every=timedelta(hours=6), wanted=lambda: bool(outdated_years())))

if settings.DEMO:
    from minping_web.site.demo import tasks  # noqa: F401  (registers itself)
