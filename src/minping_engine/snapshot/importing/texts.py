"""Cells as people write them -> texts that compare: trimmed, full-width digits made plain.

A column is worked on through its distinct texts, of which there are few, never row by row.
Codes follow the sorted texts, so they do not depend on the order of rows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("(空)", "(跳过)", "N/A", "NA", "null", "-", "--", "/")
"""Texts that survey exports write where nobody answered; a map adds its own."""

NUMBER = re.compile(r"^([+-]?\d{1,9})(?:\.0+)?(?:分|points?)?$")
WIDE = "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000\u00a0]"
ORDER_MARK = re.compile(r"^[a-z\d][.、):]")
POINTS_MARK = re.compile(r"\(\d+(?:\.\d+)?分\)$")

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Distinct:
    """A column as codes into its sorted distinct texts; -1 where the cell is empty."""

    codes: Codes
    texts: tuple[str, ...]

    def first_rows(self) -> Codes:
        """The first row of each text."""
        found, first = np.unique(self.codes, return_index=True)
        return np.asarray(first[found >= 0], np.int64)

    def counts(self) -> Codes:
        """How many rows have each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).astype(np.int64)


def fold(text: str) -> str:
    """A text for comparing: full-width made plain, case and blanks ignored."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def number_in(text: str) -> int | None:
    """The whole number that a cell holds (5, ５, 5.0, 5分), or None."""
    found = NUMBER.match(fold(text))
    return int(found[1]) if found else None


def label_forms(text: str) -> Iterable[str]:
    """Foldings of an answer under which its label may be known: as it is, without `A.`, without `(5分)`."""
    plain = fold(text)
    yield plain
    yield ORDER_MARK.sub("", plain)
    yield POINTS_MARK.sub("", plain)
    yield POINTS_MARK.sub("", ORDER_MARK.sub("", plain))


def distinct(column: pa.ChunkedArray, missing: Iterable[str] = ()) -> Distinct:
    """Tidy a column and number its texts in sorted order; missing texts are empty cells."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    tidied = _tidy(encoded.dictionary, {fold(text) for text in (*MISSING, *missing)})
    order = pc.unique(tidied.drop_null()).take(pc.array_sort_indices(pc.unique(tidied.drop_null())))
    ranks = pc.fill_null(pc.index_in(tidied, value_set=order), -1).to_numpy(zero_copy_only=False)
    indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    lookup = np.append(ranks.astype(np.int64), -1)
    return Distinct(lookup[indices], tuple(order.to_pylist()))


def _tidy(texts: pa.Array, missing: set[str]) -> pa.Array:
    tidied = pc.utf8_trim_whitespace(texts)
    wide = pc.fill_null(pc.match_substring_regex(tidied, WIDE), False)
    if pc.any(wide, min_count=0).as_py():
        plain = pc.utf8_trim_whitespace(pc.utf8_normalize(tidied, form="NFKC"))
        tidied = pc.if_else(wide, plain, tidied)
    empty = pc.equal(tidied, "")
    short = pc.less_equal(pc.utf8_length(tidied), max(map(len, missing), default=0) + 2)
    candidates = pc.unique(tidied.filter(pc.fill_null(short, False))).to_pylist()
    named = pa.array([text for text in candidates if fold(text) in missing], texts.type)
    gone = pc.or_(pc.fill_null(empty, False), pc.is_in(tidied, value_set=named))
    return pc.if_else(gone, pa.scalar(None, texts.type), tidied)


def combined(parts: list[Distinct], joint: str = " / ") -> Distinct:
    """Several columns as one: texts joined, empty if one of them is empty."""
    whole = parts[0]
    for part in parts[1:]:
        known = (whole.codes >= 0) & (part.codes >= 0)
        pairs = np.where(known, whole.codes * max(len(part.texts), 1) + part.codes, -1)
        found, codes = np.unique(pairs, return_inverse=True)
        named = [
            f"{whole.texts[pair // len(part.texts)]}{joint}{part.texts[pair % len(part.texts)]}"
            for pair in found[found >= 0].tolist()
        ]
        whole = _sorted(codes.astype(np.int64) - int((found < 0).any()), named)
    return whole


def _sorted(codes: Codes, texts: list[str]) -> Distinct:
    order = sorted(set(texts))
    ranks = {text: rank for rank, text in enumerate(order)}
    lookup = np.array([ranks[text] for text in texts] + [-1], np.int64)
    return Distinct(lookup[codes], tuple(order))
