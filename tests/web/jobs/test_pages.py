"""Pages of jobs: own ones for everybody, all for who may see them; foreign ones are not found."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from minping_web.accounts.models import User
from minping_web.common.scope import scope_of_user
from minping_web.jobs.models import Job
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, user
from tests.web.jobs.worlds import queued

pytestmark = pytest.mark.django_db


def _entered(client: Client, who: User) -> Client:
    return sign_in(client, who)


@pytest.fixture
def office(district: SmallDistrict) -> dict[str, User]:
    """An administrator, an auditor, street staff, each with that one role."""
    made = {role: user() for role in ("administrator", "auditor", "street_staff")}
    grant(made["administrator"], "administrator")
    grant(made["auditor"], "auditor")
    grant(made["street_staff"], "street_staff", area=district.streets[0])
    return made


def _job(who: User | None, **values: Any) -> Job:
    job = queued("test.effect", scope_of_user(who.pk) if who else None, name="x")
    Job.objects.filter(pk=job.pk).update(**{"title": f"job {job.pk}", **values})
    job.refresh_from_db()
    return job


def test_street_staff_see_their_own_jobs_only(client: Client, office: dict[str, User]) -> None:
    own, foreign = _job(office["street_staff"]), _job(office["administrator"])
    page = _entered(client, office["street_staff"]).get("/jobs/").content.decode()
    assert own.title in page
    assert foreign.title not in page
    assert client.get(f"/jobs/{foreign.pk}/").status_code == 404
    assert client.get(f"/live/jobs/{foreign.pk}").status_code == 404
    export = client.get("/jobs/?format=csv").content.decode("utf-8-sig")
    assert own.title in export
    assert foreign.title not in export


def test_auditors_see_all_jobs_and_change_none(client: Client, office: dict[str, User]) -> None:
    job = _job(office["administrator"], state="failed")
    page = _entered(client, office["auditor"]).get(f"/jobs/{job.pk}/").content.decode()
    assert job.title in page
    assert "/retry/" not in page
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 404
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 404
    job.refresh_from_db()
    assert job.state == "failed"


def test_administrators_repeat_and_stop_jobs_of_others(client: Client, office: dict[str, User]) -> None:
    job = _job(office["street_staff"], state="failed", error="jobs.lease_ran_out", tries=5)
    _entered(client, office["administrator"])
    assert "工作进程都意外中止" in client.get(f"/jobs/{job.pk}/").content.decode()
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 302
    job.refresh_from_db()
    assert (job.state, job.tries) == ("queued", 0)
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 422


def test_a_get_changes_nothing(client: Client, office: dict[str, User]) -> None:
    job = _job(office["administrator"])
    _entered(client, office["administrator"])
    assert client.get(f"/jobs/{job.pk}/cancel/").status_code == 405


def test_an_open_job_reloads_itself_without_scripts_and_an_ended_one_does_not(
    client: Client, office: dict[str, User]
) -> None:
    waiting, ended = _job(office["administrator"]), _job(office["administrator"], state="done")
    _entered(client, office["administrator"])
    assert 'http-equiv="refresh"' in client.get(f"/jobs/{waiting.pk}/").content.decode()
    assert 'http-equiv="refresh"' not in client.get(f"/jobs/{ended.pk}/").content.decode()


def test_only_offered_tasks_are_started_by_hand_and_only_with_their_right(
    client: Client, office: dict[str, User]
) -> None:
    _entered(client, office["auditor"])
    assert client.post("/jobs/start/test.effect/").status_code == 404
    assert client.post("/jobs/start/ledger.verify/").status_code == 302
    assert client.post("/jobs/start/ledger.verify/").status_code == 302
    assert Job.objects.filter(task="ledger.verify").count() == 1
    _entered(client, office["street_staff"])
    assert client.post("/jobs/start/ledger.verify/").status_code == 403


def test_the_list_takes_a_fixed_number_of_queries(
    client: Client, office: dict[str, User], django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        _job(office["street_staff"])
    _entered(client, office["administrator"])
    with django_assert_max_num_queries(14):
        page = client.get("/jobs/")
    assert page.content.decode().count("/jobs/") > 50


def test_an_unknown_error_shows_its_kind_and_a_known_one_how_to_mend_it(
    client: Client, office: dict[str, User]
) -> None:
    _entered(client, office["administrator"])
    unknown = _job(office["administrator"], state="failed", error="ValueError (reading.py:7)")
    assert "ValueError (reading.py:7)" in client.get(f"/jobs/{unknown.pk}/").content.decode()
    known = _job(office["administrator"], state="failed", error="change.still_used ×3")
    page = client.get(f"/jobs/{known.pk}/").content.decode()
    assert "不能删除" in page
    assert "{label}" not in page


def test_visitors_are_sent_to_sign_in(client: Client) -> None:
    for address in ("/jobs/", "/jobs/1/", "/live/jobs/1"):
        assert client.get(address).status_code == 302
