"""Facts, costs and visits with their source: entered one by one, changed, taken out, brought by table.

Edits stand in the list of changes and can be undone. A fact that costs somebody points, grade or post is not
entered here: it takes a finding, or a workbook, that a second person approves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from minping_engine.errors import Place, Problem
from minping_web.appraisals.models import EvidenceBook, EvidenceValue
from minping_web.appraisals.rules.asked import YUAN, Asked
from minping_web.appraisals.rules.numbers import MILLI, milli_from, written
from minping_web.appraisals.rules.sources import source_problem
from minping_web.appraisals.rules.words import ValueTable
from minping_web.appraisals.selectors.evidence import EDIT, asked_of, assessees_of, round_of
from minping_web.appraisals.selectors.known import COUNTERS, KnownValue, counted_facts
from minping_web.appraisals.services.calls import refuse_while_closing, require_everywhere
from minping_web.common.changes import Recorder, recording
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.rounds.models import SurveyRound

if TYPE_CHECKING:
    from minping_web.common.tabular import ReadTable

CHANGE = "appraisals.values"
MOST = 10**12
NOWHERE = Place()


@dataclass(frozen=True)
class ValueDraft:
    """One value as a person writes it. `what`: `facts:<id>`, `costs:yuan`, `visits:period`, `visits:year`."""

    assessee_id: str
    what: str
    value: str
    document: str
    link: str = ""
    spread: str = ""
    place: Place = NOWHERE
    is_counted: bool = False
    """Whether the product counted it in its registers."""


@dataclass(frozen=True)
class _Read:
    value_milli: int | None = None
    text: str = ""
    spread_milli: int | None = None


def save_values(scope: Scope, found: SurveyRound, drafts: Iterable[ValueDraft], title: str = "") -> int:
    """Enter or change values; all problems at once, nothing written then. Returns how many were written."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(found.pk)
    listed = list(drafts)
    with recording(scope, CHANGE, title or _("Values: %(round)s") % {"round": found.name}) as recorder:
        write_values(scope, recorder, found, listed)
        return len(recorder.differences)


def write_values(
    scope: Scope, recorder: Recorder, found: SurveyRound, drafts: list[ValueDraft],
    *, book: EvidenceBook | None = None,
) -> None:  # fmt: skip
    """Write through a recorder; `book` says that two persons agreed to what it brings."""
    asked, people = asked_of(found), assessees_of(found)
    says = {} if book is not None else {(one.what, one.assessee_id): one for one in counted_facts(found)}
    read, problems, known = [], list[Problem](), _known(found)
    for draft in drafts:
        one = _read(draft, asked, set(people), may_cost=book is not None)
        if not isinstance(one, Problem) and (told := says.get((draft.what, draft.assessee_id))):
            one = _against(told, draft, one, known.get(_key(draft))) or one
        if isinstance(one, Problem):
            problems.append(replace(one, place=one.place if one.place.key or one.place.row else draft.place))
        else:
            read.append((draft, one))
    if problems:
        raise RefusedError(problems)
    for draft, one in read:
        values: dict[str, Any] = {
            "value_milli": one.value_milli, "text": one.text, "spread_milli": one.spread_milli,
            "document": draft.document.strip(), "link": draft.link.strip(), "book": book,
            "is_counted": draft.is_counted,
        }  # fmt: skip
        _put(recorder, scope, found, _key(draft), known.get(_key(draft)), values)


def _key(draft: ValueDraft) -> tuple[str, str, str]:
    table, _colon, name = draft.what.partition(":")
    return table, name, draft.assessee_id


def _against(says: KnownValue, draft: ValueDraft, one: _Read, row: EvidenceValue | None) -> Problem | None:
    """One person alone writes nothing else than a register says, nor over what two persons wrote instead."""
    told = one.text or written(one.value_milli or 0)
    is_decided = row is not None and row.book_id is not None and shown(row) != told
    if not is_decided and (draft.is_counted or told == says.value):
        return None
    return Problem("appraisal.register_says", params={"value": says.value, "source": says.source})


def _put(
    recorder: Recorder, scope: Scope, found: SurveyRound, key: tuple[str, str, str],
    row: EvidenceValue | None, values: dict[str, Any],
) -> None:  # fmt: skip
    """Create, or update where something differs: who entered it last follows."""
    table, name, who = key
    if row is None:
        recorder.create(
            EvidenceValue(
                round=found,
                table=table,
                name=name,
                assessee_id=who,
                by_id=scope.user_id,
                on=today(),
                **values,
            )
        )
    elif any(getattr(row, field) != value for field, value in values.items()):
        recorder.update(row, by_id=scope.user_id, on=today(), **values)


