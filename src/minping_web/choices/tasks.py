"""Background jobs of a two-way choice: the matching, the papers of the protocol, the postings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.choices.services import carrying, matching, printing
from minping_web.jobs.rules import Mode, Progress, task


@task(matching.TASK, title=_("Match a two-way choice"), mode=Mode.PIECES)
def run(progress: Progress, *, choice_id: int) -> dict[str, Any]:
    """Begins again from nothing when it was killed."""
    return matching.carry_out_matching(choice_id)


@task(printing.TASK, title=_("Print the protocol of a two-way choice"), mode=Mode.PIECES)
def print_protocol(progress: Progress, *, choice_id: int) -> dict[str, Any]:
    """Keeps a paper once in each language."""
    return printing.make_papers(choice_id, progress)


@task(carrying.TASK, title=_("Write the postings of a two-way choice"), mode=Mode.PIECES)
def write(progress: Progress, *, choice_id: int) -> dict[str, Any]:
    """All of them in one transaction of its own, once."""
    return carrying.write_postings(choice_id, progress)
