"""Background jobs of ballots: agreed paper forms are counted later than keyed, in random order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from minping_web.ballots.models import PaperSheet
from minping_web.ballots.rules.words import SheetState
from minping_web.ballots.services.mixing import mix_reports, reports_wait
from minping_web.ballots.services.paper_casting import cast_agreed
from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task


@task("ballots.count_paper", title=_("Count agreed paper forms"), mode=Mode.PIECES, start="paper.decide")
def count_paper(progress: Progress) -> dict[str, Any]:
    """Cast what two persons agree on."""
    return dict(cast_agreed(progress=progress))


@task("ballots.mix_reports", title=_("Mix the reports of past days"), mode=Mode.PIECES)
def mix(progress: Progress) -> dict[str, int]:
    """Every night, so that no report stands beside the vote that came before it."""
    return {"reports": mix_reports()}


def _some_agreed() -> bool:
    return PaperSheet.objects.filter(state=SheetState.AGREED).exists()


repeat(Periodic("ballots.mix_reports", wanted=reports_wait, **nightly(1)))
repeat(Periodic("ballots.count_paper", every=timedelta(minutes=30), wanted=_some_agreed))
