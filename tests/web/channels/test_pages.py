"""Pages of messages and letters: they answer, they refuse, they tell no secret."""

from __future__ import annotations

import logging
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from minping_web.accounts.models import User
from minping_web.ballots.services.codes import GivenCodes
from minping_web.channels.models import MessageBatch, PrintRun
from minping_web.channels.rules.codes import provide_codes
from minping_web.channels.services import printing
from minping_web.channels.services.letters import LetterRow, standard_wording
from minping_web.channels.services.numbers import is_unsubscribed
from minping_web.common.scope import Scope
from tests.web.channels import factory
from tests.web.channels.conftest import Desk
from tests.web.entering import sign_in

WORDING = standard_wording(office="试验部", until="月底", telephone="000", site="minping.example.cn")
TOKEN = "K1GTR70AQJWCKSWP"


def browser(scope: Scope, *, minutes_ago: float = 0) -> Client:
    return sign_in(Client(), User.objects.get(pk=scope.user_id), factor_minutes_ago=minutes_ago)


def body(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def run_of(desk: Desk) -> PrintRun:
    row = LetterRow(uuid4(), f"https://minping.example.cn/v/{TOKEN}", "第一网格", "1")
    return printing.open_print_run(desk.bureau, "round-1", [row], WORDING)


@pytest.mark.django_db(transaction=True)
def test_every_page_opens_in_both_languages_for_bureau_and_firm(desk: Desk) -> None:
    batch, run = factory.batch(desk.bureau, desk.text, 3), run_of(desk)
    pages = ["", f"{batch.pk}/", "texts/", f"texts/{desk.text.text_id}/", "providers/", "rules/", "runs/",
             f"runs/{run.pk}/"]  # fmt: skip
    forms = [f"{batch.pk}/approve/", "texts/new/", f"texts/{desk.text.text_id}/new-version/",
             "signatures/new/",
             "providers/new/", "providers/outbox/", "rules/edit/", f"runs/{run.pk}/destroy/"]  # fmt: skip
    for scope in (desk.bureau, desk.firm):
        client = browser(scope)
        for language in ("zh-hans", "en"):
            client.cookies["minping_language"] = language
            assert [client.get(f"/channels/{page}").status_code for page in pages + forms] == [200] * 16


@pytest.mark.django_db(transaction=True)
def test_no_page_shows_a_number_or_a_link(desk: Desk) -> None:
    batch = factory.sent(desk.bureau, desk.firm, factory.batch(desk.bureau, desk.text, 5))
    client = browser(desk.firm)
    shown = [body(client.get(f"/channels/{page}")) for page in ("", f"{batch.pk}/", "?format=csv", "rules/")]
    for text in shown:
        assert "TOKEN" not in text
        assert factory.phone(1) not in text
        assert "100****" not in text


@pytest.mark.django_db(transaction=True)
def test_approve_and_send_by_the_pages(desk: Desk) -> None:
    batch = factory.batch(desk.bureau, desk.text, 3)
    bureau, firm = browser(desk.bureau), browser(desk.firm)
    assert bureau.post(f"/channels/{batch.pk}/approve/", {"reason": "第一批"}).status_code == 302
    assert bureau.post(f"/channels/{batch.pk}/send/").status_code == 403
    assert firm.post(f"/channels/{batch.pk}/send/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == MessageBatch.State.SENDING
    assert batch.job is not None
    assert "TOKEN" not in str(batch.job.arguments)
    assert firm.post(f"/channels/{batch.pk}/give-up/", {"reason": ""}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_letters_and_the_outbox_file_take_a_second_factor_given_just_now(desk: Desk) -> None:
    run, batch = run_of(desk), factory.sent(desk.bureau, desk.firm, factory.batch(desk.bureau, desk.text, 2))
    stale, fresh = browser(desk.firm, minutes_ago=60), browser(desk.firm)
    for address in (f"/channels/runs/{run.pk}/download/", f"/channels/{batch.pk}/file/"):
        asked = stale.post(address)
        assert asked.status_code == 302
        assert asked.headers["Location"].startswith("/accounts/")
    made = fresh.post(f"/channels/runs/{run.pk}/download/")
    assert b"".join(made.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert made.headers["Cache-Control"] == "no-store"
    assert b"TOKEN" in fresh.post(f"/channels/{batch.pk}/file/").content


@pytest.mark.django_db(transaction=True)
def test_the_page_asks_to_say_when_the_file_was_handed_over(desk: Desk) -> None:
    batch = factory.sent(desk.bureau, desk.firm, factory.batch(desk.bureau, desk.text, 2))
    address = f"/channels/{batch.pk}/file/handed-over/"
    bureau, firm = browser(desk.bureau), browser(desk.firm)
    assert address not in body(bureau.get(f"/channels/{batch.pk}/"))
    assert bureau.post(address).status_code == 403
    assert address in body(firm.get(f"/channels/{batch.pk}/"))
    assert firm.post(address).status_code == 302
    assert address not in body(firm.get(f"/channels/{batch.pk}/"))


@pytest.mark.django_db(transaction=True)
def test_check_and_count_shows_the_length_without_saving(desk: Desk) -> None:
    client = browser(desk.bureau)
    client.cookies["minping_language"] = "en"
    said = {"signature": desk.text.signature_id, "zh": "请评价：{link}", "en": "a prize {link}", "check": "1"}
    answer = client.post(f"/channels/texts/{desk.text.text_id}/new-version/", said)
    assert "61 characters, 1 part" in body(answer)
    assert "prize" in body(answer)
    assert desk.text.text.versions.count() == 1


@pytest.mark.django_db(transaction=True)
def test_lists_take_a_fixed_number_of_queries(desk: Desk, django_assert_max_num_queries: object) -> None:
    for number in range(6):
        factory.batch(desk.bureau, desk.text, 2, owner=f"round-{number}")
    client = browser(desk.bureau)
    client.get("/channels/")
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get("/channels/")
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get("/channels/texts/")


@pytest.mark.django_db(transaction=True)
def test_anybody_may_ask_whether_a_message_is_real(desk: Desk, client: Client) -> None:
    cache.clear()
    client.cookies["minping_language"] = "en"
    text = "【民评办】请您评价和平社区的社区工作者，约2分钟"
    assert "Yes, this fits" in body(client.post("/real/", {"text": text}))
    assert "does not lead to us" in body(client.post("/real/", {"text": f"{text} http://evil.top/v/1"}))
    assert client.post("/real/", {}).status_code == 422
    page = body(client.get("/real/"))
    assert "民评办" in page
    assert "<script" not in page.replace('<script src="/static/minping/minping', "")


class Codes:
    """Stands for the app above that knows codes."""

    def was_given_out(self, code: str) -> bool | None:
        return code == TOKEN

    def belongs_to(self, code: str, phone: str) -> bool:
        return code == TOKEN and phone == factory.phone(1)


@pytest.mark.django_db(transaction=True)
def test_a_code_is_answered_by_whoever_knows_codes(desk: Desk, client: Client) -> None:
    cache.clear()
    client.cookies["minping_language"] = "en"
    provide_codes(None)
    assert "We cannot tell" in body(client.post("/real/", {"code": TOKEN}))
    provide_codes(Codes())
    try:
        assert "this code is ours" in body(client.post("/real/", {"code": "k1gt r70a qjwc kswp"}))
        assert "did not give out" in body(client.post("/real/", {"code": "K1GT"}))
    finally:
        provide_codes(GivenCodes())


@pytest.mark.django_db(transaction=True)
def test_nobody_ends_messages_to_somebody_elses_number(desk: Desk, client: Client) -> None:
    cache.clear()
    said = {"phone": factory.phone(1), "code": f"https://minping.example.cn/v/{TOKEN}"}
    provide_codes(None)
    assert client.post("/real/stop/", said).status_code == 422, "nobody here knows codes"
    provide_codes(Codes())
    try:
        assert client.post("/real/stop/", said | {"phone": factory.phone(2)}).status_code == 422
        assert client.post("/real/stop/", said | {"code": "GUESS"}).status_code == 422
        assert not is_unsubscribed(factory.phone(1))
        assert client.post("/real/stop/", said).status_code == 200
    finally:
        provide_codes(GivenCodes())
    assert is_unsubscribed(factory.phone(1))
    assert not is_unsubscribed(factory.phone(2))


@pytest.mark.django_db(transaction=True)
def test_questions_are_limited_per_address(desk: Desk, client: Client) -> None:
    cache.clear()
    found = [client.post("/real/", {"text": "你好你好你好你好"}).status_code for _ in range(21)]
    assert found == [200] * 20 + [429]


@pytest.mark.django_db(transaction=True)
def test_no_log_holds_a_number_a_text_or_a_token(
    desk: Desk, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    cache.clear()
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "django"):
        logging.getLogger("minping_web.channels").debug("the test listens")
        batch = factory.sent(desk.bureau, desk.firm, factory.batch(desk.bureau, desk.text, 5))
        firm = browser(desk.firm)
        firm.get(f"/channels/{batch.pk}/")
        firm.get("/channels/999999/")
        b"".join(firm.post(f"/channels/runs/{run_of(desk).pk}/download/").streaming_content)  # type: ignore[attr-defined]
        client.post("/real/", {"text": f"请评价 https://x.cn/v/{TOKEN}", "code": TOKEN})
        client.post("/real/stop/", {"phone": factory.phone(3), "code": TOKEN})
    written = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    assert "the test listens" in written
    for secret in (TOKEN, "TOKEN", factory.phone(1), factory.phone(3), "请您评价"):
        assert secret not in written
