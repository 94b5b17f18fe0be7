"""One shape for every refusal, in the language that was asked for, without repeating what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse

from minping_web.common import rest
from minping_web.common.problems import texts
from minping_web.common.rest.answers import CODE_OF, CODE_OF_TYPE, KINDS
from minping_web.places import api as places_api
from tests.web.api.factory import Caller, World, codes

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

CALLS: dict[int, Callable[[Caller], HttpResponse]] = {
    400: lambda call: call("POST", "/areas", raw="{"),
    401: lambda call: Caller(None, call.language)("GET", "/areas"),
    404: lambda call: call("GET", "/areas/999999"),
    405: lambda call: call("DELETE", "/areas"),
    413: lambda call: call("POST", "/areas", raw='"' + "x" * 5_000_001 + '"'),
    422: lambda call: call("POST", "/areas", {"code": "A", "name": "B", "level": "moon"}),
}


@pytest.mark.parametrize("status", sorted(CALLS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_status_has_the_one_shape(both: World, bureau: Caller, status: int, language: str) -> None:
    bureau.language = language
    _has_shape(CALLS[status](bureau), status, language)


def _has_shape(response: Any, status: int, language: str) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/json; charset=utf-8"
    body = response.json()
    assert set(body) == {"problems"}
    assert body["problems"]
    for problem in body["problems"]:
        assert set(problem) == {"code", "where", "what", "mend"}
        chinese = any("一" <= letter <= "鿿" for letter in problem["what"] + problem["mend"])
        assert chinese == (language == "zh"), problem


def test_addresses_that_are_none_answer_alike(both: World, bureau: Caller) -> None:
    for method in ("GET", "POST", "PATCH"):
        answer = bureau(method, "/planets/1")
        assert (answer.status_code, codes(answer)) == (404, ["api.not_found"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_too_many_requests_wait(both: World, bureau: Caller, language: str, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0
    bureau.language = language
    answer = bureau("GET", "/areas")
    _has_shape(answer, 429, language)
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_the_limit_counts_each_key_by_itself(
    both: World, bureau: Caller, street: Caller, settings: Any
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2
    statuses = [bureau("GET", "/areas").status_code for _ in range(3)]
    if statuses[-1] == 200:  # the minute turned over between two calls
        statuses = [bureau("GET", "/areas").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert street("GET", "/areas").status_code == 200


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_fault_of_ours_tells_nothing_of_its_inside(
    both: World, bureau: Caller, language: str, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """The database is made to fail under the operation; nothing else stands in for anything."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(places_api, "_wanted", broken)
    bureau.language = language
    answer = bureau("GET", "/areas")
    _has_shape(answer, 500, language)
    assert "secret" not in answer.content.decode()


def test_all_faults_of_a_body_come_at_once_with_their_place(both: World, bureau: Caller) -> None:
    answer = bureau("POST", "/areas", {"code": "a b", "level": "moon", "households": -1, "colour": "red"})
    found = {problem["where"]: problem["code"] for problem in answer.json()["problems"]}  # type: ignore[attr-defined]
    assert found == {
        "body.code": "api.bad_text",
        "body.name": "api.field_missing",
        "body.level": "api.not_in_list",
        "body.households": "api.too_small",
        "body.colour": "api.field_unknown",
    }


def test_what_was_sent_is_not_repeated(both: World, bureau: Caller) -> None:
    body = {
        "code": "X",
        "name": "13912345678\x00",
        "level": "moon13912345678",
        "kind": {"phone": "13912345678"},
    }
    answer = bureau("POST", "/areas", body)
    assert answer.status_code == 422
    assert "13912345678" not in answer.content.decode()


def test_a_changed_cursor_is_refused(both: World, bureau: Caller) -> None:
    for cursor in ("AAAA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "LTE"):
        answer = bureau("GET", f"/areas?cursor={cursor}")
        assert (answer.status_code, codes(answer)) == (422, ["api.cursor_unknown"])
    assert codes(bureau("GET", f"/frames/{both.frame.pk}/units?cursor=MTc")) == ["api.cursor_unknown"]


def test_answers_are_not_kept_by_others(both: World, bureau: Caller) -> None:
    answer = bureau("GET", "/areas")
    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Accept-Language"} <= set(answer["Vary"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,zh;q=0.5", "en"),
        ("zh-CN,en;q=0.9", "zh"),
        ("fr", "zh"),
        ("en;q=x", "zh"),
    ],
)
def test_chinese_comes_first(header: str, language: str) -> None:
    caller = Caller(None, header)
    _has_shape(caller("GET", "/areas"), 401, language)


def test_every_code_has_its_texts() -> None:
    raised = set(CODE_OF.values()) | set(CODE_OF_TYPE.values()) | {f"api.not_a_{word}" for _, word in KINDS}
    assert raised <= set(texts())
    assert rest.problem_answer
