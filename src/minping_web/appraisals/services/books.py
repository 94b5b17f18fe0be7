"""A filled workbook of the scheme's evidence: read with all faults at once, proposed, approved by another.

Only the engine reads it (`minping snapshot make`), against the round's first snapshot, so that a workbook
means the same here and on the command line. Facts and visits become values with the workbook as their source;
marks and cases stay in the workbook, sealed, until the evidence is closed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.assessment import make_snapshot, write_template
from minping_engine.errors import ImportRefusedError, Place
from minping_engine.snapshot import Snapshot, open_snapshot
from minping_web.appraisals.models import EvidenceBook, EvidenceValue
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.rules.words import BookState, ValueTable, page_language
from minping_web.appraisals.selectors.evidence import (
    DECIDE,
    EDIT,
    asked_of,
    assessees_of,
    first_snapshot,
)
from minping_web.appraisals.services.calls import refuse_while_closing, require_everywhere
from minping_web.appraisals.services.values import CHANGE, ValueDraft, write_values
from minping_web.common import approval
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import now
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.uploads import MOST_BYTES, opened_in_memory
from minping_web.ledger.services import stage
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import folder_of

ACT = "appraisals.book"
ENTRY = "evidence.book"
BROUGHT = ("facts", "appraisals", "cases", "visits")
SUFFIXES = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    name: str
    content: bytes


def about_book(book: object) -> str:
    """What a sealed workbook belongs to (`common.crypto`)."""
    return f"appraisals_evidencebook.content|{book}"


def template_of(found: SurveyRound) -> bytes:
    """The empty workbook of the round's scheme, in the language of the page."""
    assert found.scheme is not None
    with tempfile.TemporaryDirectory(prefix="minping-") as folder:
        path = Path(folder) / "evidence.xlsx"
        write_template(loaded(found.scheme, demo=settings.DEMO), path, language=page_language())
        return path.read_bytes()


