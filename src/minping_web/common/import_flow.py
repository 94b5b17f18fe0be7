"""From a spreadsheet to a register: upload, preview of every change, confirmation, undo.

An app declares an `Importer` and mounts `import_urls(importer)`; the pages are here. The upload is kept
encrypted as a draft of its owner for a day; plain it lies in memory only. The preview runs the very edit
and takes it back; confirming runs it again and refuses when the plan differs from the one that was shown.
`export_response` writes the same table back.
"""

from __future__ import annotations

import base64
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import get_language

from minping_engine.errors import Place, Problem, Severity
from minping_web.common.changes import Recorder, preview, recording
from minping_web.common.clock import now, today
from minping_web.common.crypto import keyring
from minping_web.common.models import ImportDraft
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import ReadRow, ReadTable, TableSpec, export_csv, export_xlsx, read_table
from minping_web.common.uploads import MOST_BYTES, opened_in_memory

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = (".csv", ".xlsx", ".xlsm", ".txt")
MOST_UNPACKED_BYTES = 400_000_000
MOST_ROWS = 50_000
LASTS = timedelta(days=1)


@dataclass(frozen=True)
class Importer:
    """One kind of import. `kind` is `app.name`; the pages become `app:name_import`, `app:name_template`.

    `apply` writes through the recorder and raises `RefusedError` with every problem at once; `back` is the
    route of the list that the import belongs to.
    """

    kind: str
    spec: TableSpec
    permission: str
    apply: Callable[[Scope, ReadTable, Recorder], None]
    back: str
    title: str | Promise
    lead: str | Promise = ""
    most_rows: int = MOST_ROWS

    @property
    def app(self) -> str:
        """First part of the kind: the namespace of the routes."""
        return self.kind.partition(".")[0]

    @property
    def name(self) -> str:
        """Second part of the kind: the beginning of the routes' names."""
        return self.kind.partition(".")[2]

    def route(self, page: str) -> str:
        """Full name of one of the importer's routes."""
        return f"{self.app}:{self.name}_{page}"


@dataclass(frozen=True)
class Plan:
    """What an upload would do: problems alone, or a recorder with all differences."""

    problems: list[Problem]
    recorder: Recorder | None
    rows: int

    @property
    def refused(self) -> bool:
        """Whether nothing may be written."""
        return self.recorder is None


def import_urls(importer: Importer) -> list[URLPattern]:
    """Routes `<name>_import`, `<name>_template`, `<name>_draft` for the app's own list of addresses."""
    from minping_web.common.import_pages import pages_of  # the pages stand on this module

    return pages_of(importer)


def keep_draft(scope: Scope, importer: Importer, upload: UploadedFile[Any] | None) -> ImportDraft:
    """Store an upload encrypted; raises `RefusedError` for what can be no table. Old drafts die here."""
    if upload is None or not upload.name:
        raise RefusedError.of("import.no_file", Place(key="file"))
    name = PurePath(upload.name).name[-200:]
    _refuse_outsize(name, upload.size or 0)
    if scope.user_id is None:
        raise PermissionDenied(importer.permission)
    drop_old_drafts()
    content = base64.b64encode(upload.read()).decode("ascii")
    with transaction.atomic():
        draft = ImportDraft.objects.create(
            kind=importer.kind, file_name=name, content=b"", actor_id=scope.user_id, made_at=now()
        )
        draft.content = keyring().seal(content, _about(draft))
        draft.save(update_fields=["content"])
    return draft


