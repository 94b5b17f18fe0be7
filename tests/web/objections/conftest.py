"""What every test of objections begins with: a closed and assessed round, made once for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from minping_web.assessments.models import AssessmentRun
from tests.web import factories
from tests.web.objections import factory
from tests.web.objections.factory import Assessed
from tests.web.snapshots import factory as closing


@pytest.fixture(autouse=True)
def demonstration() -> Iterator[None]:
    """The scheme's grade bands were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


@pytest.fixture(scope="module")
def assessed_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Assessed]:
    """A done run of two workers, with interviews in batches and evidence beside ballots."""
    with closing.kept_for_a_module(django_db_blocker), override_settings(DEMO=True):
        yield factory.assessed(factories.small_district(), batches=True)


@pytest.fixture
def made(assessed_once: Assessed, db: None) -> Assessed:
    """The same, with everything taken back that a test does to it."""
    run = AssessmentRun.objects.select_related("round", "scheme", "snapshot").get(pk=assessed_once.run.pk)
    return Assessed(assessed_once.district, run, assessed_once.good, assessed_once.bad)
