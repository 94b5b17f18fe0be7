"""Main pages with a full district take few queries, whatever the number of rows; `bench/` tells the times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from minping_web.places.models import Area
from tests.web.factories import scope_with
from tests.web.places.factory import FULL_HEADINGS, full_district_rows, import_rows, signed_in

MOST = {
    "places:list": 20,
    "places:household_rule": 19,
    "places:map": 16,
    "places:figures": 14,
    "public_map": 16,
}


@pytest.mark.deep
@pytest.mark.sqlite
def test_main_pages_of_a_full_district_need_few_queries(
    client: Client, db: None, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    import_rows(scope_with("district_bureau"), full_district_rows(), tmp_path, FULL_HEADINGS)
    signed_in(client, "district_bureau")
    pages = [(reverse(name), most) for name, most in MOST.items()]
    detail = reverse("places:detail", args=[Area.objects.get(code="M000").pk])
    for address, most in [*pages, (detail, 28)]:
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
