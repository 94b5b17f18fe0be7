"""One cell -> one typed value, or the fault that names its place.

Numbers are the decimals that Excel shows: 15 digits, so that 0.1 + 0.2 is 0.3. A cell shown as a
percentage holds a share. In: cell and column. Out: text, `Fraction`, whole number, 0 or 1, time, period.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from minping_engine.assessment.evidence_book.layout import Column, Kind
from minping_engine.assessment.evidence_book.plan import YES_NO
from minping_engine.assessment.evidence_book.sheets import Cell
from minping_engine.scheme import Unit
from minping_engine.scheme.describe.wording import Wording
from minping_engine.snapshot.importing.faults import Faults, shown, suggestion
from minping_engine.snapshot.importing.texts import fold

DIGITS = 15
"""What Excel keeps of a number."""
MOST = 10**12
MOST_WHOLE = 10**9 - 1
"""Nine digits: no telephone number and no identity card fits where a mere number is asked."""
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_SIGNS = str.maketrans({"/": "-", ".": "-", "年": "-", "月": "-", "日": " ", "T": " "})
Value = str | int | Fraction | datetime | None


def cell_value(cell: Cell, column: Column, faults: Faults) -> Value:
    """The value, or None with a fault noted."""
    if cell.data_type == "f":
        faults.add("snapshot.book_formula", cell.place)
        return None
    if cell.data_type == "e":
        faults.add("snapshot.book_error_value", cell.place, value=cell.value)
        return None
    return _READERS[column.kind](cell, column, faults)


def _plain(cell: Cell) -> str:
    """The cell as a text: full-width made plain, whole numbers without `.0`."""
    value = cell.value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return format(_decimal(value).normalize(), "f")
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return unicodedata.normalize("NFKC", str(value)).strip()


def _decimal(value: float) -> Decimal:
    return Decimal(format(value, f".{DIGITS}g"))


def _id(cell: Cell, column: Column, faults: Faults) -> str | None:
    if isinstance(cell.value, int | float) and abs(cell.value) >= 10**DIGITS:
        faults.add("snapshot.book_id_cut", cell.place)
        return None
    return _text(cell, column, faults)


def _text(cell: Cell, column: Column, faults: Faults) -> str | None:
    """As written, but for blanks at the ends."""
    return cell.value.strip() if isinstance(cell.value, str) else _plain(cell)


def _word(cell: Cell, column: Column, faults: Faults) -> str | None:
    """One of the words of the column, however it is written."""
    written = _text(cell, column, faults) or ""
    forms = {fold(form): word for word, others in column.words.items() for form in (word, *others)}
    if fold(written) in forms:
        return forms[fold(written)]
    if column.open_words:
        return written
    known = [form for others in column.words.values() for form in others]
    faults.add("snapshot.book_word", cell.place, value=shown(written), near=suggestion(written, known))
    return None


def _truth(cell: Cell, column: Column, faults: Faults) -> int | None:
    written = fold(_plain(cell))
    for value, forms in YES_NO.items():
        if written in {value, *map(fold, forms)}:
            return int(value)
    faults.add("snapshot.book_yes_no", cell.place, value=shown(_plain(cell)))
    return None


def _whole(cell: Cell, column: Column, faults: Faults) -> int | None:
    number = _number_in(cell)
    if number is None or cell.is_percent or number.denominator != 1 or not 0 <= number <= MOST_WHOLE:
        faults.add("snapshot.book_whole_number", cell.place, value=shown(_plain(cell)))
        return None
    return int(number)


def _number(cell: Cell, column: Column, faults: Faults) -> Fraction | None:
    """In the column's unit. Only a share or per cent may be written as a percentage."""
    number, unit = _number_in(cell), column.unit or Unit.NUMBER
    percent = cell.is_percent or _plain(cell).endswith("%")
    written, zh, en = shown(_plain(cell)), Wording("zh").say(f"u_{unit}"), Wording("en").say(f"u_{unit}")
    words: dict[str, Any] = {"value": written, "unit": zh, "unit_en": en}
    if number is None or abs(number) > MOST:
        faults.add("snapshot.book_not_a_number", cell.place, **words)
    elif percent and unit not in (Unit.SHARE, Unit.PERCENT):
        faults.add("snapshot.book_percentage", cell.place, **words)
    elif unit is Unit.SHARE and not percent and abs(number) > 1:
        faults.add("snapshot.book_share_above_one", cell.place, **words)
    else:
        number = number * 100 if percent and unit is Unit.PERCENT else number
        if (number * 10**column.decimals).denominator == 1:
            return number
        faults.add("snapshot.book_too_fine", cell.place, value=written, decimals=column.decimals)
    return None


def _number_in(cell: Cell) -> Fraction | None:
    """The number that is shown; `95%` as a text is 0.95, as it is in a cell of that format."""
    if isinstance(cell.value, bool | datetime | date):
        return None
    written = _plain(cell).replace(",", "")
    try:
        number = Decimal(written.removesuffix("%").strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or "e" in written.casefold():
        return None
    return Fraction(number) / (100 if written.endswith("%") else 1)


def _time(cell: Cell, column: Column, faults: Faults) -> datetime | None:
    """Local time, whole seconds."""
    if isinstance(cell.value, datetime):
        return cell.value.replace(microsecond=0)
    written = re.sub(r"\s+", " ", _plain(cell).translate(_SIGNS)).strip()
    for form in _TIMES if isinstance(cell.value, str) else ():
        try:
            return datetime.strptime(written, form)  # noqa: DTZ007 - snapshots hold local times
        except ValueError:
            continue
    faults.add("snapshot.book_not_a_time", cell.place, value=shown(_plain(cell)))
    return None


def _period(cell: Cell, column: Column, faults: Faults) -> str | None:
    """Excel makes a day of 2020-10: the first of a month stands for the month."""
    if isinstance(cell.value, datetime | date):
        return cell.value.strftime("%Y-%m")
    return _plain(cell)


_READERS: dict[Kind, Callable[[Cell, Column, Faults], Value]] = {
    Kind.ID: _id,
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.WHOLE: _whole,
    Kind.TRUTH: _truth,
    Kind.WORD: _word,
    Kind.TIME: _time,
    Kind.PERIOD: _period,
}
