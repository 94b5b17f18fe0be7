"""Whether enough witnesses signed a checkpoint, who did and when.

In: a checkpoint's bytes and a policy. Out: a report. A line that names a known witness and does not hold
makes the note malformed (C2SP signed-note), so it is a fault even where enough others signed.
"""

from __future__ import annotations

from dataclasses import dataclass

from minping_engine.errors import Place, Problem
from minping_engine.proof import CHECKPOINT_PATH, SignedNote, VerifierKey, cosigned_at, parse_note
from minping_engine.witness.policy import WitnessPolicy


@dataclass(frozen=True)
class Cosigned:
    """A witness that signed, and when by its own clock (seconds since 1970)."""

    name: str
    seconds: int


@dataclass(frozen=True)
class PolicyCheck:
    """Who signed; the policy is met where there are no problems."""

    cosigned: tuple[Cosigned, ...]
    problems: tuple[Problem, ...]

    @property
    def is_met(self) -> bool:
        """Whether enough did, and nothing is wrong."""
        return not self.problems


def check_policy(content: bytes, policy: WitnessPolicy, file: str = CHECKPOINT_PATH) -> PolicyCheck:
    """Hold a checkpoint's signatures against a policy."""
    note, place = parse_note(content), Place(file=file)
    if note is None:
        return PolicyCheck((), (Problem("ledger.checkpoint_malformed", place),))
    held = {name: note.holds(key) for name, key in policy.witnesses.items()}
    signed = frozenset(name for name, holds in held.items() if holds)
    problems = [
        Problem("witness.cosignature_wrong", place, {"name": name})
        for name, holds in held.items()
        if holds is False
    ]
    if policy.logs and not any(note.holds(key) for key in policy.logs):
        problems.append(Problem("witness.other_log", place))
    if not policy.is_met_by(signed):
        params: dict[str, object] = {"signed": len(signed), "witnesses": len(policy.witnesses)}
        problems.append(Problem("witness.quorum_missed", place, params))
    found = tuple(Cosigned(name, _latest(note, policy.witnesses[name])) for name in sorted(signed))
    return PolicyCheck(found, tuple(problems))


def _latest(note: SignedNote, key: VerifierKey) -> int:
    return max(cosigned_at(line) for line in note.lines if line.is_by(key))
