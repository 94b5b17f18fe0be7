"""From the sheets of an XLSForm to the content of a questionnaire, or every problem with row and column.

A district brings what it has: types and columns that our questionnaires cannot hold are named one by one,
so that one round of corrections is enough. What is harmless (metadata of the device, groups, hints,
appearance) is left out and said as advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from minping_engine.errors import Place, Problem, Severity
from minping_web.instruments.imports.workbook import SheetRow, Sheets
from minping_web.instruments.rules import presets
from minping_web.instruments.rules.drafting import empty_content
from minping_web.instruments.rules.presets import Content, tidy

LEFT_OUT = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "start-geopoint",
     "background-audio", "subscriberid", "simserial"}
)  # fmt: skip
"""Metadata of the device: nothing a resident is asked, and nothing that we want to know."""
GROUPS = frozenset({"begin_group", "end_group", "begin group", "end group"})
REFUSING = ("relevant", "calculation", "choice_filter", "constraint", "repeat_count", "trigger")
"""Columns that make a question depend on others: then not everybody is asked the same."""
HARMLESS = (
    "hint",
    "guidance_hint",
    "appearance",
    "parameters",
    "default",
    "read_only",
    "note",
    "media::image",
)
HAN = re.compile(r"[\u3400-\u9fff]")
SAYS_YES = frozenset({"yes", "true", "true()", "1"})
LANGUAGE = re.compile(r"^label\s*:{1,2}\s*(?P<name>.+)$", re.IGNORECASE)
POINTS = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)


@dataclass
class Imported:
    """The content, and everything that was found; an error means that no draft is made."""

    content: Content
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether anything is wrong beyond advice."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def content_of(sheets: Sheets, *, code: str = "", version: str = "") -> Imported:
    """Read everything; `code` and `version` stand for those of the sheet `settings`."""
    reader = _Reader(sheets)
    settings = sheets.settings[0] if sheets.settings else SheetRow(0, {})
    name = code or settings.get("form_id") or settings.get("id_string")
    title = reader.title(settings, name)
    content = empty_content(name, version or settings.get("version") or "1", title)
    content |= {"intro": {}, "items": [], "respondent": [], "comment": None}
    for row in sheets.survey:
        reader.read(row, content)
    content["intro"] = {**presets.intro(), **content["intro"]}
    _complete(content, settings, reader)
    return Imported(content, sorted(reader.problems, key=_in_order))


def _complete(content: Content, settings: SheetRow, reader: _Reader) -> None:
    n = len(content["items"])
    wanted = settings.get("minimum_answered")
    content["minimum_answered"] = int(wanted) if wanted.isdigit() and len(wanted) < 4 else max(1, n)
    total = settings.get("total_points")
    if POINTS.fullmatch(total):
        content["total_points"] = tidy(float(total))
    if not n:
        reader.refuse("xlsform_no_items", Place(sheet="survey"))
    if not content["id"]:
        reader.refuse("xlsform_no_id", Place(sheet="settings", column="form_id"))
    reader.unused_lists()


def _in_order(problem: Problem) -> tuple[bool, int, int]:
    sheets = ("survey", "choices", "settings")
    place = problem.place
    order = sheets.index(place.sheet) if place.sheet in sheets else len(sheets)
    return problem.severity is not Severity.ERROR, order, place.row or 0


class _Reader:
    """Reads rows of the survey; keeps the lists of choices and the problems."""

    def __init__(self, sheets: Sheets) -> None:
        self.problems: list[Problem] = []
        self.used: set[str] = set()
        self.names: dict[str, int] = {}
        self.comment_row = 0
        self.name = sheets.name
        self.languages = {sheet: _languages(sheets, sheet) for sheet in ("survey", "choices")}
        self.lists: dict[str, list[SheetRow]] = {}
        for row in sheets.choices:
            self.lists.setdefault(row.get("list_name") or row.get("list name"), []).append(row)

    # --- problems -----------------------------------------------------------------------------
    def refuse(self, code: str, place: Place, **params: object) -> None:
        """Something that must be changed in the file."""
        self._note(code, place, params, Severity.ERROR)

    def advise(self, code: str, place: Place, **params: object) -> None:
        """Something that was left out."""
        self._note(code, place, params, Severity.WARNING)

    def _note(self, code: str, place: Place, params: dict[str, object], severity: Severity) -> None:
        where = Place(file=self.name, sheet=place.sheet, row=place.row, column=place.column)
        self.problems.append(Problem(f"instruments.{code}", where, params, severity))

    # --- rows ----------------------------------------------------------------------------------
    def title(self, settings: SheetRow, name: str) -> dict[str, str]:
        """Both languages where the file has them."""
        said = settings.get("form_title") or name
        return {"zh": said, "en": settings.get("form_title_en") or ("" if HAN.search(said) else said)}

    def read(self, row: SheetRow, content: Content) -> None:
        """One row of the survey into the content."""
        kind, *rest = row.get("type").split() or [""]
        whole = row.get("type").lower()
        if not whole or whole in GROUPS or kind in ("begin_group", "end_group"):
            return
        if kind in LEFT_OUT:
            self.advise("xlsform_left_out", _at(row, "type"), type=kind)
            return
        self._columns(row)
        name = self._own_name(row)
        if kind == "note":
            self._note_row(row, name, content)
        elif kind in ("select_one", "select_multiple") and len(rest) == 1:
            self._select(row, kind, (name, rest[0]), content)
        elif kind == "text" and len(rest) == 0:
            self._comment(row, content)
        else:
            self.refuse("xlsform_type", _at(row, "type"), type=row.get("type")[:40])

    def _columns(self, row: SheetRow) -> None:
        for column in REFUSING:
            if row.get(column):
                self.refuse("xlsform_depends", _at(row, column), column=column)
        required = row.get("required").lower()
        if required and required not in SAYS_YES | {"no", "false", "false()", "0"}:
            self.refuse("xlsform_required", _at(row, "required"))
        for column in row.cells:
            if column.split("::")[0].strip().lower() in HARMLESS:
                self.advise("xlsform_column", _at(row, column), column=column[:40])

    def _own_name(self, row: SheetRow) -> str:
        name = row.get("name").lower()
        if name in self.names:
            self.refuse("xlsform_name_twice", _at(row, "name"), name=name[:40], first=self.names[name])
        self.names.setdefault(name, row.number)
        return name

    def _note_row(self, row: SheetRow, name: str, content: Content) -> None:
        key = name.removeprefix("intro_")
        if name.startswith("intro_") and key in presets.intro():
            content["intro"][key] = self._pair(row, "survey")
        else:
            self.advise("xlsform_note", _at(row, "type"))

    def _select(self, row: SheetRow, kind: str, named: tuple[str, str], content: Content) -> None:
        name, list_name = named
        rows = self.lists.get(list_name)
        self.used.add(list_name)
        if rows is None:
            self.refuse("xlsform_no_list", _at(row, "type"), name=list_name[:40])
            return
        variable = name.removeprefix("about_")
        if kind == "select_multiple":
            self._fields(row, name, rows, content)
        elif name.startswith("about_") or presets.about(variable):
            content["respondent"].append(
                {"variable": variable, "text": self._pair(row, "survey"), "levels": self._levels(rows)}
            )
        else:
            content["items"].append(self._item(row, name, rows))

    def _item(self, row: SheetRow, name: str, rows: list[SheetRow]) -> Content:
        points = [self._points(one) for one in rows]
        kind = row.get("kind").lower() or ("scale" if len(rows) > 3 else "behaviour")
        if kind not in ("scale", "behaviour"):
            self.refuse("xlsform_kind", _at(row, "kind"), found=kind[:20])
        return {
            "id": name.removeprefix("item_"),
            "kind": kind,
            "text": self._pair(row, "survey"),
            "short": {"zh": row.get("short_zh"), "en": row.get("short_en")},
            "reversed": row.get("reversed").lower() in SAYS_YES,
            "answers": [
                {"code": self._code(one), "label": self._pair(one, "choices"), "points": worth}
                for one, worth in zip(rows, points, strict=True)
            ],
        }

    def _levels(self, rows: list[SheetRow]) -> list[Content]:
        return [{"level": self._code(one), "label": self._pair(one, "choices")} for one in rows]

    def _fields(self, row: SheetRow, name: str, rows: list[SheetRow], content: Content) -> None:
        """The one question with several answers that we have: what a comment is about."""
        if name != "field":
            self.refuse("xlsform_multiple", _at(row, "type"))
            return
        comment = content["comment"] or presets.comment()
        comment["fields"] = [{"code": one.get("name"), "label": self._pair(one, "choices")} for one in rows]
        content["comment"] = comment

    def _comment(self, row: SheetRow, content: Content) -> None:
        if self.comment_row:
            self.refuse("xlsform_second_text", _at(row, "type"), first=self.comment_row)
            return
        if row.get("required").lower() in SAYS_YES:
            self.refuse("xlsform_comment_required", _at(row, "required"))
        fields = (content["comment"] or {}).get("fields", [])
        content["comment"] = {"text": self._pair(row, "survey"), "fields": fields}
        self.comment_row = row.number

    # --- cells ----------------------------------------------------------------------------------
    def _code(self, row: SheetRow) -> int | str:
        name = row.get("name")
        if name.isascii() and name.isdigit() and len(name) < 6:
            return int(name)
        self.refuse("xlsform_code", _choice(row, "name"), found=name[:30])
        return name[:20]

    def _points(self, row: SheetRow) -> float | int | None:
        text = row.get("points")
        if not text:
            return None
        if POINTS.fullmatch(text):
            return tidy(float(text))
        self.refuse("xlsform_points", _choice(row, "points"), found=text[:20])
        return None

    def _pair(self, row: SheetRow, sheet: str) -> dict[str, str]:
        """Both languages of a label; one without a language counts for the script that it is written in."""
        said = {"zh": "", "en": ""}
        for heading, language in self.languages[sheet].items():
            text = row.get(heading)
            key = language or ("zh" if HAN.search(text) else "en")
            said[key] = said[key] or text
        if not any(said.values()):
            where = Place(sheet=sheet, row=row.number, column="label")
            self.refuse("xlsform_no_label", where)
        return said

    def unused_lists(self) -> None:
        """Lists of choices that no question uses."""
        for name, rows in self.lists.items():
            if name and name not in self.used:
                self.advise("xlsform_unused", _choice(rows[0], "list_name"), name=name[:40])


def _languages(sheets: Sheets, sheet: str) -> dict[str, str]:
    """Heading -> language of each column with labels; empty where the heading names none."""
    return dict(_named(sheets.headings.get(sheet, ())))


def _named(headings: Iterable[str]) -> Iterator[tuple[str, str]]:
    for heading in headings:
        match = LANGUAGE.match(heading)
        if match:
            name = match["name"].lower()
            if HAN.search(name) or "zh" in name or "chinese" in name:
                yield heading, "zh"
            elif "en" in name:
                yield heading, "en"
        elif heading.lower() == "label":
            yield heading, ""


def _at(row: SheetRow, column: str) -> Place:
    return Place(sheet="survey", row=row.number, column=column)


def _choice(row: SheetRow, column: str) -> Place:
    return Place(sheet="choices", row=row.number, column=column)