def propose_book(scope: Scope, found: SurveyRound, upload: Upload) -> EvidenceBook:
    """Read it, keep it sealed, ask a second person. Raises `RefusedError` with every fault of the file."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(found.pk)
    name = PurePath(upload.name).name[-200:]
    if PurePath(name).suffix.lower() not in SUFFIXES or len(upload.content) > MOST_BYTES:
        raise RefusedError.of("appraisal.no_workbook", Place(file=name))
    tables = read_book(found, upload)
    sha256 = hashlib.sha256(upload.content).hexdigest()
    with transaction.atomic():
        made = EvidenceBook.objects.create(
            round=found, file_name=name, sha256=sha256, by_id=scope.user_id, at=now(),
            rows={**_rows(tables), "costly": _costly(found, tables)},
        )  # fmt: skip
        made.content = keyring().seal_bytes(upload.content, about_book(made.pk))
        payload = {"round": found.pk, "book": made.pk, "sha256": sha256}
        made.proposal = approval.propose(
            scope, ACT, title=_("Workbook of evidence: %(file)s") % {"file": name[:120]},
            reason=_("Evidence of %(round)s") % {"round": found.name}, payload=payload,
        )  # fmt: skip
        made.save(update_fields=["content", "proposal"])
    return made


def read_book(found: SurveyRound, upload: Upload) -> dict[str, pa.Table]:
    """Tables that the workbook brings, by name; raises `RefusedError` with every fault."""
    base = first_snapshot(found.pk)
    if base is None or not folder_of(base).is_dir():
        raise RefusedError.of("appraisal.not_closed_yet", round=found.name)
    assert found.scheme is not None
    scheme = loaded(found.scheme, demo=settings.DEMO)
    home = Path(settings.DATA_FOLDER)
    with (
        tempfile.TemporaryDirectory(prefix=".evidence-", dir=home) as made,
        opened_in_memory([upload.content], upload.name) as path,
    ):
        try:
            make_snapshot(path, scheme, found.period, Path(made) / "snapshot", ballots=folder_of(base))
        except ImportRefusedError as refused:
            raise RefusedError(refused.problems) from None
        opened = open_snapshot(Path(made) / "snapshot", verify=False)
        _refuse_strangers(base, opened)
        return {name: opened.table(name) for name in BROUGHT if opened.has(name) and len(opened.table(name))}


def _refuse_strangers(base: SealedSnapshot, opened: Snapshot) -> None:
    """A workbook brings evidence about those of the round, nobody else."""
    known = set(open_snapshot(folder_of(base), verify=False).table("assessees")["assessee_id"].to_pylist())
    new = sorted(set(opened.table("assessees")["assessee_id"].to_pylist()) - known)
    if new:
        raise RefusedError.of("appraisal.new_assessees", found=", ".join(new[:5]), n=len(new))


def _rows(tables: dict[str, pa.Table]) -> dict[str, Any]:
    """Rows by table; rater group -> assessee -> how many marked."""
    counts: dict[str, Any] = {name: table.num_rows for name, table in tables.items()}
    raters: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in tables["appraisals"].to_pylist() if "appraisals" in tables else ():
        raters[row["rater_group"]][row["assessee_id"]].add(row["rater"])
    return {
        **counts,
        "raters": {group: {who: len(some) for who, some in by.items()} for group, by in raters.items()},
    }


def _costly(found: SurveyRound, tables: dict[str, pa.Table]) -> list[list[str]]:
    """[assessee, fact, value] of all that costs somebody something: the second person reads each."""
    costly = {one.id for one in asked_of(found).facts if one.is_costly}
    rows = tables["facts"].to_pylist() if "facts" in tables else ()
    return [
        [row["assessee_id"], row["fact"], written(row["value_milli"] or 0)]
        for row in rows
        if row["fact"] in costly
    ]


def tables_of(book: EvidenceBook) -> dict[str, pa.Table]:
    """What a kept workbook brings, read again."""
    content = keyring().open_bytes(book.content or b"", about_book(book.pk))
    return read_book(book.round, Upload(book.file_name, content))


def carry(scope: Scope, payload: dict[str, Any]) -> EvidenceBook:
    """What the second person sets going: its values count, and it takes the place of the one before."""
    require_everywhere(scope, DECIDE)
    book = EvidenceBook.objects.select_for_update(of=("self",)).select_related("round__scheme").get(
        pk=payload["book"]
    )  # fmt: skip
    refuse_while_closing(book.round_id)
    if book.state != BookState.PROPOSED or book.sha256 != payload["sha256"]:
        raise RefusedError.of("appraisal.book_moved")
    before = EvidenceBook.objects.filter(round=book.round, state=BookState.COUNTS)
    replaced = list(before.values_list("pk", flat=True))
    before.update(state=BookState.REPLACED)
    book.state = BookState.COUNTS
    book.save(update_fields=["state"])
    drafts = _drafts(book, tables_of(book))
    with recording(scope, CHANGE, _("Workbook: %(file)s") % {"file": book.file_name[:120]}) as recorder:
        _drop_replaced(recorder, replaced, drafts)
        write_values(scope, recorder, book.round, drafts, book=book)
    counts = {name: n for name, n in book.rows.items() if name in BROUGHT}
    record = {"round": book.round_id, "book": book.pk, "sha256": book.sha256, "rows": counts}
    stage(ENTRY, f"evidence-book-{book.pk}", record)
    return book


def _drop_replaced(recorder: Recorder, replaced: list[int], drafts: list[ValueDraft]) -> None:
    """What only the former workbook brought counts no more: nobody else could take a costly fact out."""
    kept = {(draft.what, draft.assessee_id) for draft in drafts}
    for row in EvidenceValue.objects.filter(book__in=replaced):
        if (f"{row.table}:{row.name}", row.assessee_id) not in kept:
            recorder.delete(row)


def _drafts(book: EvidenceBook, tables: dict[str, pa.Table]) -> list[ValueDraft]:
    made = []
    for row in tables["facts"].to_pylist() if "facts" in tables else ():
        text = row["text"] if row["value_milli"] is None else written(row["value_milli"])
        what = f"{ValueTable.FACTS}:{row['fact']}"
        made.append(ValueDraft(row["assessee_id"], what, text, book.file_name))
    if "visits" in tables:
        base = first_snapshot(book.round_id)
        assert base is not None
        who = owners(open_snapshot(folder_of(base), verify=False))
        for row in tables["visits"].to_pylist():
            window = "period" if row["period"] == book.round.period else "year"
            what = f"{ValueTable.VISITS}:{window}"
            made.append(ValueDraft(who[row["target"]], what, str(row["households"]), book.file_name))
    return made


def owners(opened: Snapshot) -> dict[int, str]:
    """Target -> the one assessee who answers for it; shared targets are left out."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in opened.table("postings").to_pylist():
        found[row["target"]].add(row["assessee_id"])
    return {target: next(iter(who)) for target, who in found.items() if len(who) == 1}


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads before deciding."""
    rows = EvidenceBook.objects.select_related("round__scheme").defer("content")
    book = rows.filter(pk=payload["book"]).first()
    if book is None:
        return []
    words = {"facts": _("Facts"), "appraisals": _("Marks"), "cases": _("Cases"), "visits": _("Visits")}
    counts = [(str(words[name]), str(book.rows[name])) for name in BROUGHT if name in book.rows]
    return [
        (_("Round"), book.round.name),
        (_("File"), book.file_name),
        (_("SHA-256"), book.sha256),
        *counts,
        *_costly_lines(book),
        (_("Effect"), _("counts in the assessment, also what costs somebody something")),
    ]


def _costly_lines(book: EvidenceBook) -> list[tuple[str, str]]:
    """(who, what) of each costly fact."""
    listed = book.rows.get("costly", [])
    if not listed:
        return []
    people, asked = assessees_of(book.round), asked_of(book.round)
    titles = {one.id: one.title for one in asked.facts}
    return [
        (people[who].name if who in people else who, f"{titles.get(fact, fact)}: {value}")
        for who, fact, value in listed
    ]


def act() -> approval.Act:
    """The two-person act."""
    return approval.Act(
        ACT, gettext_lazy("Workbook of evidence"), EDIT, carry, describe=describe, decided_by=DECIDE
    )
