"""The log's side: ask a witness, read its answer, add its line to the checkpoint.

In: tiles, the published checkpoint, the size that a witness cosigned last as far as the log knows, a
callable that posts. Out: the line, and what to remember of this witness. What a witness says is believed
only as far as its signature goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from minping_engine.errors import IntegrityError, Place, Problem
from minping_engine.proof import (
    CHECKPOINT_PATH,
    SignatureLine,
    SignedNote,
    TileStore,
    VerifierKey,
    parse_checkpoint,
    parse_lines,
    parse_note,
)
from minping_engine.witness.requests import request_from_tiles
from minping_engine.witness.rules import CONFLICT, COSIGNED

Post = Callable[[bytes], tuple[int, bytes]]
"""Posts a body to a witness's `add-checkpoint`; gives status and body of the answer."""
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True)
class Asked:
    """What a witness answered: its line, or what was wrong.

    `size` is what it has cosigned by its own word (None: it did not say): the next request begins there.
    """

    line: SignatureLine | None
    size: int | None
    problem: Problem | None = None


def ask_witness(
    post: Post, store: TileStore, content: bytes, known_size: int = 0, *, key: VerifierKey
) -> Asked:
    """Ask for a cosignature on a published checkpoint; once more if the witness knows another size.

    A witness that knows more than the log (`witness.ahead`) says that the log was set back.
    """
    checkpoint = parse_checkpoint(_note(content).text)
    newest = checkpoint.size if checkpoint else 0
    known = min(known_size, newest)
    asked = read_answer(*post(bytes(request_from_tiles(store, content, known))), content, key=key)
    if asked.line or asked.size in (None, known):
        return asked
    if asked.size is not None and asked.size > newest:
        params: dict[str, object] = {"name": key.name, "known": asked.size, "size": newest}
        return Asked(None, asked.size, Problem("witness.ahead", params=params))
    request = request_from_tiles(store, content, asked.size or 0)
    return read_answer(*post(bytes(request)), content, key=key)


def read_answer(status: int, body: bytes, content: bytes, *, key: VerifierKey) -> Asked:
    """What an answer is worth: a line only if it is this witness's and holds for this checkpoint."""
    note, name = _note(content), key.name
    if status == CONFLICT and (found := _SIZE.fullmatch(body)):
        size = int(found[1])
        return Asked(None, size, Problem("witness.knows_other_size", params={"name": name, "size": size}))
    if status != COSIGNED:
        return Asked(None, None, Problem("witness.refused", params={"name": name, "status": status}))
    lines = [line for line in parse_lines(body) or () if line.is_by(key)]
    if not lines or not all(key.verifies(note.text, line.signature) for line in lines):
        return Asked(None, None, Problem("witness.answer_wrong", params={"name": name}))
    checkpoint = parse_checkpoint(note.text)
    return Asked(lines[-1], checkpoint.size if checkpoint else None)


def add_cosignatures(content: bytes, lines: Iterable[SignatureLine]) -> bytes:
    """The checkpoint with these lines; each replaces what the same witness signed before."""
    note = _note(content)
    for line in lines:
        note = note.with_line(line)
    return bytes(note)


def _note(content: bytes) -> SignedNote:
    note = parse_note(content)
    if note is None:
        raise IntegrityError.of("ledger.checkpoint_malformed", Place(file=CHECKPOINT_PATH))
    return note
