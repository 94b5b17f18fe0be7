"""Main pages with a full district: few queries, whatever the number of rows, and quick."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.places.models import Area
from tests.web.factories import scope_with
from tests.web.places.factory import FULL_HEADINGS, full_district_rows, import_rows, signed_in

MOST = {
    "places:list": 20,
    "places:household_rule": 18,
    "places:map": 16,
    "places:figures": 14,
    "public_map": 16,
}
SLOWEST_SECONDS = 0.5
"""Processor seconds; a loaded machine runs slower, so this is far above what the printed lines say."""


@pytest.mark.sqlite
def test_main_pages_of_a_full_district_need_few_queries(
    client: Client, db: None, tmp_path: Path, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    import_rows(scope_with("district_bureau"), full_district_rows(), tmp_path, FULL_HEADINGS)
    signed_in(client, "district_bureau")
    pages = [(name, reverse(name)) for name in MOST]
    detail = reverse("places:detail", args=[Area.objects.get(code="M000").pk])
    for name, address in [*pages, ("detail", detail)]:
        client.get(address)
        with django_assert_max_num_queries(MOST.get(name, 28)) as captured:
            start = time.process_time()
            assert client.get(address).status_code == 200
            took = time.process_time() - start
        print(f"{name}: {took * 1000:.0f} ms of processor time, {len(captured)} queries")  # noqa: T201
        assert took < SLOWEST_SECONDS
