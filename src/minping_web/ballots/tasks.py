"""Background jobs of ballots: agreed paper forms are counted later than keyed, in random order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from minping_web.ballots.models import KeyHandover, PaperSheet
from minping_web.ballots.rules.words import SheetState
from minping_web.ballots.services.handover import end_stale, tidy_open_rounds
from minping_web.ballots.services.key_files import rounds_with_handovers
from minping_web.ballots.services.mixing import mix_reports, reports_wait
from minping_web.ballots.services.paper_casting import cast_agreed
from minping_web.common.clock import now
from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task


@task("ballots.count_paper", title=_("Count agreed paper forms"), mode=Mode.PIECES, start="paper.decide")
def count_paper(progress: Progress) -> dict[str, Any]:
    """Cast what two persons agree on."""
    return dict(cast_agreed(progress=progress))


@task("ballots.mix_reports", title=_("Mix the reports of past days"), mode=Mode.PIECES)
def mix(progress: Progress) -> dict[str, int]:
    """Every night, so that no report stands beside the vote that came before it."""
    return {"reports": mix_reports()}


@task("ballots.end_handovers", title=_("End handovers of keys that nobody finished"), mode=Mode.PIECES)
def end_handovers(progress: Progress) -> dict[str, int]:
    """A half-opened box lies about for a day at most."""
    ended = end_stale()
    tidy_open_rounds()
    return {"ended": ended}


def _handovers_lately() -> bool:
    """Begun and not ended, ended so lately that a killed process may have left files, or a half is there."""
    begun = Q(done_at=None, ended_at=None)
    since = now() - timedelta(days=2)
    lately = KeyHandover.objects.filter(begun | Q(done_at__gte=since) | Q(ended_at__gte=since)).exists()
    return lately or bool(rounds_with_handovers())


def _some_agreed() -> bool:
    return PaperSheet.objects.filter(state=SheetState.AGREED).exists()


repeat(Periodic("ballots.mix_reports", wanted=reports_wait, **nightly(1)))
repeat(Periodic("ballots.end_handovers", every=timedelta(hours=1), wanted=_handovers_lately))
repeat(Periodic("ballots.count_paper", every=timedelta(minutes=30), wanted=_some_agreed))
