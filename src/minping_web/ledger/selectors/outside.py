"""Reads witnesses, their policy, timestamps and the printed root: what others than the operator say."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from minping_engine.anchors import PrintedRoot, printed_root
from minping_engine.errors import Place, Problem
from minping_engine.proof import Checkpoint
from minping_web.common.clock import now
from minping_web.common.scope import Scope
from minping_web.ledger.models import Log, PolicyVersion, Timestamp, Witness
from minping_web.ledger.selectors.log import VIEW, current_log

STAMP_EVERY = timedelta(hours=20)
"""At most one timestamp a day."""
SILENT_FROM = 3
"""So many times in vain before silence counts as an alarm; a refusal counts at once."""
SILENT = "ledger.witness_silent"


def present_witnesses() -> QuerySet[Witness]:
    """Those that are asked, in the order in which they were entered."""
    return Witness.objects.filter(removed_at=None)


def witnesses_to_ask(log: Log) -> list[Witness]:
    """Who has an address, has not signed what is published, and may be asked again by now."""
    waiting = Q(next_at=None) | Q(next_at__lte=now())
    behind = Q(signed_size__lt=log.published_size) | ~Q(log_number=log.number)
    return list(present_witnesses().filter(waiting, behind).exclude(address=""))


def witnesses_have_work() -> bool:
    """Whether somebody is to be asked, or a signature waits to be put into the checkpoint."""
    log = current_log()
    if log is None or not log.checkpoint or not present_witnesses().exists():
        return False
    signed = present_witnesses().filter(log_number=log.number, signed_size=log.published_size)
    unpublished = any(one.line not in log.checkpoint for one in signed)
    return unpublished or bool(witnesses_to_ask(log))


def is_alarm(witness: Witness) -> bool:
    """A refusal at once, silence after some time: somebody has to ask why."""
    if witness.problem is None or witness.removed_at is not None:
        return False
    return witness.problem["code"] != SILENT or witness.failures >= SILENT_FROM


def problem_of(row: Witness | Timestamp) -> Problem | None:
    """Why a witness did not sign, or an authority did not stamp."""
    if row.problem is None:
        return None
    params = row.problem["params"]
    return Problem(str(row.problem["code"]), Place(), dict(params) if isinstance(params, dict) else {})


def witness_alarms(scope: Scope) -> list[Problem]:
    """What bureau and auditors have to know of witnesses; nothing for those who do not see the log."""
    if not scope.reach(VIEW).whole:
        return []
    found = [problem_of(one) for one in present_witnesses().exclude(problem=None) if is_alarm(one)]
    return [one for one in found if one is not None]


def current_policy() -> PolicyVersion | None:
    """The policy that holds."""
    return PolicyVersion.objects.first()


def signatures_of(log: Log | None) -> list[tuple[Witness, bool]]:
    """Every present witness, and whether its signature stands under what is published now."""
    return [(one, bool(log and one.line and one.line in log.checkpoint)) for one in present_witnesses()]


def stamping_has_work() -> bool:
    """Whether the authority is to be asked: once a day where something was published since."""
    log = current_log()
    if log is None or not log.checkpoint or not settings.TIMESTAMP_URL:
        return False
    last = Timestamp.objects.filter(log=log).first()
    if last is None:
        return True
    if last.answer is None:
        return last.next_at is None or last.next_at <= now()
    return last.size < log.published_size and last.asked_at < now() - STAMP_EVERY


def authority_address() -> str:
    """Where timestamps are asked for; empty where no authority is set up."""
    return str(settings.TIMESTAMP_URL)


def timestamps(log: Log | None) -> QuerySet[Timestamp]:
    """Of one log, newest first."""
    return Timestamp.objects.filter(log=log) if log else Timestamp.objects.none()


def paper_of(log: Log | None) -> PrintedRoot | None:
    """The published root as it is printed."""
    if log is None or not log.published_size:
        return None
    return printed_root(Checkpoint(log.origin, log.published_size, bytes(log.published_root)))
