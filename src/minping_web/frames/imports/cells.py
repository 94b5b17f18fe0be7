"""Operations on whole columns of texts: trim, look up words, phones, repeated values, identity numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from minping_web.frames.rules import ID_NUMBER, is_id_number

Column = Any
"""A large_string array without nulls; pyarrow ships no types."""
Cells = dict[str, Column]

PHONE = r"^(1[0-9]{10}|0[0-9]{9,11}|400[0-9]{7})$"
EIGHTEEN = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")


def as_mask(values: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """A boolean array of numpy; null counts as no."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    return np.asarray(pc.fill_null(whole, False).to_numpy(zero_copy_only=False), dtype=bool)


def trimmed(column: Any) -> Column:
    """Without blanks at the ends, null as empty text, in one piece."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.large_string())
    return pc.utf8_trim_whitespace(pc.fill_null(whole.cast(pa.large_string()), ""))


def chosen(column: Column, known: Mapping[str, str]) -> tuple[Column, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Words -> stored values, and where a word is not known. Empty stays empty."""
    coded = column.dictionary_encode()
    found = [_looked_up(word, known) for word in coded.dictionary.to_pylist()]
    stored = pa.array([value or "" for value in found], pa.large_string())
    unknown = np.array([value is None for value in found], dtype=bool)
    index = coded.indices.to_numpy(zero_copy_only=False)
    wrong = unknown[index] if len(index) else np.zeros(0, dtype=bool)
    return stored.take(coded.indices), wrong


def _looked_up(word: str, known: Mapping[str, str]) -> str | None:
    folded = re.sub(r"[\s_]", "", word).casefold()
    return "" if not folded else known.get(word, known.get(folded))


def harmless(word: str) -> str:
    """A word that a problem may repeat: short, and no number that could be a phone in the wrong column."""
    return "…" if re.search(r"\d{5}", word) or len(word) > 12 else word


def normal_phones(column: Column) -> tuple[Column, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Digits only, without country code; and where that is no phone number. Wrong ones become empty."""
    plain = pc.utf8_normalize(column, "NFKC")
    plain = pc.replace_substring_regex(plain, r"[\s()./\x{2010}-\x{2015}\x{2212}-]", "")
    plain = pc.replace_substring_regex(plain, r"^(\+|00)?86(1[0-9]{10}|0[0-9]{9,11})$", r"\2")
    plain = pc.replace_substring_regex(plain, r"^([0-9]{11})\.0$", r"\1")
    good = pc.or_(pc.match_substring_regex(plain, PHONE), pc.equal(plain, ""))
    return pc.if_else(good, plain, ""), ~as_mask(good)


def repeated_first(column: Column) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], dict[int, int]]:
    """Where a value stood before (empty ones apart), and for those rows: the row of its first time."""
    index = column.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    _, first, inverse = np.unique(index, return_index=True, return_inverse=True)
    before = first[inverse] if len(index) else np.zeros(0, dtype=np.int64)
    again = (before != np.arange(len(index))) & as_mask(pc.not_equal(column, ""))
    return again, {int(row): int(before[row]) for row in np.flatnonzero(again)[:1000]}


def holds_id_number(column: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Where a cell contains a citizen identity number with the right check digit."""
    texts = trimmed(column)
    normal = pc.utf8_normalize(texts, "NFKC")
    suspect = as_mask(pc.match_substring_regex(normal, ID_NUMBER))
    for row in np.flatnonzero(suspect).tolist():
        numbers = EIGHTEEN.findall(normal[row].as_py())
        suspect[row] = any(is_id_number(number) for number in numbers)
    return suspect
