"""Words that somebody typed, as a record may hold them: by a hash, for a reason may name a person."""

from __future__ import annotations

import hashlib
import secrets

SALT_BYTES = 16


def committed(name: str, text: str) -> dict[str, str]:
    """`<name>_salt` and `<name>_sha256`: SHA-256 of salt, line feed, text; both empty for an empty text.

    The words stay in a row of the caller. Made with a new salt each time: stage such a record once.
    """
    salt = secrets.token_hex(SALT_BYTES) if text else ""
    sha256 = hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest() if text else ""
    return {f"{name}_salt": salt, f"{name}_sha256": sha256}
