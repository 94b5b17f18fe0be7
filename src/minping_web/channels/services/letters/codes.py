"""QR codes by the thousand. segno needs milliseconds for each; a long run would wait on nothing else.

For one length, version, error level and mask every dark module is the exclusive-or of some bits of the
text: data and Reed-Solomon bytes are linear over GF(2), the patterns and the mask are constant. So segno
draws the code of one text, and of that text with each bit flipped that differs anywhere; all other codes
follow by one product of matrices. A fixed mask is as readable as the best one; readers do not choose.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import segno
from numpy.typing import NDArray

ERROR = "m"
Modules = NDArray[np.uint8]


class CodeMaker:
    """Codes of texts of one length; the first text fixes version and mask."""

    def __init__(self, example: str) -> None:
        self._example = example.encode("ascii")
        drawn = segno.make(example, error=ERROR, mode="byte", micro=False, boost_error=False)
        self._version, self._mask = int(drawn.version), int(drawn.mask)
        self._base = _modules(drawn)
        self.side = len(drawn.matrix)
        self._effects: dict[int, Modules] = {}

    def codes(self, texts: Sequence[str]) -> list[Modules]:
        """Squares of 0 and 1 (dark), without the quiet zone. Raises ValueError for a text of other length."""
        rows = [text.encode("ascii") for text in texts]
        if any(len(row) != len(self._example) for row in rows):
            raise ValueError("texts of one length")
        given = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)
        bits = np.unpackbits(given ^ np.frombuffer(self._example, np.uint8), axis=1)
        used = np.flatnonzero(bits.any(axis=0))
        made = np.broadcast_to(self._base, (len(rows), self._base.size))
        if used.size:
            effects = np.stack([self._effect(int(bit)) for bit in used]).astype(np.float32)
            flips = (bits[:, used].astype(np.float32) @ effects).astype(np.int64) & 1
            made = made ^ flips.astype(np.uint8)
        return [row.reshape(self.side, self.side) for row in made]

    def _effect(self, bit: int) -> Modules:
        """Which modules change when this bit of the text does."""
        if bit not in self._effects:
            changed = bytearray(self._example)
            changed[bit // 8] ^= 0x80 >> bit % 8
            drawn = segno.make(
                bytes(changed).decode("latin-1"), error=ERROR, mode="byte", version=self._version,
                mask=self._mask, micro=False, boost_error=False, encoding="iso-8859-1",
            )  # fmt: skip
            self._effects[bit] = _modules(drawn) ^ self._base
        return self._effects[bit]


def codes_of(texts: Sequence[str], makers: dict[int, CodeMaker]) -> list[Modules]:
    """Codes of texts of any lengths; `makers` keeps what was found out for the next call."""
    made: dict[int, Modules] = {}
    for length in {len(text) for text in texts}:
        places = [at for at, text in enumerate(texts) if len(text) == length]
        maker = makers.setdefault(length, CodeMaker(texts[places[0]]))
        made |= dict(zip(places, maker.codes([texts[at] for at in places]), strict=True))
    return [made[at] for at in range(len(texts))]


def _modules(drawn: segno.QRCode) -> Modules:
    return np.array([list(row) for row in drawn.matrix], np.uint8).ravel()
