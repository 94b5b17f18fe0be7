"""Words that somebody typed, as a record may hold them: by a hash, for a reason may name a person."""

from __future__ import annotations

import hashlib

from minping_web.common.clock import now
from minping_web.common.crypto import keyring
from minping_web.ledger.models import KeptWords

SALT_BYTES = 16
PURPOSE = "ledger-words"


def committed(name: str, text: str, *, step: str) -> dict[str, str]:
    """`<name>_sha256`: SHA-256 of salt, line feed, text; empty for an empty text.

    The words stay in a row of the caller. The salt is the step's under the district's key and stands nowhere:
    a step that is repeated has the same record, and whoever reads records, the public of an opened year among
    them, cannot try guesses. `salt_of` gives it to whoever is shown the words.
    """
    return {f"{name}_sha256": _hashed(keyring().blind(step, PURPOSE), text) if text else ""}


def salt_of(sha256: str, text: str, *, step: str) -> str:
    """The salt in hex that shows that a record promises these words; empty where they are others.

    Empty too once the index key of that time was retired: then nobody can show it any more.
    """
    for one in keyring().blinds(step, PURPOSE):
        if text and _hashed(one, text) == sha256:
            return one[-SALT_BYTES:].hex()
    return ""


def _hashed(blind: bytes, text: str) -> str:
    return hashlib.sha256(f"{blind[-SALT_BYTES:].hex()}\n{text}".encode()).hexdigest()


def kept(name: str, text: str, *, step: str) -> dict[str, str]:
    """The same for a caller without a row of its own: the words are kept here, in the caller's transaction.

    `forget` deletes them with the record; the entry stays.
    """
    if text:
        KeptWords.objects.update_or_create(step_id=step, name=name, defaults={"text": text, "kept_at": now()})
    return committed(name, text, step=step)
