"""The real application against its own contract: generated requests, no fault of ours, answers as promised.

Requests run inside this process through WSGI, on the database of the tests; each is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from minping_web.site.api.contract import contract
from tests.web.api.factory import World, key_of, owner

SCHEMA = schemathesis.openapi.from_dict(contract())
PROMISES = (
    CHECKS.get_one("not_a_server_error"),
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
OPERATIONS = [operation for methods in contract()["paths"].values() for operation in methods.values()]
TAGS = sorted({operation["tags"][0] for operation in OPERATIONS})


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The end of a request must not close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(both: World, settings: Any) -> Iterator[str]:
    """A key that may do everything, as often as the generator likes."""
    settings.API_REQUESTS_PER_MINUTE = 10**9
    return key_of(owner())


def _keeps_its_promises(name: str, key: str, examples: int) -> None:
    operation = SCHEMA.find_operation_by_id(name)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 100,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        with transaction.atomic():
            response = case.call(app=WSGIHandler(), headers={"Authorization": f"Bearer {key}"})
            transaction.set_rollback(True)
        case.validate_response(response, checks=PROMISES)

    call()


def _all_keep_their_promises(tag: str, key: str, examples: int) -> None:
    names = [operation["operationId"] for operation in OPERATIONS if tag in operation["tags"]]
    assert names
    for name in names:
        _keeps_its_promises(name, key, examples)


@pytest.mark.django_db
@pytest.mark.parametrize("tag", TAGS)
def test_generated_requests_get_promised_answers(both: World, key: str, tag: str) -> None:
    _all_keep_their_promises(tag, key, examples=15)


@pytest.mark.deep
@pytest.mark.django_db
@pytest.mark.parametrize("tag", TAGS)
def test_many_generated_requests_get_promised_answers(both: World, key: str, tag: str) -> None:
    _all_keep_their_promises(tag, key, examples=200)