def _refuse_outsize(name: str, size: int) -> None:
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        known = " · ".join(SUFFIXES)
        raise RefusedError.of("import.wrong_type", Place(file=name), suffix=suffix, known=known)
    if size > MOST_BYTES:
        megabytes = {"megabytes": round(size / 1e6, 1), "most": MOST_BYTES // 10**6}
        raise RefusedError.of("import.too_large", Place(file=name), **megabytes)


def _about(draft: ImportDraft) -> str:
    return f"common_importdraft.content|{draft.pk}"


def drop_old_drafts() -> int:
    """Delete drafts older than `LASTS`; also run by a nightly job. Returns how many."""
    return ImportDraft.objects.filter(made_at__lt=now() - LASTS).delete()[0]


def draft_of(scope: Scope, importer: Importer, draft_id: int) -> ImportDraft:
    """The owner's own draft of this kind, else 404."""
    drafts = ImportDraft.objects.filter(kind=importer.kind, actor_id=scope.user_id)
    return get_object_or_404(drafts, pk=draft_id, made_at__gte=now() - LASTS)


def table_of(draft: ImportDraft, spec: TableSpec, most_rows: int = MOST_ROWS) -> ReadTable:
    """The draft's table; a file that no reader understands is a table with one problem."""
    content = base64.b64decode(keyring().open(draft.content, _about(draft)))
    with opened_in_memory([content], draft.file_name) as path:
        table = _read(path, spec, draft.file_name)
    found = len(table.rows)
    if found > most_rows:
        params: dict[str, object] = {"found": found, "most": most_rows}
        table.problems.append(Problem("import.too_many_rows", Place(file=draft.file_name), params))
    if not found and not table.refused:
        table.problems.append(Problem("import.no_rows", Place(file=draft.file_name)))
    return table


def _read(path: Path, spec: TableSpec, name: str) -> ReadTable:
    not_readable = ReadTable(problems=[Problem("import.not_readable", Place(file=name))])
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED_BYTES:
                    return not_readable
        return read_table(path, spec, name=name)
    except Exception:  # a damaged file may break any layer of the readers; nothing was written yet
        return not_readable


def plan_of(scope: Scope, importer: Importer, draft: ImportDraft) -> Plan:
    """Run the import and take it back."""
    table = table_of(draft, importer.spec, importer.most_rows)
    if table.refused:
        problems = [*table.problems, *_further(scope, importer, draft, table)]
        return Plan(sorted(problems, key=lambda problem: problem.place.row), None, len(table.rows))
    try:
        recorder = preview(lambda: _recorded(scope, importer, draft, table))
    except RefusedError as refusal:
        return Plan([*table.problems, *refusal.problems], None, len(table.rows))
    warnings = [problem for problem in table.problems if problem.severity != Severity.ERROR]
    return Plan(warnings, recorder, len(table.rows))


def _further(scope: Scope, importer: Importer, draft: ImportDraft, table: ReadTable) -> list[Problem]:
    """What is wrong beside unreadable cells, so that one round of corrections is enough.

    The edit is tried with what could be read and taken back. What it says about a cell that is named
    already, or about a row that had to be left out, is not said.
    """
    sound, left_out = _readable_rows(importer.spec, table)
    if not sound or len(table.rows) > importer.most_rows:
        return []
    try:
        preview(lambda: _recorded(scope, importer, draft, replace(table, rows=sound)))
    except RefusedError as refusal:
        named = {(problem.place.row, problem.place.column) for problem in table.problems}
        return [
            problem
            for problem in refusal.problems
            if (problem.place.row, problem.place.column) not in named
            and problem.params.get("code") not in left_out
        ]
    return []


def _readable_rows(spec: TableSpec, table: ReadTable) -> tuple[list[ReadRow], set[object]]:
    """Rows with all they need, the first of each key; and the codes of the others."""
    needed = {column.key for column in spec.columns if column.required}
    if not needed <= set(table.columns):
        return [], set()
    sound: dict[tuple[object, ...], ReadRow] = {}
    left_out: set[object] = set()
    for row in table.rows:
        key = tuple(row.values.get(name) for name in spec.key)
        if row.faulty & (needed | set(spec.key)):
            left_out |= set(key) - {None}
        else:
            sound.setdefault(key, row)
    return list(sound.values()), left_out


def carry_out(scope: Scope, importer: Importer, draft: ImportDraft, digest: str) -> Recorder:
    """Import for good and drop the draft, in one transaction.

    Raises `RefusedError` when the file has faults or the plan is not the one that `digest` stands for.
    """
    with transaction.atomic():
        draft = ImportDraft.objects.select_for_update().get(pk=draft.pk)
        table = table_of(draft, importer.spec, importer.most_rows)
        if table.refused:
            raise RefusedError(table.problems)
        recorder = _recorded(scope, importer, draft, table)
        if recorder.digest != digest:
            raise RefusedError.of("import.moved_on", Place(file=draft.file_name))
        draft.delete()
    return recorder


def _recorded(scope: Scope, importer: Importer, draft: ImportDraft, table: ReadTable) -> Recorder:
    with recording(scope, importer.kind, f"{importer.title}: {draft.file_name}") as recorder:
        importer.apply(scope, table, recorder)
    return recorder


def page_language() -> str:
    """`zh` or `en`: the languages of tables."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def file_response(content: bytes, name: str, content_type: str) -> HttpResponse:
    """A download that no cache keeps."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "no-store"
    return response


def wants_export(request: HttpRequest) -> bool:
    """Whether `?format=` asks for a file."""
    return request.GET.get("format") in {"csv", "xlsx"}


def export_response(
    request: HttpRequest, spec: TableSpec, rows: Iterable[Mapping[str, object]]
) -> HttpResponse:
    """The rows as CSV or XLSX, as `?format=` says, in the language of the page."""
    language = page_language()
    stem = f"{spec.title(language)}-{today():%Y%m%d}"
    if request.GET.get("format") == "xlsx":
        return file_response(export_xlsx(spec, rows, language), f"{stem}.xlsx", XLSX_TYPE)
    return file_response(export_csv(spec, rows, language), f"{stem}.csv", "text/csv; charset=utf-8")


def notes_of(spec: TableSpec) -> Sequence[dict[str, object]]:
    """The columns as the form page shows them."""
    language = page_language()
    return [
        {
            "title": column.title(language),
            "required": column.required,
            "help": column.help(language),
            "example": column.example,
        }
        for column in spec.columns
    ]
