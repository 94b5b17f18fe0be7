"""A report card as a page: the engine's card of one assessee, themes of comments, trend over periods.

A result never changes, so what was read of it is kept for the next reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Avg, Count, Q

from minping_engine.assessment import Result, read_result
from minping_engine.insight import count_themes
from minping_engine.reporting import CardData, CardDesk, open_card_desk
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot, open_snapshot
from minping_engine.terms import Status
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.assessments.rules.words import page_language
from minping_web.assessments.selectors.runs import folder_of
from minping_web.common.periods import period_short
from minping_web.results.rules.charts import TrendValue
from minping_web.results.rules.words import Stage
from minping_web.results.selectors.visible import SeenResult
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.selectors.register import folder_of as snapshot_folder_of

KEPT = 8
NORMAL_95 = 1.959963984540054


def result_of(run: AssessmentRun) -> Result | None:
    """The files of a run; None where they are not there."""
    return _result(str(folder_of(run))) if run.folder else None


@lru_cache(maxsize=KEPT)
def _result(folder: str) -> Result | None:
    return read_result(Path(folder)) if (Path(folder) / "result.json").is_file() else None


def snapshot_of(run: AssessmentRun) -> Snapshot | None:
    """The sealed input; None where its folder is gone."""
    folder = snapshot_folder_of(run.snapshot)
    return open_snapshot(folder) if folder.is_dir() else None


def scheme_of(run: AssessmentRun) -> LoadedScheme:
    """The frozen scheme."""
    return loaded(run.scheme, demo=settings.DEMO)


@lru_cache(maxsize=KEPT)
def _desk(run_id: int, folder: str, language: str) -> CardDesk | None:
    run = AssessmentRun.objects.select_related("scheme", "snapshot").get(pk=run_id)
    result, snapshot, scheme = result_of(run), snapshot_of(run), scheme_of(run)
    if result is None or snapshot is None or not scheme.scheme.instruments:
        return None
    return open_card_desk(result, scheme, snapshot, language=language)


def card_of(found: AssessedResult) -> CardData | None:
    """The card in the language of the page; None where rules alone make the score or files are gone."""
    run = found.run
    if scheme_of(run).scheme.has_tree:
        return None
    desk = _desk(run.pk, str(folder_of(run)), page_language())
    return desk.card(found.assessee_id) if desk else None


def row_of(found: AssessedResult, table: str = "scores") -> dict[str, Any]:
    """The engine's row of an assessee; empty where there is none."""
    result = result_of(found.run)
    if result is None:
        return {}
    rows = _rows(str(folder_of(found.run)), table)
    return rows.get(found.assessee_id, {})


@lru_cache(maxsize=KEPT)
def _rows(folder: str, table: str) -> dict[str, dict[str, Any]]:
    result = _result(folder)
    return {row["assessee_id"]: row for row in result[table].to_pylist()} if result else {}


def change_is_clear(found: AssessedResult) -> bool | None:
    """Whether the change since the period before is more than its error; None where that is not known."""
    row = row_of(found)
    if row.get("progress") is None or row.get("progress_se") is None:
        return None
    return abs(float(row["progress"])) > NORMAL_95 * float(row["progress_se"])


def themes_of(found: AssessedResult) -> list[tuple[str, int]]:
    """(theme, comments) of the areas that the person answers for, from as many on as the scheme asks."""
    snapshot = snapshot_of(found.run)
    if snapshot is None:
        return []
    postings = snapshot.table("postings").select(["assessee_id", "target"]).to_pylist()
    own = {row["target"] for row in postings if row["assessee_id"] == found.assessee_id}
    comments = [row["text"] for row in snapshot.table("comments").to_pylist() if row["target"] in own]
    counted = count_themes(comments, fewest=scheme_of(found.run).disclosure.comments_from)
    return [(theme.title(page_language()), n) for theme, n in counted]


def trend_of(seen: Sequence[SeenResult], shown: SeenResult) -> list[TrendValue]:
    """Scores of the same scheme up to the one shown, oldest first; the mean of all beside where it may be."""
    run = shown.found.run
    rows = [
        one
        for one in seen
        if one.found.score is not None
        and one.found.run.scheme.scheme_id == run.scheme.scheme_id
        and one.found.run.round.period <= run.round.period
        and (one.stage == Stage.HOLDS or one is shown)
    ]
    by_period = {one.found.run.round.period: one for one in rows if one is not shown}
    by_period[run.round.period] = shown
    ordered = [by_period[period] for period in sorted(by_period) if by_period[period].found.score is not None]
    means = means_of(ordered, shown)
    return [_value(one, means.get(one.found.run_id)) for one in ordered]


def _value(one: SeenResult, mean: float | None) -> TrendValue:
    year, label = period_short(one.found.run.round.period)
    found = one.found
    assert found.score is not None
    return TrendValue(label, year, found.score, found.low, found.high, mean, one.stage == Stage.PREVIEW)


def means_of(seen: Iterable[SeenResult], shown: SeenResult) -> dict[int, float]:
    """Run -> plain mean of all assessed, from so many on that it tells nobody's score (S7).

    None for a result that was corrected, nor for what corrects it: two means tell how one colleague changed.
    """
    fewest = scheme_of(shown.found.run).disclosure.mean_from
    counts = Q(status=Status.ASSESSED, score__isnull=False)
    runs = [one.found.run_id for one in seen if not _is_of_a_correction(one)]
    rows = (
        AssessedResult.objects.filter(counts, run__in=runs)
        .values("run")
        .annotate(n=Count("pk"), mean=Avg("score"))
    )
    return {row["run"]: row["mean"] for row in rows if row["n"] >= fewest}


def _is_of_a_correction(one: SeenResult) -> bool:
    """Whether its round has, or will have, more than one result that the assessed saw."""
    follows = one.preview is not None and one.preview.follows_id is not None
    publication = one.publication
    held = publication is not None and (publication.supersedes_id or not publication.is_current)
    return bool(follows or held)
