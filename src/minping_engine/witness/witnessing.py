"""The witness at work: read, check, write, cosign, all under one lock for each log.

In: a request; keys, states, a clock as a callable. Out: the answer, after what it says is written down. A
witness that forgot, or whose state was set back, would sign two histories: states must last before they
count.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from minping_engine.proof import WitnessKey
from minping_engine.witness.rules import COSIGNED, Answer, Latest, Logs, Submission, judge, read_submission


class OriginState(Protocol):
    """What a witness knows of one log, while nobody else can change it."""

    @property
    def latest(self) -> Latest:
        """What was cosigned last."""
        ...

    def record(self, latest: Latest) -> None:
        """Put the new state in place of the old."""
        ...

    def keep_evidence(self, note: bytes) -> None:
        """Keep a signed checkpoint that contradicts the latest one."""
        ...


class States(Protocol):
    """Where a witness remembers."""

    def exclusive(self, origin: str) -> AbstractContextManager[OriginState]:
        """The state of one log, locked; leaving without an exception makes what was written last."""
        ...


@dataclass(frozen=True)
class Witness:
    """A witness: its key, the logs it watches, its memory, the time in seconds since 1970."""

    key: WitnessKey
    logs: Logs
    states: States
    seconds: Callable[[], int]

    def add_checkpoint(self, content: bytes) -> Answer:
        """Answer `POST add-checkpoint`."""
        submission = read_submission(content, self.logs)
        if isinstance(submission, Answer):
            return submission
        with self.states.exclusive(submission.origin) as state:
            refused = judge(submission.request, state.latest)
            if refused is None:
                return self._cosign(submission, state)
            if refused.is_evidence:
                state.keep_evidence(bytes(submission.note))
        return refused

    def _cosign(self, submission: Submission, state: OriginState) -> Answer:
        checkpoint = submission.request.checkpoint
        line = self.key.cosign(submission.note.text, self.seconds())
        note = bytes(submission.note.with_line(line))
        state.record(Latest(checkpoint.size, checkpoint.root, note))
        return Answer(COSIGNED, str(line).encode())
