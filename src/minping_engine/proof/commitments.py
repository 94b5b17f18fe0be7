"""Entries that say nothing until they are opened: salted commitments to records.

In: what happened as a record (JSON), 32 random bytes that the caller drew for it alone. Out: the bytes of
the entry, and whether a record opens an entry. Who deletes record and nonce deletes what the entry was
about; the entry stays and says no more. Without a nonce, a few possible answers could simply be tried.

An entry is canonical JSON (RFC 8785) with four keys and nothing else:
`{"commitment":"<64 hex digits>","format":1,"kind":"<kind>","step":"<step id>"}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

import rfc8785

from minping_engine.errors import InputError
from minping_engine.proof.hashing import HASH_SIZE

NONCE_SIZE = 32
FORMAT = 1
"""Named in each entry, so that another hash can follow without doubt about old entries."""
# Kind and step are kept to characters that JSON never escapes, so this pattern *is* the canonical form: a
# million entries are read without parsing JSON. A test holds it against rfc8785.
_KIND = r"[a-z][a-z0-9_.]{0,59}"
_STEP = r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,119}"
_ENTRY = re.compile(
    rf'\{{"commitment":"([0-9a-f]{{64}})","format":{FORMAT},"kind":"({_KIND})","step":"({_STEP})"\}}'.encode()
)


@dataclass(frozen=True)
class Entry:
    """What everybody can read of an entry; `bytes()` makes it of a commitment that was made earlier.

    Kind and step are public: no names, no times, no order of ballots in them.
    """

    kind: str
    step_id: str
    commitment: bytes

    def __bytes__(self) -> bytes:
        is_known = re.fullmatch(_KIND, self.kind) and re.fullmatch(_STEP, self.step_id)
        if not is_known or len(self.commitment) != HASH_SIZE:
            raise InputError.of("ledger.entry_words", kind=self.kind, step=self.step_id)
        return (
            f'{{"commitment":"{self.commitment.hex()}","format":{FORMAT},'
            f'"kind":"{self.kind}","step":"{self.step_id}"}}'
        ).encode()


def commitment_of(record: Mapping[str, object], nonce: bytes) -> bytes:
    """SHA-256 over nonce and canonical record. The nonce has 32 bytes and serves once."""
    if len(nonce) != NONCE_SIZE:
        raise InputError.of("ledger.nonce_length", length=len(nonce), wanted=NONCE_SIZE)
    try:
        canonical = rfc8785.dumps(cast("dict[str, str]", dict(record)))
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as error:
        raise InputError.of("ledger.record_not_json") from error
    return sha256(nonce + canonical).digest()


def entry_of(kind: str, step_id: str, record: Mapping[str, object], nonce: bytes) -> bytes:
    """The entry for a record, of which it shows nothing but kind and step."""
    return bytes(Entry(kind, step_id, commitment_of(record, nonce)))


def read_entry(entry: bytes) -> Entry | None:
    """The entry of its bytes; None where they are not written in this one way."""
    found = _ENTRY.fullmatch(entry)
    if found is None:
        return None
    commitment, kind, step_id = (part.decode() for part in found.groups())
    return Entry(kind, step_id, bytes.fromhex(commitment))


def opens(entry: bytes, record: Mapping[str, object], nonce: bytes) -> bool:
    """Whether the entry was made of this record and nonce."""
    read = read_entry(entry)
    return read is not None and read.commitment == commitment_of(record, nonce)
