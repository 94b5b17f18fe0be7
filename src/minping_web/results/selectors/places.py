"""The page of a place: the engine's report, classes from the open data that were published with it."""

from __future__ import annotations

from functools import lru_cache

from minping_engine.errors import InputError
from minping_engine.reporting import ClassTables, PlaceReport, make_place_report
from minping_engine.snapshot import read_parquet
from minping_web.assessments.models import AssessedResult
from minping_web.assessments.rules.words import page_language
from minping_web.places.models import Area
from minping_web.publications.models import Publication
from minping_web.publications.selectors.current import folder_of
from minping_web.results.selectors.cards import result_of, row_of, scheme_of, snapshot_of
from minping_web.results.selectors.hidden import hidden_places

OPEN_DATA = ("public", "open-data")
CARRIED = "carried"
"""The engine's word for a comparison group whose order the data carry."""


def classes_of(publication: Publication) -> ClassTables | None:
    """Protected tables of the publication; None where none were published."""
    folder = folder_of(publication).joinpath(*OPEN_DATA)
    names = ("points", "ballots")
    if not all((folder / f"{name}.parquet").is_file() for name in names):
        return None
    return ClassTables(*(read_parquet(folder / f"{name}.parquet") for name in names))


def report_of(publication: Publication, place: Area, language: str = "") -> PlaceReport | None:
    """The report of a place; None where files are gone or nobody was asked there."""
    return _report(publication.pk, place.code, language or page_language())


@lru_cache(maxsize=64)
def _report(publication_id: int, code: str, language: str) -> PlaceReport | None:
    publication = Publication.objects.select_related("run__scheme", "run__snapshot").get(pk=publication_id)
    run = publication.run
    result, snapshot = result_of(run), snapshot_of(run)
    if result is None or snapshot is None:
        return None
    try:
        return make_place_report(
            result, scheme_of(run), snapshot, code,
            language=language, classes=classes_of(publication), left_out=hidden_places(publication),
        )  # fmt: skip
    except InputError:  # a place that was made after the round
        return None


def ordered_groups(publication: Publication) -> frozenset[str]:
    """Comparison groups whose order the data carry; in all others nobody has a place (D7)."""
    result = result_of(publication.run)
    rows = result["comparison_groups"].to_pylist() if result else []
    return frozenset(row["comparison_group"] for row in rows if row["ranking"] == CARRIED)


def dressed(publication: Publication, rows: list[AssessedResult]) -> list[AssessedResult]:
    """Rows with what stands beside a score: drawn, response rate, the score on level conditions, the band."""
    carried = ordered_groups(publication)
    for one in rows:
        one.run = publication.run
        row = row_of(one)
        one.drawn = row.get("drawn")  # type: ignore[attr-defined]
        one.rate = _rate(one.ballots, row)  # type: ignore[attr-defined]
        one.adjusted = row.get("adjusted")  # type: ignore[attr-defined]
        is_ordered = (row.get("comparison_group") or "") in carried
        one.band = one.tie_band if is_ordered and one.is_assessed else None  # type: ignore[attr-defined]
    return rows


def _rate(ballots: int | None, row: dict[str, object]) -> int | None:
    drawn = row.get("drawn")
    if not isinstance(drawn, int) or not drawn or ballots is None or row.get("score") is None:
        return None
    return round(100 * ballots / drawn)
