"""Ask witnesses for their signatures on what was published, and put these into the published checkpoint.

Never part of publishing: a checkpoint is out before anybody is asked, and a witness that is slow, silent or
refuses holds nobody up. Who was asked in vain is asked again after a while that doubles.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings

from minping_engine.errors import MinpingError, Place, Problem
from minping_engine.proof import (
    CHECKPOINT_PATH,
    FolderStore,
    SignatureLine,
    SignedNote,
    cosigned_at,
    parse_lines,
    parse_note,
    publish_checkpoint,
    verifier_key,
)
from minping_engine.witness import Asked, add_cosignatures, ask_witness
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, Witness
from minping_web.ledger.services.lock import BusyError, only_writer
from minping_web.ledger.services.posting import SilentError, post

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
MOST_DOUBLINGS = 10
ADD, PLAIN = "/add-checkpoint", "text/plain; charset=utf-8"
MANAGE = "ledger.witness"
SAID = (
    "log_number",
    "known_size",
    "signed_size",
    "signed_at",
    "line",
    "asked_at",
    "failures",
    "next_at",
    "problem",
)
"""What asking writes: who was removed while it was asked must not come back with the answer."""


def ask_witnesses() -> dict[str, int]:
    """Ask everybody whose turn it is; gives how many signed and how many did not."""
    log = selectors.current_log()
    if log is None or not log.checkpoint:
        return {"signed": 0, "problems": 0}
    asked = [_ask(one, log) for one in selectors.witnesses_to_ask(log)]
    put_cosignatures()
    return {"signed": sum(asked), "problems": len(asked) - sum(asked)}


def _ask(witness: Witness, log: Log) -> bool:
    """One witness; what it said is kept, whatever it is."""
    if witness.log_number != log.number:  # of a lost log: this one begins with nothing
        witness.log_number, witness.known_size, witness.signed_size = log.number, 0, 0
    store, key = FolderStore(selectors.folder_of(log.number)), verifier_key(witness.verifier)
    content = store.read(CHECKPOINT_PATH) or b""
    try:
        asked = ask_witness(
            lambda body: post(witness.address.rstrip("/") + ADD, body, PLAIN), store, content,
            witness.known_size, key=key,
        )  # fmt: skip
    except SilentError as error:
        params: dict[str, object] = {"name": witness.name, "reason": str(error)}
        asked = Asked(None, None, Problem("ledger.witness_silent", params=params))
    except MinpingError as error:
        asked = Asked(None, None, error.problems[0])
    _remember(witness, asked)
    return asked.line is not None


def _remember(witness: Witness, asked: Asked) -> None:
    witness.asked_at, problem = now(), asked.problem
    if asked.size is not None:
        witness.known_size = asked.size
    if asked.line is not None:
        _keep_line(witness, asked.line, asked.size or 0)
    elif problem is not None:
        witness.failures += 1
        wait = min(FIRST_WAIT * 2 ** min(witness.failures, MOST_DOUBLINGS), LONGEST_WAIT)
        witness.next_at = now() + wait
        witness.problem = {"code": problem.code, "params": {**problem.params}}
    witness.save(update_fields=SAID)


def _keep_line(witness: Witness, line: SignatureLine, size: int) -> None:
    witness.line, witness.signed_size, witness.known_size = str(line), size, size
    witness.signed_at = _moment(cosigned_at(line))
    witness.failures, witness.next_at, witness.problem = 0, None, None


def _moment(seconds: int) -> datetime | None:
    """A witness's own time; one that no calendar knows is left out."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def put_cosignatures() -> int:
    """Put every signature that holds into the published checkpoint, here and on the mirror; gives how many.

    While another process writes the log nothing is done: the next run does it.
    """
    try:
        with only_writer():
            log = selectors.current_log()
            return _put(log) if log and log.checkpoint and not selectors.blocking_problems(log) else 0
    except BusyError:
        return 0


def _put(log: Log) -> int:
    store = FolderStore(selectors.folder_of(log.number))
    content = store.read(CHECKPOINT_PATH) or b""
    note = parse_note(content)
    lines = _holding(note, log) if note else []
    made = add_cosignatures(content, lines) if lines else content
    if made != content:
        publish_checkpoint(store, made)
    if made.decode() != log.checkpoint:
        log.checkpoint = made.decode()
        log.save(update_fields=["checkpoint"])
    _mirror(log, made)
    return len(lines)


def _holding(note: SignedNote, log: Log) -> list[SignatureLine]:
    """Signatures of present witnesses that are on just this checkpoint."""
    found = []
    for witness in selectors.present_witnesses().filter(log_number=log.number).exclude(line=""):
        key = verifier_key(witness.verifier)
        for line in parse_lines(witness.line.encode()) or ():
            if line.is_by(key) and key.verifies(note.text, line.signature):
                found.append(line)
    return found


def _mirror(log: Log, content: bytes) -> None:
    """A mirror that has the same size gets the same lines; one that lags gets them with its files."""
    target = selectors.mirror_folder_of(log.number)
    if target is None or not selectors.mirror_is_there():
        return
    try:
        there = selectors.published(log, target)
        if there is not None and there.size == log.published_size:
            publish_checkpoint(FolderStore(target), content)
    except OSError:  # the next checkpoint brings it
        return


def take_cosignature(scope: Scope | None, content: bytes) -> Witness:
    """A signature that somebody brought, by a stick: kept and published if it is on what is published now.

    Without a scope: the command on the server. Raises `RefusedError` where it is no witness's, or on another
    checkpoint than the published one.
    """
    if scope is not None:
        scope.require(MANAGE, "")
    log = selectors.current_log()
    note = parse_note(log.checkpoint.encode()) if log else None
    if log is None or note is None:
        raise RefusedError.of("ledger.none_yet")
    for line in parse_lines(content.strip() + b"\n") or ():
        for witness in selectors.present_witnesses():
            key = verifier_key(witness.verifier)
            if line.is_by(key) and key.verifies(note.text, line.signature):
                witness.log_number = log.number
                _keep_line(witness, line, log.published_size)
                witness.save(update_fields=SAID)
                put_cosignatures()
                return witness
    raise RefusedError.of("ledger.cosignature_unfit", Place(key="cosignature"), size=log.published_size)


def publish_policy(text: str) -> None:
    """Put the policy beside the logs, here and on the mirror; never half of it."""
    for root in (settings.LEDGER_FOLDER, settings.LEDGER_MIRROR):
        if root and root.is_dir():
            partial = root / ".policy.partial"
            partial.write_text(text, "utf-8")
            partial.replace(root / "policy")
