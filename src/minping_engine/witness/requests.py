"""What a log sends to a witness: the old size, the consistency proof, the new checkpoint (C2SP tlog-witness).

In: bytes, or a log's tiles with its checkpoint. Out: the request. `old N`, a Base64 hash a line, an empty
line, the signed checkpoint as it is published. Nothing is judged here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from minping_engine.errors import InputError, Place
from minping_engine.proof import (
    CHECKPOINT_PATH,
    HASH_SIZE,
    Checkpoint,
    SignedNote,
    TileStore,
    consistency_proof,
    decoded,
    parse_checkpoint,
    parse_note,
)

LONGEST_REQUEST = 65_536
"""Bytes; a proof of 63 lines and a checkpoint with dozens of signatures need a sixth of it."""
MOST_HASHES = 63
LARGEST_SIZE = 2**63 - 1
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True)
class WitnessRequest:
    """One request; `bytes()` gives what is sent."""

    old_size: int
    proof: tuple[bytes, ...]
    note: SignedNote
    checkpoint: Checkpoint

    def __bytes__(self) -> bytes:
        lines = (f"old {self.old_size}", *(b64encode(one).decode() for one in self.proof), "")
        return "".join(f"{line}\n" for line in lines).encode() + bytes(self.note)


def parse_request(content: bytes) -> WitnessRequest | None:
    """The request of its bytes; None where they are none. Nothing is verified."""
    head, empty, signed = content.partition(b"\n\n")
    note = parse_note(signed) if empty and len(content) <= LONGEST_REQUEST else None
    checkpoint = parse_checkpoint(note.text) if note else None
    old, *lines = head.decode("ascii", "replace").split("\n")
    found, proof = _OLD.fullmatch(old), [decoded(line) for line in lines]
    hashes = tuple(one for one in proof if one is not None and len(one) == HASH_SIZE)
    if note is None or checkpoint is None or found is None or len(hashes) != len(lines):
        return None
    if len(hashes) > MOST_HASHES or checkpoint.size > LARGEST_SIZE:
        return None
    return WitnessRequest(int(found[1]), hashes, note, checkpoint)


def request_from_tiles(store: TileStore, content: bytes, old_size: int) -> WitnessRequest:
    """The request for a published checkpoint, its proof made from the log's tiles.

    Raises `InputError` where the checkpoint is none or smaller than what the witness has cosigned already.
    """
    note = parse_note(content)
    checkpoint = parse_checkpoint(note.text) if note else None
    if note is None or checkpoint is None:
        raise InputError.of("ledger.checkpoint_malformed", Place(file=CHECKPOINT_PATH))
    if old_size > checkpoint.size:
        raise InputError.of("witness.old_beyond", old=old_size, size=checkpoint.size)
    return WitnessRequest(
        old_size, consistency_proof(store, old_size, size=checkpoint.size), note, checkpoint
    )
