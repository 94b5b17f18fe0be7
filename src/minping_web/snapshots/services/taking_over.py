"""A round that was held before the product came: its sealed folder becomes a closed round here.

In: a snapshot folder of the contract, as `minping snapshot` makes it, brought by a page as ZIP or by the
command on the server. It is checked whole (`bring_zip`, `bring_folder`) and waits under its hash; two persons
take it over (`propose`, `carry`). Out: a closed round without invitations, its snapshot in the register, an
entry in the ledger that says it was taken over. Nothing of it was drawn or counted here; its pages say so.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place, Problem, Severity
from minping_engine.snapshot import Snapshot, check_snapshot, open_snapshot
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.periods import period_name
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.services.nobody import frame_of_nobody
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.rounds.services.past import PastRound, make_past_round
from minping_web.schemes.models import SchemeVersion
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.heads import FILE, head_faults
from minping_web.snapshots.selectors.brought import BROUGHT, brought_folder, plan_of, snapshots_home
from minping_web.snapshots.services.unpacking import unpack
from minping_web.snapshots.services.writing import put_durably

ENTRY = "round.taken_over"
EDIT = "rounds.edit"
ACT = "snapshots.take_over"
ADVISORY = 0x6D70_7470
"""Number of the lock in PostgreSQL."""
WAITS_DAYS = 8
"""A proposal waits for seven; what was brought and forgotten goes after that, by a job every night."""
BRINGING, COPYING = ".bringing-", ".copying-"


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


# --- bring: checked whole, kept under its hash, nothing entered yet -----------------------------------------
def bring_zip(scope: Scope, content: bytes) -> str:
    """Unpack, check, keep; gives the hash. Raises `RefusedError` with all faults and keeps nothing."""
    scope.require(EDIT, "")
    draft = snapshots_home() / f"{BRINGING}{secrets.token_hex(6)}"
    unpack(content, draft)
    return _kept(draft)


def bring_folder(scope: Scope, folder: Path) -> str:
    """The same from a folder on the server, which stays as it is."""
    scope.require(EDIT, "")
    draft = snapshots_home() / f"{BRINGING}{secrets.token_hex(6)}"
    refuse_faulty(folder)
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        shutil.copytree(folder, draft)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return _kept(draft)


def _kept(draft: Path) -> str:
    try:
        refuse_faulty(draft)
        sha256 = open_snapshot(draft, verify=False).sha256
        _refuse_known(sha256)
        home = brought_folder(sha256)
        shutil.rmtree(home, ignore_errors=True)  # the same files, brought once more
        put_durably(draft, home)
        os.utime(home)  # a copy has the time of what it copies; it waits from now on
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return sha256


def refuse_faulty(folder: Path) -> None:
    """Every fault of the folder at once."""
    found = [one for one in check_snapshot(folder) if one.severity is Severity.ERROR]
    if (folder / FILE).is_file() and "snapshot.broken_manifest" not in {one.code for one in found}:
        found += head_faults(open_snapshot(folder, verify=False).manifest, demo=settings.DEMO)
    if found:
        raise RefusedError(found)


def _refuse_known(sha256: str) -> None:
    if SealedSnapshot.objects.filter(sha256=sha256).exists():
        raise RefusedError.of("snapshots.known_already", Place(key="file"))


def left_lying() -> list[Path]:
    """What was brought and never taken over, and what calls left that were killed on the way."""
    oldest = (now() - timedelta(days=WAITS_DAYS)).timestamp()
    names = (f"{BROUGHT}*", f"{BRINGING}*", f"{COPYING}*")
    found = [one for name in names for one in snapshots_home().glob(name)]
    return [one for one in found if one.stat().st_mtime < oldest]


def forget_left_lying() -> int:
    """Delete it: single ballots lie nowhere for longer than they must. Gives how many folders."""
    found = left_lying()
    for one in found:
        shutil.rmtree(one, ignore_errors=True)
    return len(found)


# --- two persons --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Wanted:
    """What a person says of a round that was brought."""

    name: str
    scheme: SchemeVersion
    opened_on: date
    ended_on: date
    is_pilot: bool = False


def propose(scope: Scope, sha256: str, wanted: Wanted, *, reason: str) -> Proposal:
    """Ask a second person. Raises `RefusedError` with all that does not fit."""
    problems = list(_faults(sha256, wanted))
    if problems:
        raise RefusedError(problems)
    payload = {
        "sha256": sha256, "name": wanted.name.strip(), "scheme": wanted.scheme.pk,
        "is_pilot": wanted.is_pilot,
        "opened_on": wanted.opened_on.isoformat(), "ended_on": wanted.ended_on.isoformat(),
    }  # fmt: skip
    title = _("Take over a round: %(name)s") % {"name": wanted.name.strip()}
    return approval.propose(scope, ACT, title=title[:200], reason=reason, payload=payload)


def _faults(sha256: str, wanted: Wanted) -> Iterator[Problem]:
    if not brought_folder(sha256).is_dir():
        yield Problem("snapshots.brought_gone", Place(key="file"))
    if SealedSnapshot.objects.filter(sha256=sha256).exists():
        yield Problem("snapshots.known_already", Place(key="file"))
    if not wanted.opened_on < wanted.ended_on <= timezone.localdate():
        yield Problem("snapshots.past_dates", Place(key="ended_on"))


def carry(scope: Scope, payload: dict[str, Any]) -> SealedSnapshot:
    """What the second person sets going."""
    folder = brought_folder(payload["sha256"])
    if not folder.is_dir():
        raise RefusedError.of("snapshots.brought_gone")
    plan = plan_of(payload["sha256"])
    about = HeldElsewhere(
        payload["name"], SchemeVersion.objects.get(pk=payload["scheme"]),
        _at(payload["opened_on"]), _at(payload["ended_on"]), plan.level, plan.subject, payload["is_pilot"],
    )  # fmt: skip
    return take_over(scope, folder, about)


def _at(day: str) -> datetime:
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), clock_time()))


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    told = [
        (_("Round"), payload["name"]),
        (_("Scheme"), str(SchemeVersion.objects.filter(pk=payload["scheme"]).first() or "–")),
        (_("When it was held"), f"{payload['opened_on']} – {payload['ended_on']}"),
        (_("Hash (SHA-256)"), payload["sha256"]),
    ]
    if brought_folder(payload["sha256"]).is_dir():
        plan = plan_of(payload["sha256"])
        told += [
            (_("Assessment period"), period_name(plan.period)),
            (_("Ballots"), str(plan.ballots)),
            (_("Areas that the register does not have"), str(len(plan.unknown))),
        ]
    return told


def acts() -> list[approval.Act]:
    """The two-person acts."""
    title = gettext_lazy("Take over a round held elsewhere")
    return [approval.Act(ACT, title, EDIT, carry, describe=describe)]


# --- the step itself --------------------------------------------------------------------------------------
@transaction.atomic
def take_over(scope: Scope, folder: Path, about: HeldElsewhere) -> SealedSnapshot:
    """Register the round: copied first, then its row, then what was brought is cleaned away.

    Whoever was killed in between calls it again with the same folder: a copy without a row is made anew, a
    row stands for good. A folder that was not brought (`bring_folder`) stays where it is. Raises
    `RefusedError` with all faults of the folder, and for a snapshot that is registered already.
    """
    scope.require(EDIT, "")
    refuse_faulty(folder)
    opened = open_snapshot(folder, verify=False)
    _one_at_a_time()
    try:
        _refuse_known(opened.sha256)
        made = _copied_and_registered(scope, folder, opened, about)
    except RefusedError:
        if SealedSnapshot.objects.filter(sha256=opened.sha256).exists():
            _clean(folder)  # an earlier call was killed after its row
        raise
    transaction.on_commit(lambda: _clean(folder))
    return made


def _copied_and_registered(
    scope: Scope, folder: Path, opened: Snapshot, about: HeldElsewhere
) -> SealedSnapshot:
    home = snapshots_home() / f"taken-over-{opened.sha256[:12]}"
    draft = snapshots_home() / f"{COPYING}{opened.sha256[:12]}"
    for left in (home, draft):  # of a call that was killed before its row
        shutil.rmtree(left, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copytree(folder, draft)
    put_durably(draft, home)
    try:
        if open_snapshot(home).sha256 != opened.sha256:
            raise RefusedError.of("snapshots.other_hash")
        return _registered(scope, opened, home.name, about)
    except Exception:
        shutil.rmtree(home, ignore_errors=True)
        raise


def _clean(folder: Path) -> None:
    """Only what lies among the snapshots under no name of a snapshot: nobody else's folder is touched."""
    if folder.parent == snapshots_home() and folder.name.startswith("."):
        shutil.rmtree(folder, ignore_errors=True)


def _one_at_a_time() -> None:
    """Until the whole transaction ends: the next call must see the row, or it takes the copy for a left one.

    On SQLite every transaction that writes is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY])


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
    step = f"{found.step_id}-taken-over"
    record = {
        "round": found.pk,
        **committed("name", about.name, step=step),
        **committed("source", str(opened.manifest["source"]), step=f"{step}-source"),
        "period": opened.period,
        "snapshot_sha256": opened.sha256,
        "ballots": ballots,
    }
    stage(ENTRY, step, record)
    return made
