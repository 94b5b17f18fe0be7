"""What a correction hides: means that, beside the earlier release, tell how one colleague was corrected."""

from __future__ import annotations

import shutil

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from django.test import override_settings

from minping_engine.assessment import Result, read_result, write_result
from minping_web.assessments.models import AssessmentRun
from minping_web.assessments.selectors.runs import folder_of, results_folder
from minping_web.publications.models import Publication
from minping_web.results.selectors import hidden
from minping_web.results.selectors.hidden import hidden_places
from minping_web.results.selectors.places import report_of
from tests.web.results import factory
from tests.web.results.factory import COMMUNITY, Results

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def results() -> Results:
    """Two quarters with files; what was remembered of a publication of the same number is forgotten."""
    hidden._hidden.cache_clear()
    with override_settings(DEMO=True):
        yield factory.two_quarters()


def corrected(results: Results, *, many: bool = False) -> Publication:
    """A second release of the last quarter: one person of a community counts otherwise, or all of them."""
    run = results.runs[-1]
    first = factory.publish(run)
    Publication.objects.filter(pk=first.pk).update(superseded_at=first.published_at)
    newer = factory.again(run)
    _moved(newer, None if many else results.somebody())
    second = factory.publish(newer)
    second.supersedes = first
    second.save()
    return second


def _moved(run: AssessmentRun, who: str | None) -> None:
    result = read_result(folder_of(run))
    scores = result["scores"]
    at = scores["assessee_id"] if who is None else pc.equal(scores["assessee_id"], who)
    hit = pc.is_valid(at) if who is None else at
    direct = pc.if_else(hit, pc.add(scores["direct"], 1.0), scores["direct"])
    moved = scores.set_column(scores.schema.get_field_index("direct"), "direct", direct)
    run.folder = f"{run.folder}-moved-{who or 'all'}-{run.pk}"
    shutil.rmtree(results_folder() / run.folder, ignore_errors=True)
    write_result(
        Result({**result.tables, "scores": pa.table(moved)}, result.head), results_folder() / run.folder
    )
    run.save()


def test_a_first_publication_hides_nothing(results: Results) -> None:
    assert hidden_places(factory.publish(results.runs[-1])) == frozenset()


def test_places_of_one_corrected_person_are_hidden_with_all_around_them(results: Results) -> None:
    second = corrected(results)
    assert COMMUNITY in hidden_places(second)
    place = results.areas[COMMUNITY]
    report = report_of(second, place)
    assert report is not None
    means = [value for label, value, _note in report.figures if label == "平均得分"]
    assert not means or means == ["–"]


def test_a_correction_of_everybody_hides_no_place_with_enough_people(results: Results) -> None:
    assert "320106" not in hidden_places(corrected(results, many=True))
