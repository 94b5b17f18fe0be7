"""Rounds with what their scheme asks beside ballots, who is assessed, and what was brought so far."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_engine.errors import Place, Problem
from minping_engine.snapshot import open_snapshot
from minping_web.appraisals.models import EvidenceBook, EvidenceSeal, EvidenceValue, Finding
from minping_web.appraisals.rules.asked import Asked, asked_by
from minping_web.appraisals.rules.conflicts import Assessee
from minping_web.appraisals.rules.words import BookState, page_language
from minping_web.common.problems import ProblemLine, lines
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.sources import sources
from minping_web.snapshots.selectors.facts import facts_of
from minping_web.snapshots.selectors.register import folder_of

VIEW, EDIT, DECIDE, RATE = "appraisals.view", "appraisals.edit", "appraisals.decide", "appraisals.rate"
COMMUNITY = "community"
Row = Mapping[str, Any]
State = SurveyRound.State
LIVE = (State.DRAWN, State.OPEN, State.STOPPED, State.CLOSING, State.CLOSED)


def rounds_seen(scope: Scope) -> QuerySet[SurveyRound]:
    """Rounds with a frozen scheme, newest first; none without the right in the whole district."""
    if not scope.may_everywhere(VIEW):
        return SurveyRound.objects.none()
    rows = SurveyRound.objects.filter(scheme__isnull=False, state__in=LIVE)
    return rows.select_related("scheme").order_by("-pk")


def round_of(scope: Scope, round_id: int) -> SurveyRound:
    """One of them, else 404."""
    return get_object_or_404(rounds_seen(scope), pk=round_id)


def asked_of(found: SurveyRound, language: str | None = None) -> Asked:
    """What the round's frozen scheme asks, in the language of the page."""
    assert found.scheme is not None
    return asked_by(loaded(found.scheme, demo=settings.DEMO), language or page_language())


def newest_snapshot(round_id: int) -> SealedSnapshot | None:
    """The last sealed version of a round; None before its closing."""
    return SealedSnapshot.objects.filter(round=round_id).order_by("-pk").first()


def first_snapshot(round_id: int) -> SealedSnapshot | None:
    """What the closing of the vote sealed, without anything beside ballots."""
    return SealedSnapshot.objects.filter(round=round_id).order_by("pk").first()


def assessees_of(found: SurveyRound) -> dict[str, Assessee]:
    """Who is assessed, by id: as sealed, and before the closing as the registers say today."""
    sealed = newest_snapshot(found.pk)
    if sealed is not None and folder_of(sealed).is_dir():
        rows = _sealed_rows(str(folder_of(sealed)), sealed.sha256)
    else:
        rows = tuple(sources()["assessees"](facts_of(found.pk), None).to_pylist())
    return _placed(rows)


@lru_cache(maxsize=8)
def _sealed_rows(folder: str, _sha256: str) -> tuple[Row, ...]:
    return tuple(open_snapshot(Path(folder), verify=False).table("assessees").to_pylist())


def _placed(rows: tuple[Row, ...]) -> dict[str, Assessee]:
    """With the places of today; an area that is gone has none."""
    areas = {one.code: one for one in Area.objects.filter(code__in={row["area_id"] for row in rows})}
    around = {pk for area in areas.values() for pk in (*area.ancestor_ids, area.pk)}
    homes = dict(Area.objects.filter(pk__in=around, level=COMMUNITY).values_list("pk", "path"))
    made = {}
    for row in rows:
        area = areas.get(row["area_id"])
        ids = (*area.ancestor_ids, area.pk) if area else ()
        home = next((homes[pk] for pk in ids if pk in homes), "")
        made[row["assessee_id"]] = Assessee(
            row["assessee_id"], row["kind"], row["name"], row["area_id"], area.name if area else "",
            area.path if area else "", home,
        )  # fmt: skip
    return dict(sorted(made.items(), key=lambda item: (item[1].area_code, item[1].name, item[0])))


def values_of(found: SurveyRound, *, search: str = "", what: str = "") -> QuerySet[EvidenceValue]:
    """Values of a round that was seen; `what` is `table:name`."""
    rows = EvidenceValue.objects.filter(round=found).select_related("by", "book")
    if search:
        named = [one.id for one in assessees_of(found).values() if search in one.name or search in one.id]
        rows = rows.filter(Q(assessee_id__in=named) | Q(document__icontains=search))
    table, _, name = what.partition(":")
    return rows.filter(table=table, name=name) if name else rows


def value_of(found: SurveyRound, value_id: int) -> EvidenceValue:
    """One of them, else 404."""
    return get_object_or_404(values_of(found), pk=value_id)


def findings_of(found: SurveyRound) -> QuerySet[Finding]:
    """Findings of a round that was seen, newest first."""
    rows = Finding.objects.filter(round=found)
    return rows.select_related("proposal__proposer", "proposal__decider", "taken_back")


def finding_of(scope: Scope, finding_id: int) -> Finding:
    """One finding of a round that is seen, else 404."""
    rows = Finding.objects.filter(round__in=rounds_seen(scope))
    rows = rows.select_related("round__scheme", "proposal__proposer", "proposal__decider", "taken_back")
    return get_object_or_404(rows, pk=finding_id)


def books_of(found: SurveyRound) -> QuerySet[EvidenceBook]:
    """Workbooks of a round that was seen, newest first, without their content."""
    return EvidenceBook.objects.filter(round=found).select_related("by", "proposal").defer("content")


def counting_book(found: SurveyRound) -> EvidenceBook | None:
    """The workbook whose marks and cases count."""
    return EvidenceBook.objects.filter(round=found, state=BookState.COUNTS).order_by("-pk").first()


def seals_of(found: SurveyRound) -> QuerySet[EvidenceSeal]:
    """Closings of the evidence, newest first."""
    return EvidenceSeal.objects.filter(round=found).select_related("by", "snapshot", "job")


def seal_problems(seal: EvidenceSeal) -> list[ProblemLine]:
    """What hindered a closing, all of it."""
    return lines(Problem(one["code"], Place(key=one["key"]), one["params"]) for one in seal.problems)
