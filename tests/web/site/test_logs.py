"""Log lines hold no address and no text of an exception."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client, RequestFactory

from minping_engine.errors import Place
from minping_web.common.problems import RefusedError
from minping_web.site.logs import QuietFormatter, WithoutAddresses, outline_of

SECRET = "13800001111"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the product's handler writes for one logger."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(QuietFormatter())
    handler.addFilter(WithoutAddresses())
    logger = logging.getLogger("django.request")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    yield written
    logger.setLevel(level)
    logger.removeHandler(handler)


def _failing() -> None:
    raise ValueError(f"Key (phone)=({SECRET}) already exists")


def test_the_text_of_an_exception_is_not_logged(lines: io.StringIO) -> None:
    try:
        _failing()
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error")
    assert SECRET not in lines.getvalue()
    assert "ValueError" in lines.getvalue()
    assert "in _failing" in lines.getvalue()


def test_causes_are_outlined_as_well() -> None:
    try:
        try:
            _failing()
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError as error:
        text = outline_of(error)
    assert SECRET not in text
    assert "caused by" in text
    assert "builtins.ValueError" in text


def test_our_own_problems_keep_their_codes() -> None:
    error = RefusedError.of("site.not_set_up", Place())
    assert "site.not_set_up" in outline_of(error)


def test_a_line_about_a_request_names_the_route_not_the_address(lines: io.StringIO) -> None:
    request = RequestFactory().get(f"/v/{SECRET}/", {"q": SECRET})
    logging.getLogger("django.request").warning(
        "%s: %s", "Not Found", request.path, extra={"request": request, "status_code": 404}
    )
    assert SECRET not in lines.getvalue()
    assert "[no route]" in lines.getvalue()


@pytest.mark.django_db
def test_a_missing_page_leaves_no_address_in_the_log(client: Client, lines: io.StringIO) -> None:
    client.get(f"/v/{SECRET}/?q={SECRET}")
    assert "Not Found" in lines.getvalue()
    assert SECRET not in lines.getvalue()
