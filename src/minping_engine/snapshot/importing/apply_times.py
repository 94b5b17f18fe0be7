"""Times as spreadsheets write them -> milliseconds since 1970, to find the latest or first answer.

Year first, in the ways seen in China and in exports (2019-01-05 10:03, 2019/1/5, 2019年1月5日
下午3:05, 20190105, ISO with zone, spreadsheet day numbers). Day-first and month-first dates
are refused: they cannot be told apart. Times leave the data here; snapshots carry none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.snapshot.importing.texts import Codes, Distinct

UNKNOWN = np.iinfo(np.int64).min
DAY_MS = 86_400_000
SPREADSHEET_DAY_ZERO = int(np.datetime64("1899-12-30", "D").astype(np.int64))
SERIAL = r"^(?P<serial>[34]\d{4}|5\d{4})(?P<part>\.\d{1,12})?$"
WRITTEN = (
    r"^(?P<y>(?:19|20)\d{2})(?:[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?|(?P<m8>\d{2})(?P<d8>\d{2}))"
    r"(?:[T\s]*(?P<half>上午|下午|AM|PM|am|pm)?\s*(?P<h>\d{1,2})[:时点](?P<mi>\d{1,2})"
    r"(?:[:分](?P<s>\d{1,2})秒?)?(?:[.,](?P<f>\d{1,9}))?分?\s*(?P<late>AM|PM|am|pm)?"
    r"\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?$"
)


def times_from_texts(column: Distinct) -> tuple[Codes, Codes]:
    """Milliseconds per row (UNKNOWN where empty), and the codes of texts that are no time."""
    texts = pa.array(column.texts, pa.large_string())
    times = _written(texts)
    serial = _serial(texts)
    times = np.where(times == UNKNOWN, serial, times)
    bad = np.flatnonzero(times == UNKNOWN)
    return np.append(times, UNKNOWN)[column.codes], bad.astype(np.int64)


def _numbers(found: Any, name: str, default: int) -> Codes:
    part = pc.struct_field(found, name)
    filled = pc.if_else(pc.equal(pc.fill_null(part, ""), ""), str(default), part)
    return np.asarray(filled.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)


def _has(found: Any, name: str, *words: str) -> npt.NDArray[np.bool_]:
    part = pc.fill_null(pc.struct_field(found, name), "")
    return np.asarray(pc.is_in(part, value_set=pa.array(words, part.type)).to_numpy(zero_copy_only=False))


def _written(texts: pa.Array) -> Codes:
    found = pc.extract_regex(texts, WRITTEN)
    valid = found.is_valid().to_numpy(zero_copy_only=False)
    year = _numbers(found, "y", 1970)
    month = np.maximum(_numbers(found, "m", 0), _numbers(found, "m8", 0))
    day = np.maximum(_numbers(found, "d", 0), _numbers(found, "d8", 0))
    hour, minute, second = (_numbers(found, name, 0) for name in ("h", "mi", "s"))
    late = _has(found, "half", "下午", "PM", "pm") | _has(found, "late", "PM", "pm")
    early = _has(found, "half", "上午", "AM", "am") | _has(found, "late", "AM", "am")
    hour = np.where(late & (hour < 12), hour + 12, np.where(early & (hour == 12), 0, hour))
    days, real = _days(year, month, day)
    valid = valid & real & (hour < 24) & (minute < 60) & (second < 60)
    of_day = ((hour * 60 + minute) * 60 + second) * 1000 + _thousandths(found)
    return np.where(valid, days * DAY_MS + of_day, UNKNOWN)


def _days(year: Codes, month: Codes, day: Codes) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """Days since 1970, and whether the calendar has that day."""
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - first
    return first + day - 1, (month >= 1) & (month <= 12) & (day >= 1) & (day <= length)


def _thousandths(found: Any) -> Codes:
    part = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.fill_null(pc.struct_field(found, "f"), "0"), 3, "0"), 0, 3)
    part = pc.if_else(pc.equal(part, ""), "0", part)
    return np.asarray(part.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)


def _serial(texts: pa.Array) -> Codes:
    """Day numbers that a spreadsheet shows when a date cell lost its format."""
    found = pc.extract_regex(texts, SERIAL)
    valid = found.is_valid().to_numpy(zero_copy_only=False)
    days = _numbers(found, "serial", 0) + SPREADSHEET_DAY_ZERO
    part = pc.fill_null(pc.struct_field(found, "part"), "")
    part = pc.if_else(pc.equal(part, ""), "0", part).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(valid, days * DAY_MS + np.rint(part * DAY_MS).astype(np.int64), UNKNOWN)
