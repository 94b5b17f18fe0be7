"""A round that was held before the product came: its sealed folder becomes a closed round here.

In: a snapshot folder of the contract, as `minping snapshot` makes it. Out: a closed round without
invitations, its snapshot in the register, an entry in the ledger that says it was taken over. Nothing of it
was drawn or counted here, and its pages say so.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from minping_engine.snapshot import Snapshot, check_snapshot, open_snapshot
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.services.nobody import frame_of_nobody
from minping_web.ledger.services import stage
from minping_web.rounds.services.past import PastRound, make_past_round
from minping_web.schemes.models import SchemeVersion
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.services.writing import put_durably, snapshot_folder

ENTRY = "round.taken_over"


@dataclass(frozen=True)
class HeldElsewhere:
    """What the folder does not say of the round."""

    name: str
    scheme: SchemeVersion
    opened_at: datetime
    ended_at: datetime
    level: str = "responsibility_area"
    subject: str = "community_worker"
    is_pilot: bool = False


def take_over(scope: Scope, folder: Path, about: HeldElsewhere) -> SealedSnapshot:
    """Register the round; `folder` is moved below the data folder.

    Raises `RefusedError` with all faults of the folder, and for a snapshot that is registered already.
    """
    scope.require("rounds.edit")
    problems = check_snapshot(folder)
    if problems:
        raise RefusedError(problems)
    opened = open_snapshot(folder, verify=False)
    if SealedSnapshot.objects.filter(sha256=opened.sha256).exists():
        raise RefusedError.of("snapshots.known_already")
    home = snapshot_folder() / f"taken-over-{opened.sha256[:12]}"
    shutil.rmtree(home, ignore_errors=True)  # of a run that was killed before its row
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    put_durably(folder, home)
    try:
        return _registered(scope, opened, home.name, about)
    except Exception:
        home.rename(folder)  # a refused round is not registered: whoever mends it tries again with the folder
        raise


@transaction.atomic
def _registered(scope: Scope, opened: Snapshot, name: str, about: HeldElsewhere) -> SealedSnapshot:
    """Round, register and ledger entry, or none of them."""
    past = PastRound(
        about.name, opened.period, about.scheme, frame_of_nobody(), about.level, about.subject,
        about.opened_at, about.ended_at, is_pilot=about.is_pilot, is_taken_over=True,
    )  # fmt: skip
    found = make_past_round(scope, past)
    ballots = sum(part.rows for part in opened.parts)
    made = SealedSnapshot.objects.create(
        round=found, sha256=opened.sha256, folder=name, period=opened.period, ballots=ballots, made_at=now()
    )
    record = {
        "round": found.pk,
        "name": about.name,
        "period": opened.period,
        "source": opened.manifest["source"],
        "snapshot_sha256": opened.sha256,
        "ballots": ballots,
    }
    stage(ENTRY, f"{found.step_id}-taken-over", record)
    return made
