"""What a witness answers: the decisions of C2SP tlog-witness, each with its status.

In: a request's bytes, the keys of the logs it watches, what it cosigned last. Out: a refusal, or nothing to
object. Asking for state and writing it is `witnessing`; the order of the checks is that of the
specification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minping_engine.errors import Problem, render
from minping_engine.proof import EMPTY_ROOT, SignedNote, VerifierKey, check_consistency
from minping_engine.witness.requests import WitnessRequest, parse_request

PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"
COSIGNED, BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT, UNPROCESSABLE = 200, 400, 403, 404, 409, 422

Logs = Mapping[str, Sequence[VerifierKey]]
"""Keys by origin: a log that changes its key has two for a while."""


@dataclass(frozen=True)
class Latest:
    """What a witness cosigned last of one log; `note` bears the log's signature and its own."""

    size: int
    root: bytes
    note: bytes = b""


NOTHING = Latest(0, EMPTY_ROOT)
"""Before the first time: the empty log, which every log continues."""


@dataclass(frozen=True)
class Answer:
    """Status, body and kind of body; `problem` says in both languages why not.

    `is_evidence`: the log signed something that does not go with what it signed before; worth keeping.
    """

    status: int
    body: bytes
    content_type: str = PLAIN
    problem: Problem | None = None
    is_evidence: bool = False


@dataclass(frozen=True)
class Submission:
    """A request of a watched log whose signature holds; `note` has the log's lines only."""

    request: WitnessRequest
    note: SignedNote

    @property
    def origin(self) -> str:
        """Which log."""
        return self.request.checkpoint.origin


def read_submission(content: bytes, logs: Logs) -> Submission | Answer:
    """The request, if it is one, of a watched log, and signed by it; else the refusal."""
    request = parse_request(content)
    if request is None:
        return refusal(BAD_REQUEST, "witness.request_malformed")
    origin, size = request.checkpoint.origin, request.checkpoint.size
    keys = logs.get(origin, ())
    if not keys:
        return refusal(NOT_FOUND, "witness.log_unknown", origin=origin)
    held = [request.note.holds(key) for key in keys]
    if False in held or True not in held:
        return refusal(FORBIDDEN, "witness.log_unsigned", origin=origin)
    if request.old_size > size:
        return refusal(BAD_REQUEST, "witness.old_beyond", old=request.old_size, size=size)
    ours = tuple(line for line in request.note.lines if any(line.is_by(key) for key in keys))
    return Submission(request, SignedNote(request.note.text, ours))


def judge(request: WitnessRequest, latest: Latest) -> Answer | None:
    """Whether the checkpoint continues the latest one: None if so, else the refusal."""
    new = request.checkpoint
    is_fork = new.size == latest.size and new.root != latest.root
    if request.old_size != latest.size:
        body = b"%d\n" % latest.size
        problem = Problem("witness.size_differs", params={"old": request.old_size, "size": latest.size})
        return Answer(CONFLICT, body, SIZE, problem, is_evidence=is_fork)
    if is_fork:
        return refusal(UNPROCESSABLE, "witness.root_differs", is_evidence=True, size=new.size)
    holds = check_consistency(
        request.proof, old_size=latest.size, old_root=latest.root, size=new.size, root=new.root
    )
    if not holds:
        is_newer = 0 < latest.size < new.size  # else only the proof is wrong, which anybody can send
        return refusal(
            UNPROCESSABLE, "witness.not_continued", is_evidence=is_newer, old=latest.size, size=new.size
        )
    return None


def refusal(status: int, code: str, *, is_evidence: bool = False, **params: object) -> Answer:
    """An answer that says why not; the English words are its body."""
    problem = Problem(code, params=params)
    return Answer(status, f"{render(problem).line}\n".encode(), PLAIN, problem, is_evidence)
