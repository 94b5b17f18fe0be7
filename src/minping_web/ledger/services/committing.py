"""Words that somebody typed, as a record may hold them: by a hash, for a reason may name a person."""

from __future__ import annotations

import hashlib

from minping_web.common.clock import now
from minping_web.common.crypto import keyring
from minping_web.ledger.models import KeptWords

SALT_BYTES = 16


def committed(name: str, text: str, *, step: str) -> dict[str, str]:
    """`<name>_salt` and `<name>_sha256`: SHA-256 of salt, line feed, text; both empty for an empty text.

    The words stay in a row of the caller. The salt is the step's under the district's key: a step that is
    repeated has the same record, and who has no record cannot guess.
    """
    salt = keyring().blind(step, "ledger-words")[-SALT_BYTES:].hex() if text else ""
    sha256 = hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest() if text else ""
    return {f"{name}_salt": salt, f"{name}_sha256": sha256}


def kept(name: str, text: str, *, step: str) -> dict[str, str]:
    """The same for a caller without a row of its own: the words are kept here, in the caller's transaction.

    `forget` deletes them with the record; the entry stays.
    """
    if text:
        KeptWords.objects.update_or_create(step_id=step, name=name, defaults={"text": text, "kept_at": now()})
    return committed(name, text, step=step)
