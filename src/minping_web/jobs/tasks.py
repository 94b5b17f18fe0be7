"""The product's own periodic jobs: of the queue, proposals, waiting imports, and the log."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from minping_web.common.approval import expire_proposals
from minping_web.common.import_flow import drop_old_drafts
from minping_web.jobs.rules import Mode, Periodic, Progress, nightly, repeat, task
from minping_web.jobs.services import prune
from minping_web.ledger.selectors import VIEW, current_log, has_work, stamping_has_work, witnesses_have_work
from minping_web.ledger.services import BusyError, ask_witnesses, sequence, stamp_checkpoint, verify

WITNESS = "ledger.witness"


@task("jobs.prune", title=_("Remove old jobs from the list"), mode=Mode.PIECES)
def prune_jobs(progress: Progress) -> dict[str, int]:
    """Delete jobs that ended long ago."""
    return {"deleted": prune()}


@task("approval.expire", title=_("Close proposals that waited too long"))
def expire_old_proposals(progress: Progress) -> dict[str, int]:
    """Proposals end after their time."""
    return {"expired": expire_proposals()}


@task("imports.drop_drafts", title=_("Erase imports that nobody confirmed"))
def drop_drafts(progress: Progress) -> dict[str, int]:
    """Waiting imports live for a day."""
    return {"deleted": drop_old_drafts()}


@task("ledger.sequence", title=_("Publish new entries of the log"), mode=Mode.PIECES, start=VIEW)
def sequence_ledger(progress: Progress) -> dict[str, int]:
    """Give indexes, write tiles, sign. Another process at work is as good."""
    try:
        return {"entries": sequence(progress)}
    except BusyError:
        return {"entries": 0}


@task("ledger.verify", title=_("Recheck the whole log"), mode=Mode.PIECES, start=VIEW)
def verify_ledger(progress: Progress) -> dict[str, object]:
    """Hash every entry again and compare files with database."""
    found = verify()
    return {"sound": found.is_sound, "size": found.size, "problems": len(found.problems)}


@task("ledger.witness", title=_("Ask the witnesses for their signatures"), mode=Mode.PIECES, start=WITNESS)
def ask_all_witnesses(progress: Progress) -> dict[str, int]:
    """Who is silent or refuses is asked again later; publishing never waits for it."""
    return ask_witnesses()


@task("ledger.stamp", title=_("Ask the timestamp authority"), mode=Mode.PIECES, start=WITNESS)
def ask_authority(progress: Progress) -> dict[str, object]:
    """One checkpoint a day gets a time that somebody else states."""
    made = stamp_checkpoint()
    return {"size": made.size, "stamped": made.answer is not None}


def _log_exists() -> bool:
    return current_log() is not None


repeat(Periodic("jobs.prune", **nightly(3)))
repeat(Periodic("approval.expire", every=timedelta(hours=1)))
repeat(Periodic("imports.drop_drafts", **nightly(2)))
repeat(Periodic("ledger.sequence", every=timedelta(seconds=30), wanted=has_work))
repeat(Periodic("ledger.witness", every=timedelta(seconds=30), wanted=witnesses_have_work))
repeat(Periodic("ledger.stamp", every=timedelta(minutes=15), wanted=stamping_has_work))
repeat(Periodic("ledger.verify", **nightly(4), wanted=_log_exists))
