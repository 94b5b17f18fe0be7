"""From a published result to draft sheets, in the transaction that publishes it.

A first publication makes one sheet per use that proposes something. A correction drops what nobody has signed
yet and makes difference sheets against what is signed; the signed stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings
from django.db import transaction

from minping_web.assessments.models import AssessedResult
from minping_web.common.clock import now
from minping_web.publications.events import Published
from minping_web.publications.models import Publication
from minping_web.rewards.models import Line, Sheet, Standing, Statement, Step
from minping_web.rewards.rules.drafts import DraftLine, DraftSheet, differing
from minping_web.rewards.rules.words import OPEN, Change, Family, LineState, Origin, SheetState
from minping_web.rewards.selectors.proposed import Proposed, proposed_by
from minping_web.rewards.selectors.signed import last_signed, lines_so_far, signed_so_far, withheld_so_far

AT_ONCE = 1_000


def prepare_consequences(event: Published) -> None:
    """What the event `Published` sets going. Demonstration values decide nothing outside a demonstration."""
    publication = Publication.objects.select_related("run__scheme", "run__round", "round").get(
        pk=event.publication_id
    )
    if publication.run.demo_values and not settings.DEMO:
        return
    draft_sheets(publication)


@transaction.atomic
def draft_sheets(publication: Publication) -> list[Sheet]:
    """Sheets of a publication, and the standing of everybody in it."""
    proposed = proposed_by(publication.run)
    _lock_sheets(publication.round_id)
    results = {row.assessee_id: row for row in publication.run.results.select_related("person", "area")}
    _keep_standings(publication, proposed, results)
    withheld = withheld_so_far(publication.round_id)
    _drop_unsigned(publication.round_id)
    Line.objects.filter(
        sheet__publication__round=publication.round_id,
        sheet__state=SheetState.SIGNED,
        state=LineState.WITHHELD,
    ).update(state=LineState.MOVED)
    made = []
    for draft in proposed.sheets():
        before = last_signed(publication.round_id, draft.use)
        if before is not None:
            changed = differing(draft, signed_so_far(publication.round_id, draft.use))
            draft = _with_new_scores(draft, changed, results, publication.round_id)
        if draft.lines:
            sheet = _sheet(publication, draft, before)
            _lines(sheet, draft, results, withheld.get(draft.use, {}))
            made.append(sheet)
    return made


def _with_new_scores(
    draft: DraftSheet, changed: DraftSheet, results: Mapping[str, AssessedResult], round_id: int
) -> DraftSheet:
    """Of a conversion those too whose score alone was corrected: the score is what enters elsewhere (S29)."""
    if draft.family != Family.CONVERSION:
        return changed
    signed, told = lines_so_far(round_id, draft.use), {line.assessee_id for line in changed.lines}
    more = [
        replace(line, change=Change.CHANGED.value)
        for line in draft.lines
        if line.assessee_id not in told
        and (before := signed.get(line.assessee_id))
        and _score(before.result) != _score(results.get(line.assessee_id))
    ]
    return replace(changed, lines=(*changed.lines, *more))


def _score(result: AssessedResult | None) -> float | None:
    return result.score if result else None


def _lock_sheets(round_id: int) -> None:
    """Signed ones too: a supplement made meanwhile would pay a line that the difference pays again."""
    rows = Sheet.objects.select_for_update(of=("self",)).filter(publication__round=round_id)
    list(rows.exclude(state=SheetState.REPLACED).order_by("pk").values_list("pk", flat=True))


def _keep_standings(
    publication: Publication, proposed: Proposed, results: Mapping[str, AssessedResult]
) -> None:
    rows = []
    for told in proposed.standings():
        result = results.get(told["assessee_id"])
        rows.append(
            Standing(
                publication=publication,
                period=publication.round.period,
                result=result,
                name=result.name if result else told["assessee_id"],
                person_id=result.person_id if result else None,
                area_id=result.area_id if result else None,
                **told,
            )
        )
    Standing.objects.bulk_create(rows, batch_size=AT_ONCE)


def _drop_unsigned(round_id: int) -> None:
    """A correction came before the signatures: these sheets bind nobody."""
    dropped = list(
        Sheet.objects.select_for_update(of=("self",)).filter(publication__round=round_id, state__in=OPEN)
    )
    Sheet.objects.filter(pk__in=[one.pk for one in dropped]).update(state=SheetState.REPLACED)
    for one in dropped:
        note_step(one, Step.What.REPLACED)


def _sheet(publication: Publication, draft: DraftSheet, before: Sheet | None) -> Sheet:
    zh, en = draft.text
    rule_zh, rule_en = draft.rule_words
    sheet = Sheet.objects.create(
        publication=publication, scheme_id=publication.run.scheme.scheme_id, use=draft.use, kind=draft.kind,
        family=draft.family, period=publication.round.period, text_zh=zh, text_en=en, rule_zh=rule_zh,
        rule_en=rule_en, rule=draft.rule, has_money=draft.has_money, signatures_needed=draft.signatures,
        granted_fen=draft.granted_fen,
        origin=Origin.DIFFERENCE if before else Origin.FIRST, follows=before, made_at=now(),
    )  # fmt: skip
    note_step(sheet, Step.What.MADE)
    return sheet


def _lines(
    sheet: Sheet, draft: DraftSheet, results: Mapping[str, AssessedResult], withheld: Mapping[str, Line]
) -> None:
    """Lines with what is known of the assessee; what was withheld before stays withheld."""
    signed = lines_so_far(sheet.publication.round_id, sheet.use) if sheet.follows else {}
    rows = []
    for one in draft.lines:
        line = _line(sheet, one, results.get(one.assessee_id), signed.get(one.assessee_id))
        _withhold_again(line, withheld.get(one.assessee_id))
        rows.append(line)
    Line.objects.bulk_create(rows, batch_size=AT_ONCE)
    _carry_statements(sheet)
    set_total(sheet)


def _line(sheet: Sheet, draft: DraftLine, result: AssessedResult | None, signed: Line | None) -> Line:
    """A line; who is in the result no more is known from what was signed."""
    known = result or signed
    return Line(
        sheet=sheet, assessee_id=draft.assessee_id, fen=draft.fen, before_fen=draft.before_fen,
        change=draft.change, basis=dict(draft.basis), basis_zh=draft.basis_words[0],
        basis_en=draft.basis_words[1], told_apart=draft.told_apart, result=result,
        name=known.name if known else draft.assessee_id,
        number=_number(draft, result) if result or not signed else signed.number,
        person_id=known.person_id if known else None, area_id=known.area_id if known else None,
    )  # fmt: skip


def _withhold_again(line: Line, earlier: Line | None) -> None:
    if earlier is not None:
        line.state, line.withheld_reason = LineState.WITHHELD, earlier.withheld_reason
        line.withheld_by_id, line.withheld_at = earlier.withheld_by_id, earlier.withheld_at


def _number(draft: DraftLine, result: AssessedResult | None) -> str:
    """The staff number, of places their code."""
    if result is None:
        return draft.assessee_id
    if result.person is not None:
        return result.person.code
    return result.area.code if result.area else draft.assessee_id


def _carry_statements(sheet: Sheet) -> None:
    """What was said is not lost to who signs; an exit on other numbers is heard anew."""
    rows = Statement.objects.filter(
        line__sheet__publication__round=sheet.publication.round_id, line__sheet__use=sheet.use
    ).select_related("line")
    said: dict[str, list[Statement]] = defaultdict(list)
    for row in rows.exclude(line__sheet=sheet).order_by("pk"):
        said[row.line.assessee_id].append(row)
    for line in sheet.lines.filter(assessee_id__in=list(said)):
        every = said[line.assessee_id]
        fitting = [row for row in every if sheet.kind != "exit" or row.line.basis == line.basis]
        for row in {(one.at, one.by_id, one.text): one for one in fitting}.values():  # carried before: once
            row.pk, row.line = None, line
            row.save(force_insert=True)


def set_total(sheet: Sheet) -> None:
    """The sum of the lines that are not withheld."""
    amounts = sheet.lines.filter(state=LineState.PROPOSED).values_list("fen", flat=True)
    sheet.total_fen = sum(fen or 0 for fen in amounts)
    sheet.save(update_fields=["total_fen"])


def note_step(sheet: Sheet, what: Step.What, reason: str = "", *, by: int | None = None) -> None:
    """Write the history of a sheet; `by` nobody: the product itself."""
    Step.objects.create(sheet=sheet, what=what, by_id=by, at=now(), reason=reason)
