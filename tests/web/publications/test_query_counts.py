"""What publishing sets going costs as many queries for a whole district as for a few people."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from minping_web.coaching.models import CoachingPlan, PlanEvent
from minping_web.publications.models import Publication, PublishedFile
from minping_web.publications.selectors.register import office_files, publications_seen, with_files
from minping_web.rewards.models import Standing
from minping_web.rewards.services.drafting import draft_sheets
from tests.web import factories
from tests.web.coaching import factory
from tests.web.coaching.factory import LAST_GRADE, Quarter, Workers

pytestmark = [pytest.mark.django_db]
FEW, MANY = 6, 90


def quarter(made: Workers, period: str) -> Quarter:
    """Everybody stands in the last grade, so that everybody is helped."""
    everybody = range(len(made.people))
    return Quarter(
        period, dict.fromkeys(everybody, 80.0), step=dict.fromkeys(everybody, LAST_GRADE),
        asked={at: factory.last_grade() for at in everybody},
    )  # fmt: skip


def queries(made: Workers, period: str, *, supersedes: Publication | None = None) -> tuple[int, Publication]:
    """Of a publication with the help that it opens, and of the pay that it drafts."""
    with CaptureQueriesContext(connection) as counted:
        publication = factory.publish(made, quarter(made, period), supersedes=supersedes)
        draft_sheets(publication)
    return len(counted), publication


def counts_of(n: int) -> list[int]:
    """New plans, plans that get a second quarter's reasons, reasons that a correction takes back."""
    with transaction.atomic():
        made = factory.workers(factories.small_district(), n)
        first, _published = queries(made, "2020Q1")
        second, published = queries(made, "2020Q2")
        third, _corrected = queries(made, "2020Q2", supersedes=published)
        assert CoachingPlan.objects.count() == n
        assert PlanEvent.objects.filter(what="reasons").count() == 2 * n
        assert Standing.objects.count() == 3 * n
        transaction.set_rollback(True)
    return [first, second, third]


def test_help_and_pay_of_a_district_cost_no_more_queries_than_of_six_people() -> None:
    with override_settings(DEMO=True):
        few, many = counts_of(FEW), counts_of(MANY)
    assert all(more <= fewer for fewer, more in zip(few, many, strict=True)), (few, many)


def test_a_thousand_files_are_counted_and_put_in_order_by_the_database() -> None:
    made = factory.workers(factories.small_district(), 1)
    publication = factory.publish(made, Quarter("2020Q1", {0: 80.0}))
    names = (
        "public/page.zh.html",
        "office/cards/b.pdf",
        "office/cards/communities/a.pdf",
        "office/report.xlsx",
    )
    PublishedFile.objects.bulk_create(
        PublishedFile(publication=publication, path=name, sha256="0" * 64, size=1, is_public=name[0] == "p")
        for name in names
    )
    rows = with_files(publications_seen(factories.scope_with("district_bureau")))
    assert [one.n_files for one in rows] == [len(names)]
    assert f'JOIN "{PublishedFile._meta.db_table}"' not in str(rows.query)
    with CaptureQueriesContext(connection) as counted:
        page = [one.path for one in office_files(publication)[:2]]
    assert page == ["office/report.xlsx", "office/cards/communities/a.pdf"]
    assert "LIMIT 2" in counted[0]["sql"]
