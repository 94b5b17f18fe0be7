"""The empty workbook: a guide, and a sheet with headings and lists of choices for each thing asked.

In: a loaded scheme, a language. Out: an xlsx file. The creation date is a constant, so that equal input
gives equal bytes. What the sheets hold is `plan`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minping_engine.assessment.evidence_book.layout import (
    FIRST_ROW,
    ID_ROW,
    TITLE_ROW,
    BookPlan,
    Column,
    Kind,
    SheetPlan,
)
from minping_engine.assessment.evidence_book.plan import YES_NO, book_plan
from minping_engine.scheme import LoadedScheme, Unit
from minping_engine.scheme.describe.wording import Wording

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2019, 1, 1, tzinfo=UTC)
FONT = "Microsoft YaHei"
ACCENT, PALE, NEEDED_COLOUR = "#14395B", "#E8EEF4", "#B3261E"
LAST_ROW = 50_000
"""How far down lists of choices reach."""
LONGEST_LIST = 255
"""Signs in a list of choices that Excel accepts."""
A4 = 9
NARROW, WIDE = 13, 40
FORMATS = {Kind.WHOLE: "0", Kind.NUMBER: "0.###", Kind.TIME: "yyyy-mm-dd hh:mm"}
"""Everything else is text, so that codes keep their zeros and 2020-10 stays a period."""


def write_template(loaded: LoadedScheme, path: Path, *, language: str = "zh") -> tuple[str, ...]:
    """Write the workbook; returns the names of its sheets.

    Sheets that the ballots' snapshot may bring instead (areas, assessees) are there too.
    """
    import xlsxwriter

    plan = book_plan(loaded)
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": loaded.scheme.title.of(language), "created": CREATED})
        formats = _formats(book)
        _write_guide(book, loaded, plan, formats, Wording(language))
        for sheet in plan.sheets:
            _write_sheet(book, sheet, plan, formats, Wording(language))
        return tuple(page.get_name() for page in book.worksheets())


def _formats(book: Workbook) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    heading = {
        **base,
        "bold": True,
        "font_color": "#FFFFFF",
        "text_wrap": True,
        "align": "center",
        "border": 1,
    }
    made = {
        "heading": book.add_format({**heading, "bg_color": ACCENT}),
        "needed": book.add_format({**heading, "bg_color": NEEDED_COLOUR}),
        "id": book.add_format(
            {**base, "font_size": 8, "font_color": "#5F6B76", "bg_color": PALE, "border": 1}
        ),
        "title": book.add_format({**base, "font_size": 16, "bold": True, "font_color": ACCENT}),
        "label": book.add_format({**base, "bold": True, "valign": "top"}),
        "body": book.add_format({**base, "text_wrap": True, "valign": "top"}),
        "text": book.add_format({**base, "num_format": "@"}),
        "share": book.add_format({**base, "num_format": "0.0##%"}),
    }
    return made | {kind: book.add_format({**base, "num_format": form}) for kind, form in FORMATS.items()}


def _write_guide(
    book: Workbook, loaded: LoadedScheme, plan: BookPlan, formats: dict[str, Any], words: Wording
) -> None:
    page = book.add_worksheet("Guide" if words.language == "en" else "说明")
    page.hide_gridlines(2)
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 92)
    page.set_row(0, 30)
    page.write_string(0, 0, words.of(loaded.scheme.title), formats["title"])
    for row, (label, text) in enumerate(_guide(loaded, plan, words), start=2):
        page.write_string(row, 0, label, formats["label"])
        page.write_string(row, 1, text, formats["body"])
    _set_up_print(page, 2)


def _guide(loaded: LoadedScheme, plan: BookPlan, words: Wording) -> Iterator[tuple[str, str]]:
    """How to fill it in, then each sheet with its columns."""
    if words.language == "en":
        yield "Scheme", f"{loaded.key}"
        yield "How", "Fill in from row 3. Leave rows 1 and 2 as they are; red headings must be filled in."
        yield "Numbers", "Values, no formulas (paste as values). At most three decimals."
        yield "Unknown", "What is not known stays empty. Empty is not zero."
        yield "Persons", "No names, telephone or identity numbers of residents or raters."
        yield "Then", f"minping snapshot make FILE --scheme {loaded.scheme.id} --period PERIOD -o SNAPSHOT"
    else:
        yield "方案", f"{loaded.key}"
        yield "怎样填", "从第 3 行填起；第 1、2 行不要改动；红色表头必填。"
        yield "数字", "填数值，不用公式（可“选择性粘贴—数值”）；最多三位小数。"
        yield "不知道的", "不知道就留空。空不等于零。"
        yield "个人信息", "不写居民和评价人的姓名、电话、身份证号。"
        yield "填好以后", f"minping snapshot make 文件 --scheme {loaded.scheme.id} --period 考核期 -o 快照"
    for sheet in plan.sheets:
        yield sheet.name(words.language), words.of(sheet.about)
        for column in (*sheet.columns, *sheet.item_places):
            if column.note or column.words:
                yield f"  {_title(column, words)}", _about(column, words)


def _about(column: Column, words: Wording) -> str:
    """Where it comes from, whether it may be empty, what may be chosen."""
    parts = [words.of(column.note)] if column.note else []
    if column.words:
        parts.append(words.listed(_choices(column, words.language)))
    return words.sentences(parts)


def _title(column: Column, words: Wording) -> str:
    """The title with its unit."""
    title = words.of(column.title)
    if column.unit in (None, Unit.TEXT, Unit.TRUTH, Unit.NUMBER):
        return title
    unit = words.say(f"u_{column.unit}")
    return f"{title} ({unit})" if words.language == "en" else f"{title}（{unit}）"


def _write_sheet(
    book: Workbook, sheet: SheetPlan, plan: BookPlan, formats: dict[str, Any], words: Wording
) -> None:
    page = book.add_worksheet(sheet.name(words.language))
    columns = (*sheet.columns, *sheet.item_places)
    for number, column in enumerate(columns):
        title = _title(column, words)
        page.set_column(number, number, _width(title, column), formats[_format(column)])
        page.write_string(TITLE_ROW - 1, number, title, formats["needed" if column.required else "heading"])
        page.write_string(ID_ROW - 1, number, column.id, formats["id"])
        rule = _validation(column, sheet, plan, words.language)
        if rule:
            page.data_validation(FIRST_ROW - 1, number, LAST_ROW, number, rule)
    page.set_row(TITLE_ROW - 1, 34)
    page.freeze_panes(FIRST_ROW - 1, 1)
    page.repeat_rows(TITLE_ROW - 1, ID_ROW - 1)
    _set_up_print(page, len(columns))


def _width(title: str, column: Column) -> int:
    """Wide enough for half of the title (it wraps) and for the id; Chinese signs take two places."""
    signs = sum(2 if sign > "\u2e7f" else 1 for sign in title)
    return min(WIDE, max(NARROW, signs // 2 + 3, len(column.id) + 2))


def _format(column: Column) -> str:
    if column.kind is Kind.NUMBER and column.unit is Unit.SHARE:
        return "share"
    return column.kind if column.kind in FORMATS else "text"


def _choices(column: Column, language: str) -> list[str]:
    """Words of a column in the language; a word without another form stands for itself."""
    place = 1 if language == "en" else 0
    return [forms[place] for forms in column.words.values()]


def _validation(column: Column, sheet: SheetPlan, plan: BookPlan, language: str) -> dict[str, Any] | None:
    """A list of choices, or a number: what is closed stops, what is open only warns."""
    if column.kind is Kind.TRUTH:
        words = [forms[1 if language == "en" else 0] for forms in YES_NO.values()]
        return {"validate": "list", "source": words}
    if column.words:
        return _list(_choices(column, language), is_open=column.open_words)
    if column.id == "assessee_id" and sheet.key not in ("assessees", "earlier"):
        return _from_sheet(plan, "assessees", language)
    if column.id in ("area_id", "parent_id") and not (sheet.key == "areas" and column.id == "area_id"):
        return _from_sheet(plan, "areas", language)
    if column.kind is Kind.WHOLE:
        return {"validate": "integer", "criteria": ">=", "value": 0}
    if column.kind is Kind.NUMBER:
        return {"validate": "decimal", "criteria": "between", "minimum": -(10**12), "maximum": 10**12}
    return None


def _list(choices: list[str], *, is_open: bool) -> dict[str, Any] | None:
    """None where Excel could not hold the list."""
    if any("," in choice for choice in choices) or len(",".join(choices)) > LONGEST_LIST:
        return None
    return {"validate": "list", "source": choices, "error_type": "warning" if is_open else "stop"}


def _from_sheet(plan: BookPlan, key: str, language: str) -> dict[str, Any] | None:
    """Ids of another sheet; ids that came with the ballots stand on none, so it only warns."""
    sheet = plan.sheet(key)
    if sheet is None:
        return None
    source = f"='{sheet.name(language)}'!$A${FIRST_ROW}:$A${LAST_ROW}"
    return {"validate": "list", "source": source, "error_type": "warning"}


def _set_up_print(page: Worksheet, columns: int) -> None:
    page.set_paper(A4)
    if columns > 6:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
