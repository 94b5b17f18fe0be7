"""Checkpoints: origin, size and root of the log as a signed note (C2SP tlog-checkpoint).

In: a size with its root and a key, or a note's bytes and the key that an auditor holds. Out: the other.
A checkpoint counts only if the log's key signed it and the key's name is the origin.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass

from minping_engine.errors import InputError, IntegrityError, Place
from minping_engine.proof.hashing import HASH_SIZE
from minping_engine.proof.keys import SigningKey, VerifierKey, decoded, is_key_name
from minping_engine.proof.notes import parse_note, sign_note
from minping_engine.proof.paths import CHECKPOINT_PATH

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: who, how many entries, which root. This project writes no extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """The text that is signed."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The checkpoint as a note signed by the log's key, which has the origin as its name."""
    if checkpoint.origin != key.name or not is_key_name(checkpoint.origin):
        raise InputError.of("ledger.origin_is_not_key", origin=checkpoint.origin, name=key.name)
    return bytes(sign_note(checkpoint.text, [key]))


def open_checkpoint(content: bytes, key: VerifierKey, file: str = CHECKPOINT_PATH) -> Checkpoint:
    """The checkpoint of a note that this key signed. Raises `IntegrityError` otherwise."""
    place, note = Place(file=file), parse_note(content)
    checkpoint = parse_checkpoint(note.text) if note else None
    if note is None or checkpoint is None:
        raise IntegrityError.of("ledger.checkpoint_malformed", place)
    holds = note.holds(key)
    if holds is None:
        raise IntegrityError.of("ledger.checkpoint_unsigned", place, name=key.name)
    if not holds:
        raise IntegrityError.of("ledger.signature_wrong", place, name=key.name)
    if checkpoint.origin != key.name:
        raise IntegrityError.of("ledger.other_origin", place, origin=checkpoint.origin, name=key.name)
    return checkpoint


def parse_checkpoint(text: bytes) -> Checkpoint | None:
    """The checkpoint of a note's text; None where it is none. Nothing is verified."""
    try:
        origin, size, root, *extensions = text.decode().removesuffix("\n").split("\n")
    except ValueError:
        return None
    content = decoded(root)
    if not (origin and _SIZE.fullmatch(size) and all(extensions)) or content is None:
        return None
    return Checkpoint(origin, int(size), content, tuple(extensions)) if len(content) == HASH_SIZE else None
