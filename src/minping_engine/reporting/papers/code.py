"""The code of a paper: a short hash of all that it says, as letters that survive being read aloud.

In: the content of a paper as plain data. Out: sixteen signs in groups of four (80 bits; Crockford's
alphabet, without I, L, O, U), and a QR picture of them. Whoever holds the results makes the same content
and so the same code; changing one figure on a copy makes its code wrong. It proves agreement with the
results, not who printed it.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from typing import Any

from minping_engine.snapshot import canonical_json

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BYTES = 10
_READ = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_WRITTEN = re.compile(rf"[{SIGNS}]{{16}}")


def paper_code(content: Any) -> str:
    """The code of a paper's content.

    >>> paper_code({"score": "92.10"})
    '77YV-QHHZ-690T-CQBM'
    """
    digest = hashlib.sha256(canonical_json(content)).digest()[:BYTES]
    signs = base64.b32encode(digest).decode().translate(str.maketrans(_PLAIN, SIGNS))
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


def read_code(text: str) -> str | None:
    """A code as somebody typed it: small letters, blanks, O for 0. None if it is none.

    >>> read_code("77yv qhhz 69ot cqbm")
    '77YV-QHHZ-690T-CQBM'
    """
    signs = re.sub(r"[\s\-‐–]", "", text).upper().translate(_READ)
    if not _WRITTEN.fullmatch(signs):
        return None
    return "-".join(signs[start : start + 4] for start in range(0, 16, 4))


def code_picture(text: str) -> str:
    """A QR code as SVG."""
    import segno

    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False, nl=False)
    return drawn.getvalue().decode()
