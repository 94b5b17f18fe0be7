"""Custodians of the demonstration and the closing of its first round.

The key files of the three invented custodians lie in the demonstration's data folder and their passphrase
stands on its page, so that visitors can close the second round themselves: just what a real district must
never do.
"""

from __future__ import annotations

import json

from django.db import transaction

from minping_web.ballots.models import RoundClosing
from minping_web.ballots.rules.words import Body
from minping_web.ballots.services.closing import bring_key, start_closing
from minping_web.ballots.services.custody import drill, holders_now, make_key
from minping_web.ballots.services.early_end import propose_early_end
from minping_web.ballots.services.key_files import write_secret
from minping_web.common.approval import approve
from minping_web.common.clock import now
from minping_web.jobs.models import Job
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.selectors.invitations import silent
from minping_web.rounds.services.issuing import issue_tokens, make_batch
from minping_web.site.demo.round_plan import AUDITOR, BUREAU, FIRM, SECOND, acting, demo_folder

PASSPHRASE = "演示口令：仅供试用，不得照搬"
KEEPERS = {Body.BUREAU: BUREAU, Body.THIRD_PARTY: FIRM, Body.AUDITOR: AUDITOR}
PAPER_FILE, PAPER_SLIPS = "paper-codes.json", 5
ENDED_EARLY = "演示：不等到截止日，提前结束投票"


def key_file(body: Body) -> str:
    """Name of a custodian's file in the demonstration's folder."""
    return f"custodian-{body.value}.json"


def seed_custodians() -> None:
    """One for each body that has none; the file is on the disk before its key begins to count."""
    for body, key in KEEPERS.items():
        if body in holders_now():
            continue
        _row, file = make_key(acting(key), body.value, PASSPHRASE)
        write_secret(demo_folder() / key_file(body), file)
        drill(acting(key), file, PASSPHRASE)


def seed_paper(found: SurveyRound) -> None:
    """A few codes as a paper form carries them, for visitors who type one in."""
    file = demo_folder() / PAPER_FILE
    if file.exists():
        return
    chosen = list(silent(found).order_by("area__code", "pk").values_list("pk", flat=True)[:PAPER_SLIPS])
    batch = make_batch(found.pk, Channel.PAPER, "纸质问卷（演示）", by=acting(FIRM).user_id)
    tokens = [issued.token for issued in issue_tokens(batch, chosen)]
    write_secret(file, json.dumps(tokens).encode())


@transaction.atomic
def end_voting(found: SurveyRound) -> None:
    """Two persons end it before its announced end; past that the bureau alone."""
    bureau, second = acting(BUREAU), acting(SECOND)
    if found.closes_at <= now():
        start_closing(bureau, found.pk)
        return
    approve(second, propose_early_end(bureau, found.pk, reason=ENDED_EARLY).pk)


def bring_keys(found: SurveyRound) -> Job | None:
    """Two custodians, one after the other; the second one's file sets the count going."""
    closing = RoundClosing.objects.get(pk=found.pk)
    for body in (Body.BUREAU, Body.AUDITOR):
        if closing.second_custodian_id is None and not _has_brought(closing, body):
            file = (demo_folder() / key_file(body)).read_bytes()
            closing = bring_key(acting(KEEPERS[body]), found.pk, file, PASSPHRASE)
    return closing.job


def _has_brought(closing: RoundClosing, body: Body) -> bool:
    return closing.first_custodian is not None and closing.first_custodian.body == body
