"""Probes and numbers: they tell whether it works and nothing about anybody."""

from __future__ import annotations

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from minping_web.common.models import Deployment
from minping_web.site import metrics
from minping_web.site.middleware import RequestMiddleware, may_read_metrics
from tests.web import factories

TOKEN = "a-long-random-text"


def _set_up(kind: str = "real") -> None:
    Deployment.objects.create(pk=1, kind=kind, name="试验区", created_at=timezone.now())


@pytest.mark.sqlite
@pytest.mark.django_db
def test_the_health_page_says_ok_without_session_and_without_details(client: Client) -> None:
    answer = client.get("/healthz", headers={"host": "no-such-name.example"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert not answer.cookies


@pytest.mark.django_db
def test_the_health_page_says_503_when_the_database_does_not_answer(client: Client) -> None:
    def refused(*_: object) -> None:
        raise OperationalError

    with connection.execute_wrapper(refused):
        answer = client.get("/healthz")
        assert answer.status_code == 503
        assert client.get("/readyz").json() == {"status": "failing", "checks": {"database": False}}


@pytest.mark.sqlite
@pytest.mark.django_db
def test_a_deployment_is_ready_only_after_it_was_set_up(client: Client) -> None:
    before = client.get("/readyz")
    _set_up()
    after = client.get("/readyz")
    assert (before.status_code, before.json()["checks"]["set_up"]) == (503, False)
    assert (after.status_code, set(after.json()["checks"].values())) == (200, {True})


def test_probes_take_no_other_method(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


@pytest.mark.parametrize(
    ("meta", "allowed"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, True),
        ({"REMOTE_ADDR": "::1"}, True),
        ({"REMOTE_ADDR": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"}, False),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, True),
        ({"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer wrong"}, False),
        ({"REMOTE_ADDR": ""}, False),
    ],
)
def test_metrics_are_for_this_machine_and_for_who_has_the_token(meta: dict[str, str], allowed: bool) -> None:
    with override_settings(METRICS_TOKEN=TOKEN):
        assert may_read_metrics(RequestFactory().get("/metrics", **meta)) is allowed


def test_without_a_token_an_empty_one_opens_nothing() -> None:
    request = RequestFactory().get("/metrics", REMOTE_ADDR="203.0.113.9", HTTP_AUTHORIZATION="Bearer ")
    with override_settings(METRICS_TOKEN=""):
        assert may_read_metrics(request) is False


@pytest.mark.sqlite
@pytest.mark.django_db
def test_metrics_count_requests_by_class_and_name_no_address(client: Client) -> None:
    client.get("/v/SECRET-TOKEN/")
    text = client.get("/metrics").content.decode()
    assert 'minping_request_seconds_count{app="ballots",class="4xx"}' in text
    assert "SECRET-TOKEN" not in text
    for name in metrics.HELP:
        assert f"# TYPE {name} " in text


def test_buckets_of_durations_add_up() -> None:
    counted = metrics.Requests()
    for seconds in (0.004, 0.04, 20.0):
        counted.note("places", 200, seconds)
    rows = {(name, labels.get("le")): value for name, labels, value in counted.rows()}
    assert rows["minping_request_seconds_bucket", "0.01"] == 1
    assert rows["minping_request_seconds_bucket", "0.05"] == 2
    assert rows["minping_request_seconds_bucket", "10"] == 2
    assert rows["minping_request_seconds_bucket", "+Inf"] == 3
    assert rows["minping_request_seconds_count", None] == 3


def test_every_answer_has_a_number_and_forbids_devices() -> None:
    answer = RequestMiddleware(lambda request: HttpResponse())(RequestFactory().get("/"))
    assert len(answer.headers["X-Request-ID"]) == 16
    assert "geolocation=()" in answer.headers["Permissions-Policy"]


@pytest.mark.sqlite
@pytest.mark.django_db
def test_pages_carry_the_headers_that_browsers_should_obey(client: Client) -> None:
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.sqlite
@pytest.mark.django_db
def test_metrics_see_waiting_jobs_and_staged_entries(client: Client) -> None:
    from minping_web.ledger.services import stage

    stage("test.kind", "test/1", {"n": 1})
    factories.user()
    text = client.get("/metrics").content.decode()
    assert 'minping_ledger_entries{state="staged"} 1' in text
    assert 'minping_jobs{state="queued"} 0' in text
