"""Signed notes: a text, an empty line, lines of signatures (C2SP signed-note).

In: bytes and keys. Out: the note and whose signatures hold. Lines of unknown keys are kept and ignored, so
that witnesses and further algorithms can sign beside the log.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from minping_engine.proof.keys import SigningKey, VerifierKey, decoded, is_key_name

LONGEST_NOTE = 1_000_000
MOST_SIGNATURES = 100
_DASH = "— "


@dataclass(frozen=True)
class SignatureLine:
    """One line: who says to have signed, with which key, and the signature."""

    name: str
    key_hash: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {b64encode(self.key_hash + self.signature).decode()}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether the line names this key; not yet whether its signature holds."""
        return (self.name, self.key_hash) == (key.name, key.key_hash)


@dataclass(frozen=True)
class SignedNote:
    """A text with its lines of signatures."""

    text: bytes
    lines: tuple[SignatureLine, ...]

    def __bytes__(self) -> bytes:
        return self.text + b"\n" + "".join(map(str, self.lines)).encode()

    def holds(self, key: VerifierKey) -> bool | None:
        """Whether all lines of a key verify; None where it has none."""
        made = [key.verifies(self.text, line.signature) for line in self.lines if line.is_by(key)]
        return all(made) if made else None

    def signed_by(self, key: SigningKey) -> SignedNote:
        """The note with one more line."""
        return self.with_line(SignatureLine(key.name, key.verifier.key_hash, key.sign(self.text)))

    def with_line(self, line: SignatureLine) -> SignedNote:
        """The note with a line more; it replaces what the same key signed before."""
        others = (one for one in self.lines if (one.name, one.key_hash) != (line.name, line.key_hash))
        return SignedNote(self.text, (*others, line))


def sign_note(text: bytes, keys: Sequence[SigningKey]) -> SignedNote:
    """A text signed by each of the keys."""
    note = SignedNote(text, ())
    for key in keys:
        note = note.signed_by(key)
    return note


def parse_note(content: bytes) -> SignedNote | None:
    """The note of its bytes; None where they are none. Nothing is verified."""
    end = content.rfind(b"\n\n") + 1
    if not 0 < end <= len(content) - 2 or len(content) > LONGEST_NOTE or content[-1:] != b"\n":
        return None
    try:
        written = content.decode()
    except UnicodeDecodeError:
        return None
    if any(character < " " and character != "\n" for character in written):
        return None
    rows = content[end + 1 : -1].decode().split("\n")
    lines = [line for row in rows[:MOST_SIGNATURES] if (line := _line(row))]
    return SignedNote(content[:end], tuple(lines)) if len(lines) == len(rows) else None


def parse_lines(content: bytes) -> tuple[SignatureLine, ...] | None:
    """The signature lines of bytes that hold nothing else; None where they do not."""
    note = parse_note(b"-\n\n" + content)
    return note.lines if note and note.text == b"-\n" else None


def _line(row: str) -> SignatureLine | None:
    name, _, encoded = row.removeprefix(_DASH).partition(" ")
    content = decoded(encoded)
    if not row.startswith(_DASH) or not is_key_name(name) or content is None or len(content) <= 4:
        return None
    return SignatureLine(name, content[:4], content[4:])
