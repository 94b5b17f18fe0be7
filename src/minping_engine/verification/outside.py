"""What others than the operator say about a log: witnesses, paper, an authority's timestamp.

In: what the auditor holds of them, the checkpoint as it lies there, the leaf hashes as far as they are
proved. Out: who says what, and what does not fit. Without any of these a log that was rewritten and signed
again looks sound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minping_engine.anchors import Timestamp, check_timestamp
from minping_engine.errors import MinpingError, Place, Problem
from minping_engine.proof import CHECKPOINT_PATH, Checkpoint, VerifierKey, parse_note
from minping_engine.verification.entries import Hashes
from minping_engine.verification.history import broken_history
from minping_engine.witness import Cosigned, WitnessPolicy, check_policy

PRINTED = "printed root"


@dataclass(frozen=True)
class OutsideProofs:
    """What the auditor holds: `stamp` is an authority's answer, `roots` its certificates (PEM)."""

    policy: WitnessPolicy | None = None
    printed: Checkpoint | None = None
    stamp: bytes | None = None
    roots: bytes = b""
    stamp_name: str = "timestamp"


@dataclass
class OutsideFound:
    """Witnesses that signed, the size on paper that the log continues, the time stamped; what is wrong."""

    cosigned: tuple[Cosigned, ...] = ()
    printed_size: int | None = None
    stamped: Timestamp | None = None
    problems: list[Problem] = field(default_factory=list)


def check_outside(
    proofs: OutsideProofs, key: VerifierKey, now: Checkpoint | None, leaves: Hashes, notes: tuple[bytes, ...]
) -> OutsideFound:
    """Hold everything against the log; `notes` are the checkpoint and, if there is one, the one kept."""
    found = OutsideFound()
    if proofs.policy is not None:
        check = check_policy(notes[0], proofs.policy)
        found.cosigned = check.cosigned
        found.problems += check.problems
    if proofs.printed is not None:
        _check_printed(proofs.printed, key, now, leaves, found)
    if proofs.stamp is not None:
        _check_stamp(proofs, proofs.stamp, notes, found)
    return found


def _check_printed(
    printed: Checkpoint, key: VerifierKey, now: Checkpoint | None, leaves: Hashes, found: OutsideFound
) -> None:
    if printed.origin != key.name:
        params: dict[str, object] = {"origin": printed.origin, "name": key.name}
        found.problems.append(Problem("anchors.printed_other_log", Place(file=PRINTED), params))
        return
    problem = broken_history(printed, now, leaves, CHECKPOINT_PATH)
    if problem:
        found.problems.append(problem)
    else:
        found.printed_size = printed.size


def _check_stamp(proofs: OutsideProofs, stamp: bytes, notes: tuple[bytes, ...], found: OutsideFound) -> None:
    """A stamp is of the newest checkpoint or of the one that was kept: whichever fits."""
    problems: list[Problem] = []
    for content in reversed(notes):
        note = parse_note(content)
        try:
            text = note.text if note else b""
            found.stamped = check_timestamp(stamp, text, proofs.roots, proofs.stamp_name)
        except MinpingError as error:
            problems = problems or [*error.problems]
        else:
            return
    found.problems += problems
