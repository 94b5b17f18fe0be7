"""Two schemes over one snapshot and period: trends, years and pages of one know nothing of the other."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings

from minping_web.access.selectors import scope_of
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.common.scope import system_scope
from minping_web.publications.models import Publication
from minping_web.results.selectors.cards import trend_of
from minping_web.results.selectors.spans import span_of_year, spans_of
from minping_web.results.selectors.visible import own_results
from minping_web.rewards.models import Standing
from minping_web.rewards.selectors.periods import years_of_person
from minping_web.rounds.models import SurveyRound
from minping_web.schemes.services.freezing import freeze_version
from tests.web.entering import sign_in
from tests.web.results import factory
from tests.web.results.factory import Results

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
OTHER = "xianning-3456"


@pytest.fixture
def results() -> Results:
    """Two quarters of one scheme; the last one assessed by another scheme too, on the same snapshot."""
    with override_settings(DEMO=True):
        made = factory.two_quarters()
        for run in made.runs:
            factory.publish(run)
        factory.publish(_by_other_scheme(made.runs[-1]))
        yield made


def _by_other_scheme(run: AssessmentRun) -> AssessmentRun:
    copy = factory.again(run)
    survey = SurveyRound.objects.get(pk=run.round_id)
    survey.pk, survey.scheme_id_wanted = None, OTHER
    survey.scheme = copy.scheme = freeze_version(system_scope(), OTHER, _version())
    survey.save()
    copy.round, copy.parent = survey, None
    copy.save()
    AssessedResult.objects.filter(run=copy).update(score=11.0, low=10.0, high=12.0)
    return copy


def _version() -> str:
    from minping_engine.scheme import find_scheme, load_scheme

    return load_scheme(find_scheme(OTHER), demo=True).scheme.version


def test_a_trend_holds_the_periods_of_its_own_scheme(results: Results) -> None:
    user = results.worker(results.somebody())
    seen = own_results(scope_of(user))
    assert len(seen) == 3
    for shown in seen:
        values = [one.value for one in trend_of(seen, shown)]
        is_other = shown.found.run.scheme.scheme_id == OTHER
        assert (11.0 in values) is is_other
        assert len(values) == (1 if is_other or shown.found.run.round.period == "2020Q3" else 2)


def test_years_and_half_years_are_of_one_scheme_each(results: Results) -> None:
    spans = spans_of(Publication.objects.select_related("run__scheme", "round"))
    assert sorted((span.name, len(span.publications)) for span in spans) == [
        ("2020", 1), ("2020", 2), ("2020H2", 1), ("2020H2", 2),
    ]  # fmt: skip
    for span in spans:
        assert len({one.run.scheme_id for one in span.publications}) == 1
    for one in Publication.objects.all():
        span = span_of_year(one)
        assert span is not None
        assert {each.run.scheme_id for each in span.publications} == {one.run.scheme_id}


def test_the_own_page_names_the_scheme_where_there_are_two(results: Results) -> None:
    who = results.somebody()
    mine = sign_in(Client(), results.worker(who))
    text = mine.get("/results/mine/").content.decode()
    names = {str(one.run.scheme) for one in results.results_of(who)}
    assert len(names) == 2
    assert all(name in text for name in names)


def test_falls_of_two_schemes_never_add_up(results: Results) -> None:
    """S94 counts falls of a year; two schemes over one quarter are not two falls of one."""
    who = results.somebody()
    for one in AssessedResult.objects.filter(assessee_id=who).select_related("run__round"):
        Standing.objects.create(
            publication=one.run.publication, result=one, period=one.run.round.period, assessee_id=who,
            name=one.name, person=one.person, grade_change=-1,
        )  # fmt: skip
    found = years_of_person(results.people[who].pk, "2020")
    assert sorted(one.falls for one in found) == [1, 2]
    assert len({one.scheme for one in found}) == 2