def _known(found: SurveyRound) -> dict[tuple[str, str, str], EvidenceValue]:
    rows = EvidenceValue.objects.filter(round=found)
    return {(row.table, row.name, row.assessee_id): row for row in rows}


def remove_value(scope: Scope, found: SurveyRound, row: EvidenceValue) -> None:
    """Take a value out; what a workbook brought with two persons goes only with another workbook."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(found.pk)
    fact = asked_of(found).fact(row.name) if row.table == ValueTable.FACTS else None
    if fact is not None and fact.is_costly:
        raise RefusedError.of("appraisal.takes_two_persons", fact=fact.title)
    if row.is_counted or (row.book_id and row.name in COUNTERS):
        raise RefusedError.of("appraisal.register_says", value=shown(row), source=row.document)
    with recording(scope, CHANGE, _("Value taken out: %(round)s") % {"round": found.name}) as recorder:
        recorder.delete(row)


def shown(row: EvidenceValue) -> str:
    """The value as people write it."""
    return row.text or ("" if row.value_milli is None else written(row.value_milli))


def apply_values(scope: Scope, table: ReadTable, recorder: Recorder) -> None:
    """What the import of a table does: rows of any rounds that are seen."""
    require_everywhere(scope, EDIT)
    by_round: dict[int, list[ValueDraft]] = {}
    for row in table.rows:
        given = {name: str(value) if value is not None else "" for name, value in row.values.items()}
        draft = ValueDraft(
            given["assessee_id"], given["what"], given["value"], given["document"], given.get("link", ""),
            given.get("spread", ""), row.place,
        )  # fmt: skip
        by_round.setdefault(int(given["round"]), []).append(draft)
    problems = list[Problem]()
    for round_id, drafts in by_round.items():
        try:
            refuse_while_closing(round_id)
            write_values(scope, recorder, round_of(scope, round_id), drafts)
        except RefusedError as refused:
            problems += refused.problems
    if problems:
        raise RefusedError(problems)


def _read(draft: ValueDraft, asked: Asked, people: set[str], *, may_cost: bool) -> _Read | Problem:
    """The value in thousandths or as a word, or what is wrong with it."""
    table, _colon, name = draft.what.partition(":")
    if draft.assessee_id not in people:
        return Problem("appraisal.unknown_assessee", params={"found": draft.assessee_id[:40]})
    if not draft.document.strip():
        return Problem("appraisal.source_missing")
    if wrong := _wrong_source(draft):
        return wrong
    if table == ValueTable.FACTS:
        return _fact(draft, asked, name, may_cost=may_cost)
    known = {(ValueTable.COSTS, YUAN)} | {(ValueTable.VISITS, window) for window in asked.windows}
    if (table, name) not in known:
        return Problem("appraisal.not_asked", params={"what": draft.what[:60]})
    return _number(draft, is_whole=table == ValueTable.VISITS, least=0)


def _wrong_source(draft: ValueDraft) -> Problem | None:
    """A source that is an address of something else than the web."""
    at = draft.place
    document = source_problem(draft.document, replace(at, column="document") if at.row else at)
    return document or source_problem(draft.link, replace(at, column="link") if at.row else at, is_link=True)


def _fact(draft: ValueDraft, asked: Asked, name: str, *, may_cost: bool) -> _Read | Problem:
    fact = asked.fact(name)
    if fact is None:
        return Problem("appraisal.not_asked", params={"what": draft.what[:60]})
    if fact.is_costly and not may_cost:
        return Problem("appraisal.takes_two_persons", params={"fact": fact.title})
    if fact.is_text:
        word = draft.value.strip()
        if not word or len(word) > 100 or (fact.choices and word not in fact.choices):
            known = "、".join(fact.choices)
            return Problem("appraisal.not_a_word", params={"found": word[:40], "known": known})
        return _Read(text=word)
    if fact.unit == "truth" and draft.value.strip() not in {"0", "1"}:
        return Problem("appraisal.not_a_number", params={"found": draft.value[:40]})
    return _number(draft, is_whole=fact.unit in {"fen", "households", "persons", "times"}, least=-MOST)


def _number(draft: ValueDraft, *, is_whole: bool, least: int) -> _Read | Problem:
    value, spread = milli_from(draft.value), milli_from(draft.spread)
    wrong = value is None or abs(value) > MOST * MILLI or value < least * MILLI
    if wrong or (draft.spread.strip() and (spread is None or spread < 0)):
        return Problem("appraisal.not_a_number", params={"found": draft.value[:40]})
    if is_whole and value is not None and value % MILLI:
        return Problem("appraisal.not_whole", params={"found": draft.value[:40]})
    return _Read(value, spread_milli=spread)
