"""What the demonstration shows to a visitor who wants to vote, to check a count, or to close a round."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from minping_web.ballots.models import CountedReceipt, RoundClosing
from minping_web.ballots.rules.words import Body, ClosingState
from minping_web.ballots.selectors.slips import find
from minping_web.jobs.models import Job
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.tokens import grouped
from minping_web.site.demo.closing_seed import PAPER_FILE, PASSPHRASE, key_file
from minping_web.site.demo.round_plan import LAST, RUNNING, RoundPlan, demo_folder
from minping_web.site.demo.round_stages import last_job
from minping_web.site.demo.votes_seed import links_of

LINKS_SHOWN = 3


@dataclass(frozen=True)
class Shown:
    """The page's content; what is not made yet is empty."""

    job: Job | None
    links: list[str]
    paper: str
    running: SurveyRound | None
    counted: SurveyRound | None
    receipt: str
    bodies: list[Body]
    passphrase: str = PASSPHRASE

    @property
    def is_ready(self) -> bool:
        """Whether everything is there."""
        return self.job is None or self.job.result == {"done": True}


def shown() -> Shown:
    """As it stands now."""
    running, counted = _open_round(RUNNING), _counted(LAST)
    receipts = CountedReceipt.objects.filter(round=counted).order_by("receipt") if counted else None
    return Shown(
        job=last_job(),
        links=_unspent(links_of(running), LINKS_SHOWN) if running else [],
        paper=next((grouped(token) for token in _unspent(_paper(), 1)), "") if running else "",
        running=running,
        counted=counted,
        receipt=str(receipts.values_list("receipt", flat=True).first() or "") if receipts else "",
        bodies=[body for body in Body if (demo_folder() / key_file(body)).exists()],
    )


def file_of(name: str) -> bytes | None:
    """The key file of a body; None for a name that is none, or before it was made."""
    file = demo_folder() / key_file(Body(name)) if name in Body.values else None
    return file.read_bytes() if file and file.exists() else None


def _open_round(plan: RoundPlan) -> SurveyRound | None:
    found = plan.found()
    return found if found and found.state == SurveyRound.State.OPEN else None


def _counted(plan: RoundPlan) -> SurveyRound | None:
    found = plan.found()
    done = found and RoundClosing.objects.filter(
        pk=found.pk, state__in=(ClosingState.LOGGED, ClosingState.PURGED)
    )
    return found if done and done.exists() else None


def _unspent(tokens: Iterable[str], wanted: int) -> list[str]:
    """Tokens of households that did not vote yet."""
    live = (token for token in tokens if (slip := find(token)) and not slip.slip.spent)
    return list(islice(live, wanted))


def _paper() -> list[str]:
    file = demo_folder() / PAPER_FILE
    found: list[str] = json.loads(file.read_text("utf-8")) if file.exists() else []
    return found
