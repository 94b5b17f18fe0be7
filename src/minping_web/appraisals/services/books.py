"""A filled workbook of the scheme's evidence: proposed by one, approved by another (`reading` reads it).

Facts and visits become values with the workbook as their source;
marks and cases stay in the workbook, sealed, until the evidence is closed.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import PurePath
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_engine.errors import Place, Problem
from minping_engine.snapshot import open_snapshot
from minping_web.appraisals.models import CalledRater, EvidenceBook, EvidenceValue
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.rules.words import BookState, ValueTable
from minping_web.appraisals.selectors.evidence import DECIDE, EDIT, asked_of, assessees_of, first_snapshot
from minping_web.appraisals.services.calls import refuse_while_closing, require_everywhere
from minping_web.appraisals.services.reading import BROUGHT, BookContent, Upload, owners, read_book
from minping_web.appraisals.services.repeats import Compared, Numbers, all_agreed, compare, told
from minping_web.appraisals.services.values import CHANGE, ValueDraft, write_values
from minping_web.common import approval
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import now
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.uploads import MOST_BYTES
from minping_web.ledger.services import stage
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.selectors.register import folder_of

ACT = "appraisals.book"
ENTRY = "evidence.book"
SUFFIXES = (".xlsx", ".xlsm")
SHORTEST = 5


def about_book(book: object) -> str:
    """What a sealed workbook belongs to (`common.crypto`)."""
    return f"appraisals_evidencebook.content|{book}"


def propose_book(scope: Scope, found: SurveyRound, upload: Upload) -> EvidenceBook:
    """Read it, keep it sealed, ask a second person. Raises `RefusedError` with every fault of the file.

    Among them rows of raters who counted already, unless it is said why the workbook takes their place.
    """
    require_everywhere(scope, EDIT)
    refuse_while_closing(found.pk)
    name = PurePath(upload.name).name[-200:]
    if PurePath(name).suffix.lower() not in SUFFIXES or len(upload.content) > MOST_BYTES:
        raise RefusedError.of("appraisal.no_workbook", Place(file=name))
    content = read_book(found, upload)
    compared = compare(found, content.rows)
    _refuse_raters(compared, upload.replaces)
    tables, sha256 = content.tables, hashlib.sha256(upload.content).hexdigest()
    with transaction.atomic():
        made = EvidenceBook.objects.create(
            round=found, file_name=name, sha256=sha256, by_id=scope.user_id, at=now(),
            rows={**_rows(tables), "costly": _costly(found, tables), "numbers": compared.numbers},
        )  # fmt: skip
        made.content = keyring().seal_bytes(upload.content, about_book(made.pk))
        payload = {"round": found.pk, "book": made.pk, "sha256": sha256, "replaces": compared.repeated}
        made.proposal = approval.propose(
            scope, ACT, title=_("Workbook of evidence: %(file)s") % {"file": name[:120]},
            reason=upload.replaces.strip() or _("Evidence of %(round)s") % {"round": found.name},
            payload=payload,
        )  # fmt: skip
        made.save(update_fields=["content", "proposal"])
    return made


def _refuse_raters(compared: Compared, why: str) -> None:
    """Nobody who was not called, nobody twice; with a reason two persons may decide on the latter."""
    problems = [*compared.strangers, *(() if why.strip() else compared.repeats)]
    if compared.repeats and why.strip() and len(why.strip()) < SHORTEST:
        problems.append(Problem("appraisal.too_short", Place(key="replaces"), {"least": SHORTEST}))
    if problems:
        raise RefusedError(problems)


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
    return _content_of(book).tables


def _content_of(book: EvidenceBook) -> BookContent:
    content = keyring().open_bytes(book.content or b"", about_book(book.pk))
    return read_book(book.round, Upload(book.file_name, content))


def _still_agreed(book: EvidenceBook, content: BookContent, agreed: Numbers) -> None:
    """Who handed in since the proposal was made was not decided on; nobody does while it is decided."""
    list(
        CalledRater.objects.select_for_update()
        .filter(call__round=book.round)
        .order_by("pk")
        .values_list("pk")
    )
    compared = compare(book.round, content.rows)
    if compared.strangers or not all_agreed(compared, agreed):
        raise RefusedError([*compared.strangers, *compared.repeats])


def carry(scope: Scope, payload: dict[str, Any]) -> EvidenceBook:
    """What the second person sets going: its values count, and it takes the place of the one before."""
    require_everywhere(scope, DECIDE)
    book = EvidenceBook.objects.select_for_update(of=("self",)).select_related("round__scheme").get(
        pk=payload["book"]
    )  # fmt: skip
    refuse_while_closing(book.round_id)
    if book.state != BookState.PROPOSED or book.sha256 != payload["sha256"]:
        raise RefusedError.of("appraisal.book_moved")
    content = _content_of(book)
    _still_agreed(book, content, payload.get("replaces", {}))
    before = EvidenceBook.objects.filter(round=book.round, state=BookState.COUNTS)
    replaced = list(before.values_list("pk", flat=True))
    before.update(state=BookState.REPLACED)
    book.state = BookState.COUNTS
    book.save(update_fields=["state"])
    drafts = _drafts(book, content.tables)
    with recording(scope, CHANGE, _("Workbook: %(file)s") % {"file": book.file_name[:120]}) as recorder:
        _drop_replaced(recorder, replaced, drafts)
        write_values(scope, recorder, book.round, drafts, book=book)
    counts = {name: n for name, n in book.rows.items() if name in BROUGHT}
    replaced_raters = sum(map(len, payload.get("replaces", {}).values()))
    record = {"round": book.round_id, "book": book.pk, "sha256": book.sha256, "rows": counts,
              "replaced_raters": replaced_raters}  # fmt: skip
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
        *(
            (_("Takes the place of marks handed in by"), who)
            for who in told(book.round, payload.get("replaces", {}))
        ),
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
