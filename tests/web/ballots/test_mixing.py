"""Reports and invitations lose the order in which they were written: no place and no transaction tells it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from minping_web.ballots.models import CoercionReport, ProblemReport, ReportReading
from minping_web.ballots.rules.pace import Pace
from minping_web.ballots.services import reports
from minping_web.ballots.services.mixing import mix_reports, reports_wait
from minping_web.ballots.services.reports import about_pressure, open_pressure, open_problem, report_problem
from minping_web.common.clock import today
from minping_web.common.crypto import keyring
from minping_web.common.scope import Scope
from minping_web.places.models import Area
from minping_web.rounds.models import Invitation, InvitationToken
from minping_web.rounds.services.mixing import mix_invitations
from tests.web.factories import SmallDistrict, scope_with
from tests.web.rounds.factory import open_round
from tests.web.snapshots import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
MANY = 30


@pytest.fixture
def auditor(district: SmallDistrict, monkeypatch: pytest.MonkeyPatch) -> Scope:
    """Who reads reports."""
    monkeypatch.setattr(reports, "_pace", {CoercionReport: Pace(99, 99), ProblemReport: Pace(99, 99)})
    return scope_with("auditor", area=district.district, fresh=True)


def report(area: Area, number: int, *, days_ago: int = 1) -> UUID:
    """One report of pressure in a transaction of its own; its words tell which it was."""
    key, day = uuid4(), today() - timedelta(days=days_ago)
    sealed = keyring().seal(f"report {number}", about_pressure("text", key))
    CoercionReport.objects.create(id=key, area=area, day=day, kind="told", text=sealed)
    return key


def places(table: str) -> list[Any]:
    """Ids of a table as the disk has them."""
    with connection.cursor() as cursor:
        order = "ctid" if connection.vendor == "postgresql" else "rowid"
        cursor.execute(f"SELECT id FROM {table} ORDER BY {order}")
        return [row[0] if isinstance(row[0], UUID) else UUID(row[0]) for row in cursor.fetchall()]


def transactions(table: str) -> set[int]:
    """Which transactions wrote the rows that are there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT xmin::text::bigint FROM {table}")
        return {row[0] for row in cursor.fetchall()}


def numbers(scope: Scope) -> list[int]:
    """Which report stands where on the disk."""
    keys = places("ballots_coercionreport")
    return [int(open_pressure(scope, key).text.partition(" ")[2]) for key in keys]


def test_reports_of_past_days_stand_in_random_order_under_new_ids(
    district: SmallDistrict, auditor: Scope
) -> None:
    area = district.responsibility_areas[0]
    before = {report(area, number) for number in range(MANY)}
    assert numbers(auditor) == list(range(MANY)), "the order can be seen before"
    assert reports_wait()
    assert mix_reports() == MANY
    after = numbers(auditor)
    assert sorted(after) == list(range(MANY))
    assert after != list(range(MANY))
    assert before.isdisjoint(places("ballots_coercionreport"))
    assert not reports_wait()
    assert mix_reports() == 0


def test_all_of_them_share_one_transaction(district: SmallDistrict, auditor: Scope) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite keeps no transaction beside a row")
    for number in range(5):
        report(district.responsibility_areas[0], number, days_ago=1 + number % 2)
    assert len(transactions("ballots_coercionreport")) == 5
    mix_reports()
    assert len(transactions("ballots_coercionreport")) == 1


def test_reports_of_today_wait_and_problems_keep_words_contact_and_marks(
    district: SmallDistrict, auditor: Scope
) -> None:
    area = district.responsibility_areas[0]
    own = report(area, 1, days_ago=0)
    report_problem(area, "safety", "路灯坏了", contact="10000000001", is_urgent=True)
    ProblemReport.objects.update(day=today() - timedelta(days=3), seen_on=today())
    bureau = scope_with("district_bureau", area=district.district, fresh=True)
    (before,) = places("ballots_problemreport")
    open_problem(bureau, before)
    assert mix_reports() == 1
    assert places("ballots_coercionreport") == [own]
    (key,) = places("ballots_problemreport")
    opened = open_problem(bureau, key)
    assert (opened.text, opened.contact, opened.lost) == ("路灯坏了", "10000000001", False)
    assert opened.report.is_urgent
    assert opened.report.seen_on == today()
    assert ReportReading.objects.filter(report=key).count() == 2
    assert not ReportReading.objects.filter(report=before).exists()


def test_a_report_whose_key_is_lost_stays_as_it_is(district: SmallDistrict, auditor: Scope) -> None:
    key = report(district.responsibility_areas[0], 1)
    CoercionReport.objects.update(text=b"\xff\xff\xff\xff" + bytes(40))
    assert mix_reports() == 1
    assert open_pressure(auditor, key).lost


def test_invitations_of_a_round_that_is_over_tell_no_order_of_votes(district: SmallDistrict) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite rows stay where they were made, and keep no transaction")
    ready = open_round(district, n=3)
    for slips in list(ready.by_invitation.values())[:4]:
        factory.vote(slips[0], (1, 2, 3, 4, 5), about={})
    spent = Invitation.objects.exclude(spent_token=None)
    marks = dict(Invitation.objects.values_list("pk", "spent_day"))
    assert spent.count() == 4
    assert len(transactions("rounds_invitation")) > 3
    mix_invitations(ready.round.pk)
    mix_invitations(ready.round.pk)
    for table in ("rounds_invitation", "rounds_invitationtoken"):
        assert len(transactions(table)) == 1
        assert places(table) == sorted(places(table))
    assert dict(Invitation.objects.values_list("pk", "spent_day")) == marks
    assert InvitationToken.objects.filter(state=2).count() == 4
