"""An HTTP carrier on this machine: what its answers mean, and what a lost answer leads to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from minping_web.channels.events import MessagesDelivered, MessagesFailed
from minping_web.channels.models import MessageBatch, Provider
from minping_web.channels.services import receipts
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import send_batch
from minping_web.channels.services.carriers import http as http_carrier
from minping_web.channels.services.numbers import is_unsubscribed
from minping_web.channels.services.sending import decide_unsure, send_pieces
from minping_web.common import clock, events
from minping_web.common.problems import RefusedError
from tests.web.channels import factory
from tests.web.channels.conftest import Desk

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

SECRET = "carrier-secret-1"
BODY = '{"to": "{phone}", "content": "{text}", "idem": "{key}"}'


@dataclass
class Gateway:
    """A carrier's interface; `plan` says how it answers: ok, refuse, busy, full, drop (takes it, silent)."""

    url: str = ""
    plan: list[str] = field(default_factory=list)
    taken: list[dict[str, str]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    receipts: list[dict[str, str]] = field(default_factory=list)

    def answer(self, body: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
        word = self.plan.pop(0) if self.plan else "ok"
        if word == "busy":
            return 503, {}
        if word == "full":
            return 200, {"code": 88}
        if word == "refuse":
            return 200, {"code": 17}
        if body["idem"] not in {one["idem"] for one in self.taken}:
            self.taken.append(body)
        return None if word == "drop" else (200, {"code": 0, "data": [{"id": f"ref-{body['to']}"}]})


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A real server in a thread; pauses between tries are short."""
    made = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.heads.append(dict(self.headers))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = made.answer(body)
            if said is None:
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self._say(*said)

        def do_GET(self) -> None:
            self._say(200, {"list": made.receipts})

        def _say(self, status: int, content: dict[str, Any]) -> None:
            told = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(http_carrier, "FIRST_PAUSE", 0.01)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def provider(gateway: Gateway, *, idempotent: bool = False) -> Provider:
    secret = Path(settings.KEY_FOLDER) / "providers" / "carrier"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text(SECRET, "utf-8")
    config = {
        "url": f"{gateway.url}/send?v=1", "headers": "Authorization: Bearer {secret}", "body": BODY,
        "ref_path": "data.0.id", "later_values": "88", "receipts_url": f"{gateway.url}/receipts",
        "receipts_path": "list", "delivered_values": "DELIVRD", "pending_values": "WAIT",
    }  # fmt: skip
    return Provider.objects.create(
        name="carrier", title="试验通道", kind="http", config=config, price_li=45, per_second=1000,
        idempotent=idempotent,
    )  # fmt: skip


def run(desk: Desk, batch: MessageBatch) -> MessageBatch:
    send_batch(desk.firm, batch.pk)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    batch.refresh_from_db()
    return batch


def prepared(desk: Desk, one: Provider, count: int = 3) -> MessageBatch:
    batch = factory.batch(desk.bureau, desk.text, count, provider=one)
    approve_batch(desk.bureau, batch.pk)
    return batch


def states(batch: MessageBatch) -> list[str]:
    return sorted(batch.rows.values_list("state", flat=True))


def test_messages_reach_the_interface_with_the_secret_and_their_own_keys(
    desk: Desk, gateway: Gateway
) -> None:
    batch = run(desk, prepared(desk, provider(gateway)))
    assert batch.state == "done"
    assert sorted(one["to"] for one in gateway.taken) == [factory.phone(n) for n in range(3)]
    assert all("【民评办】" in one["content"] for one in gateway.taken)
    assert len({one["idem"] for one in gateway.taken}) == 3
    assert {head["Authorization"] for head in gateway.heads} == {f"Bearer {SECRET}"}


def test_a_text_cannot_break_out_of_the_body(desk: Desk, gateway: Gateway) -> None:
    from minping_web.channels.services.carriers.template import HttpTemplate

    body = HttpTemplate(body=BODY).filled_body(
        {"phone": "1", "text": 'a","x":"b\\', "key": "k", "secret": "s"}
    )
    assert json.loads(body) == {"to": "1", "content": 'a","x":"b\\', "idem": "k"}


def test_a_refused_number_fails_for_good_and_is_told(desk: Desk, gateway: Gateway) -> None:
    heard: list[object] = []
    events.react({MessagesFailed: [heard.append]})
    gateway.plan = ["refuse"]
    batch = run(desk, prepared(desk, provider(gateway)))
    assert states(batch) == ["failed", "handed_over", "handed_over"]
    row = batch.rows.get(state="failed")
    assert row.sealed is None
    assert heard == [MessagesFailed((row.reference,), "round-1", "carrier:17")]


def test_a_busy_carrier_makes_the_batch_wait_and_nothing_is_lost(desk: Desk, gateway: Gateway) -> None:
    gateway.plan = ["ok", "busy", "full", "busy"]
    batch = run(desk, prepared(desk, provider(gateway)))
    assert (batch.state, batch.pause) == ("paused", "provider")
    assert states(batch) == ["handed_over", "waiting", "waiting"]
    assert batch.spent_parts == 2
    assert run(desk, batch).state == "done"
    assert len(gateway.taken) == 3


def test_a_lost_answer_stops_the_batch_until_a_person_decides(desk: Desk, gateway: Gateway) -> None:
    gateway.plan = ["ok", "drop"]
    batch = run(desk, prepared(desk, provider(gateway)))
    assert (batch.state, batch.pause) == ("paused", "unsure")
    assert states(batch) == ["handed_over", "unsure", "waiting"]
    with pytest.raises(RefusedError):
        send_batch(desk.firm, batch.pk)
    assert decide_unsure(desk.firm, batch.pk, send_again=False) == 1
    assert run(desk, batch).state == "done"
    assert len(gateway.taken) == 3, "the one whose answer was lost had been taken"


def test_a_carrier_that_knows_keys_is_asked_again_and_sends_once(desk: Desk, gateway: Gateway) -> None:
    gateway.plan = ["drop", "ok"]
    batch = run(desk, prepared(desk, provider(gateway, idempotent=True)))
    assert batch.state == "done"
    assert len(gateway.taken) == 3
    assert len(gateway.heads) == 4


def test_without_its_secret_nothing_is_sent(desk: Desk, gateway: Gateway) -> None:
    batch = prepared(desk, provider(gateway))
    (Path(settings.KEY_FOLDER) / "providers" / "carrier").unlink()
    assert run(desk, batch).pause == "provider"
    assert gateway.heads == []


def test_receipts_that_are_asked_for_settle_messages_once(desk: Desk, gateway: Gateway) -> None:
    heard: list[object] = []
    events.react({MessagesFailed: [heard.append], MessagesDelivered: [heard.append]})
    batch = run(desk, prepared(desk, provider(gateway)))
    gateway.receipts = [
        {"id": f"ref-{factory.phone(0)}", "status": "DELIVRD"},
        {"id": f"ref-{factory.phone(1)}", "status": "UNDELIV"},
        {"id": f"ref-{factory.phone(2)}", "status": "WAIT"},
        {"id": "somebody else's", "status": "DELIVRD"},
    ]
    assert receipts.ask_all() == 2
    assert states(batch) == ["delivered", "failed", "handed_over"]
    assert receipts.ask_all() == 0
    assert len(heard) == 2


def call(client: Any, body: bytes, *, secret: str = SECRET, late: int = 0) -> int:
    stamp = str(int(clock.now().timestamp()) - late)
    headers = {"X-Timestamp": stamp, "X-Signature": receipts.signed(secret, body, stamp)}
    return int(
        client.post("/channels/receipts/carrier/", body, "application/json", headers=headers).status_code
    )


def test_only_a_signed_and_fresh_call_is_taken(desk: Desk, gateway: Gateway, client: Any) -> None:
    batch = run(desk, prepared(desk, provider(gateway)))
    body = json.dumps({"list": [{"id": f"ref-{factory.phone(0)}", "status": "DELIVRD"}]}).encode()
    assert call(client, body, secret="guessed") == 404
    assert call(client, body, late=3600) == 404
    assert states(batch) == ["handed_over"] * 3
    assert call(client, body) == 200
    assert call(client, body) == 200, "a replay changes nothing"
    assert states(batch) == ["delivered", "handed_over", "handed_over"]


def test_a_reply_with_the_word_unsubscribes_its_number(desk: Desk, gateway: Gateway, client: Any) -> None:
    provider(gateway)
    replies = [{"phone": factory.phone(7), "text": " r "}, {"phone": factory.phone(8), "text": "谢谢"}]
    assert call(client, json.dumps({"replies": replies}).encode()) == 200
    assert is_unsubscribed(factory.phone(7))
    assert not is_unsubscribed(factory.phone(8))


def test_a_provider_over_plain_http_elsewhere_is_refused(desk: Desk) -> None:
    from minping_web.channels.services.carriers.template import HttpTemplate

    far = HttpTemplate(url="http://sms.example.com/", body=BODY, headers="X: {phone}")
    assert {one.code for one in far.faults()} == {"channels.not_https", "channels.gap_in_header"}
    assert HttpTemplate(url="https://sms.example.com/", body=BODY).faults() == []
    assert {one.code for one in HttpTemplate(url="https://sms.example.com/", body="{phone}").faults()} == {
        "channels.body_gaps"
    }
