"""The closing job (vote.md): count, write, read again in a second process, log, destroy.

A run that was killed before `logged` begins again with a new shuffle, so nothing of the first order survives;
after `logged` only the purge remains. A rule that is broken (slots and spent invitations differ, the second
process counts otherwise) stops the closing, takes the keys back from the disk and says why; nothing is logged
then and nothing destroyed.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minping_engine.errors import MinpingError
from minping_web.ballots.models import BallotSlot, RoundClosing, RoundKey
from minping_web.ballots.rules.sealing import Opener
from minping_web.ballots.rules.words import ClosingState
from minping_web.ballots.services.closing import BEFORE_LOGGED, mark_written, take_keys_back
from minping_web.ballots.services.closing_purge import purge_round
from minping_web.ballots.services.key_files import read_private, withdraw_private
from minping_web.channels.services.over import end_owner
from minping_web.common.problems import RefusedError
from minping_web.common.scope import entered, system_scope
from minping_web.jobs.rules import Progress
from minping_web.rounds.models import Invitation, SurveyRound
from minping_web.rounds.services.inviting import owner_of
from minping_web.rounds.services.secrets import RoundSecrets, secrets_of
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.facts import RoundFacts, facts_of
from minping_web.snapshots.services.counting import Counted, count
from minping_web.snapshots.services.entering import area_counts, enter_count
from minping_web.snapshots.services.recount import tally
from minping_web.snapshots.services.writing import Written, remove_partial, snapshot_folder, write_snapshot

Reached = Callable[[str], object]
"""Told at each step that a killed run may have reached."""
LONGEST_RECOUNT = 3_600


def close_round(round_id: int, progress: Progress, reached: Reached = lambda step: None) -> dict[str, Any]:
    """Bring the closing of a round to its end, from wherever it stands.

    Raises `RefusedError` at once, and touches nothing, while another process is at it: after a lost lease, or
    when somebody retried the job by hand.
    """
    with _alone(round_id):
        closing = RoundClosing.objects.get(pk=round_id)
        if closing.state in BEFORE_LOGGED:
            try:
                _count_and_log(round_id, progress, reached)
            except MinpingError as error:
                take_keys_back(round_id, error.problems[0])
                remove_partial(round_id)
                raise
        closing.refresh_from_db()
        if closing.state == ClosingState.LOGGED:
            reached("logged")
            _purge(closing, reached)
        return {"counted": closing.n_counted, "invalid": closing.n_invalid}


@contextmanager
def _alone(round_id: int) -> Iterator[None]:
    """Hold the closing of a round; the system lets go when the process dies. Its files lie on this host."""
    folder = snapshot_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f".closing-{round_id}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RefusedError.of("closing.another_run") from None
        yield


def _purge(closing: RoundClosing, reached: Reached) -> None:
    withdraw_private(closing.pk)
    snapshot = SealedSnapshot.objects.get(round_id=closing.pk, sha256=closing.snapshot_sha256)
    remove_partial(closing.pk, keep=snapshot.folder)
    _end_messages(closing.pk)
    purge_round(closing.pk, reached)


def _end_messages(round_id: int) -> None:
    """Messages and letters that still wait carry tokens: they go, and their keys with them."""
    found = SurveyRound.objects.get(pk=round_id)
    end_owner(system_scope(), owner_of(found))


def discard_round(round_id: int) -> bool:
    """Destroy votes and keys of a cancelled round; False for a round that is not cancelled."""
    if not SurveyRound.objects.filter(pk=round_id, state=SurveyRound.State.CANCELLED).exists():
        return False
    remove_partial(round_id)
    _end_messages(round_id)
    purge_round(round_id)
    return True


def _count_and_log(round_id: int, progress: Progress, reached: Reached) -> None:
    remove_partial(round_id)
    opener, keys = _opener(round_id), _secrets(round_id)
    total = _checked_slots(round_id)
    facts = facts_of(round_id)
    progress(0, total)
    counted = count(facts, opener, keys, lambda done: progress(done, total))
    del opener
    if counted.slots != total:
        raise RefusedError.of("closing.slots_moved", before=total, after=counted.slots)
    reached("counted")
    with entered(system_scope()):
        written = write_snapshot(facts, counted)
    mark_written(round_id, written.sha256)
    reached("written")
    progress(total, total)
    rows = area_counts(facts, counted, _agreed(facts, counted, written)["roots"], written.withheld)
    reached("recounted")
    progress(total, total)
    enter_count(facts, counted, written, rows)


def _opener(round_id: int) -> Opener:
    private, key = read_private(round_id), RoundKey.objects.get(pk=round_id)
    if private is None:
        raise RefusedError.of("closing.key_not_there")
    opener = Opener(private)
    if opener.public_key != bytes(key.public_key):
        raise RefusedError.of("closing.box_damaged")
    return opener


def _secrets(round_id: int) -> RoundSecrets:
    keys = secrets_of(round_id)
    if keys is None:
        raise RefusedError.of("closing.secrets_gone")
    return keys


def _checked_slots(round_id: int) -> int:
    """How many slots there are: as many as households that voted, or the closing stops."""
    slots = BallotSlot.objects.filter(round_id=round_id).count()
    spent = Invitation.objects.filter(round_id=round_id, spent_token__isnull=False).count()
    if slots != spent:
        raise RefusedError.of("closing.slots_differ", slots=slots, spent=spent)
    return slots


def _agreed(facts: RoundFacts, counted: Counted, written: Written) -> dict[str, Any]:
    """What the second process found, if it is what this one counted; else `RefusedError`."""
    with reading_again(written.folder) as second:
        mine = tally(list(written.parts), written.salt)  # while the other one reads
        found = _told_by(second)
    # Receipts = counted = released + withheld, in every area.
    told = Counter(mine["ballots"])
    told.update({str(target): many for target, many in written.withheld.items()})
    receipts = Counter(str(target) for target in counted.receipts.targets)
    same = all(found[name] == mine[name] for name in mine)
    if found["problems"]:
        raise RefusedError.of("closing.contract_broken", codes=", ".join(found["problems"]))
    if not same or found["sha256"] != written.sha256 or receipts != told:
        raise RefusedError.of("closing.recount_differs")
    return found


def reading_again(folder: Path) -> subprocess.Popen[str]:
    """Another process that reads the files; it has neither keys nor database."""
    surroundings = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "minping_web.snapshots.services.recount", str(folder)],
        env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def _told_by(second: subprocess.Popen[str]) -> dict[str, Any]:
    try:
        told, _nothing = second.communicate(timeout=LONGEST_RECOUNT)
    except subprocess.TimeoutExpired:
        second.kill()
        told = ""
    if second.returncode or not told:
        raise RefusedError.of("closing.recount_failed")
    found: dict[str, Any] = json.loads(told)
    return found
