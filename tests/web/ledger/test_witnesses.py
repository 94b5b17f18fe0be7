"""Witnesses and anchors in the product: real programs, a real authority; publishing never waits (S104)."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minping_engine.anchors import read_printed
from minping_engine.cli.witness.folder import make_folder, open_witness
from minping_engine.errors import Problem
from minping_engine.proof import FolderStore
from minping_engine.verification import OutsideProofs, verify_log
from minping_engine.witness import Asked, read_policy, request_from_tiles
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.ledger import selectors
from minping_web.ledger.models import Log, PolicyVersion, StagedEntry, Timestamp, Witness
from minping_web.ledger.services import (
    ask_witnesses,
    propose_removal,
    propose_witness,
    sequence,
    stamp_checkpoint,
    take_answer,
    take_cosignature,
    wanted_timestamp,
)
from minping_web.ledger.services.witnessing import _remember
from tests.engine.anchors.authority import Authority, authority
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, scope_with, user
from tests.web.ledger.logs import stage_some
from tests.web.ledger_words import commits_to

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


def administrator() -> object:
    """A scope with the right and a fresh second factor."""
    return scope_with("administrator", fresh=True)


def decided(proposal: object) -> object:
    """Another administrator approves."""
    return approval.approve(administrator(), proposal.pk)  # type: ignore[attr-defined, arg-type]


def entered(folder: Path, name: str, address: str = "", quorum: int = 1) -> Witness:
    """A witness of its own folder, entered by two persons."""
    log = Log.objects.get()
    make_folder(folder, name, [log.verifier])
    key = (folder / "witness-key.pub").read_text("utf-8").strip()
    proposal = propose_witness(
        administrator(), key=key, address=address, quorum=quorum, reason="independent"  # type: ignore[arg-type]
    )  # fmt: skip
    decided(proposal)
    return Witness.objects.get(name=name)


@pytest.fixture
def published(district: SmallDistrict) -> Log:
    """A log of 300 entries."""
    stage_some(300)
    sequence()
    return Log.objects.get()


class Serving:
    """A real `minping witness serve` on a free port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        words = ["witness", "serve", "--dir", str(folder), "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "minping_engine", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _wait(self) -> None:
        for _try in range(200):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the witness does not answer")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def test_a_witness_program_signs_what_was_published_and_everybody_can_check_it(
    published: Log, tmp_path: Path, client: Client
) -> None:
    """Entered by two, asked by the job, published with the checkpoint, checked by the published rule."""
    witness = entered(tmp_path / "jiwei", "jiwei.example.cn/witness")
    assert selectors.witnesses_have_work() is False  # without an address nobody is asked
    serving = Serving(tmp_path / "jiwei")
    Witness.objects.update(address=serving.address)
    try:
        sequence()  # the policy's own entry
        assert selectors.witnesses_have_work()
        assert ask_witnesses() == {"signed": 1, "problems": 0}
        stage_some(10, "more")
        sequence()
        assert ask_witnesses() == {"signed": 1, "problems": 0}  # from the size that it signed before
    finally:
        serving.stop()
    assert not selectors.witnesses_have_work()
    witness.refresh_from_db()
    size = Log.objects.get().published_size
    assert (witness.signed_size, witness.problem, witness.failures) == (size, None, 0)
    policy = read_policy(client.get("/log/policy").content.decode())
    for folder in (selectors.folder_of(1), selectors.mirror_folder_of(1)):
        assert folder is not None
        report = verify_log(folder, published.verifier, outside=OutsideProofs(policy=policy))
        assert report.is_sound
        assert [one.name for one in report.cosigned] == ["jiwei.example.cn/witness"]
    record = StagedEntry.objects.get(kind="ledger.policy").record or {}
    assert record["policy"] == str(policy)
    assert "jiwei.example.cn/witness" in client.get("/log/").content.decode()


class _Stubborn(BaseHTTPRequestHandler):
    """Refuses everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(422)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def stubborn() -> Iterator[str]:
    """Something that refuses."""
    server = HTTPServer(("127.0.0.1", 0), _Stubborn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_refusal_is_an_alarm_for_those_who_see_the_log_and_holds_nothing_up(
    published: Log, tmp_path: Path, stubborn: str, client: Client
) -> None:
    entered(tmp_path / "one", "one.example.cn/witness", stubborn)
    assert ask_witnesses() == {"signed": 0, "problems": 1}
    stage_some(3, "more")
    assert sequence() > 0  # publishing goes on
    assert Log.objects.get().published_size == StagedEntry.objects.count()
    assert selectors.witnesses_to_ask(Log.objects.get()) == []  # not before a while has passed
    for role, sees in (("auditor", True), ("district_bureau", True), ("street_staff", False)):
        who = user()
        grant(who, role) if role != "street_staff" else None
        browser = sign_in(Client(), who)
        assert ("见证方未签名" in browser.get("/").content.decode()) is sees
    auditor = user()
    grant(auditor, "auditor")
    page = sign_in(client, auditor).get("/ledger/witnesses/").content.decode()
    assert "422" in page
    assert "one.example.cn/witness" in page


def test_silence_becomes_an_alarm_only_after_some_time_and_waits_double(
    published: Log, tmp_path: Path
) -> None:
    witness = entered(tmp_path / "one", "one.example.cn/witness", "http://127.0.0.1:9")
    waits = []
    for number in range(1, 4):
        Witness.objects.update(next_at=None)
        assert ask_witnesses() == {"signed": 0, "problems": 1}
        witness.refresh_from_db()
        assert witness.next_at is not None
        assert witness.asked_at is not None
        waits.append((witness.next_at - witness.asked_at).total_seconds())
        assert selectors.is_alarm(witness) is (number >= selectors.SILENT_FROM)
    assert [round(one) for one in waits] == [60, 120, 240]
    assert (witness.problem or {})["code"] == "ledger.witness_silent"


def test_who_is_removed_while_it_is_asked_does_not_come_back_with_the_answer(
    published: Log, tmp_path: Path
) -> None:
    asked = entered(tmp_path / "one", "one.example.cn/witness")
    Witness.objects.filter(pk=asked.pk).update(removed_at=now())
    _remember(asked, Asked(None, None, Problem("ledger.witness_silent", params={"name": "", "reason": ""})))
    assert not selectors.present_witnesses().exists()


def test_a_signature_can_be_brought_on_a_stick(published: Log, tmp_path: Path, client: Client) -> None:
    entered(tmp_path / "far", "far.example.cn/witness")
    sequence()
    store, note = FolderStore(selectors.folder_of(1)), Log.objects.get().checkpoint.encode()
    answer = open_witness(tmp_path / "far").add_checkpoint(bytes(request_from_tiles(store, note, 0)))
    who = user()
    grant(who, "administrator")
    browser = sign_in(client, who, factor_minutes_ago=1)
    sent = {"file": SimpleUploadedFile("cosignature", answer.body)}
    assert browser.post("/ledger/witnesses/cosignature/", sent).status_code == 302
    assert answer.body.decode() in client.get("/log/checkpoint").content.decode()
    refused = browser.post("/ledger/witnesses/cosignature/", {"file": SimpleUploadedFile("x", b"rubbish")})
    assert refused.status_code == 422
    stage_some(2, "later")
    sequence()
    with pytest.raises(RefusedError) as error:  # the log has grown since
        take_cosignature(None, answer.body)
    assert error.value.problems[0].code == "ledger.cosignature_unfit"


def test_witnesses_come_and_go_by_two_administrators_and_every_rule_is_logged(
    published: Log, tmp_path: Path
) -> None:
    first = entered(tmp_path / "one", "one.example.cn/witness")
    entered(tmp_path / "two", "two.example.cn/witness", quorum=2)
    mine = administrator()
    proposal = propose_removal(mine, first, quorum=1, reason="retired its key")  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as error:
        approval.approve(mine, proposal.pk)  # type: ignore[arg-type]
    assert error.value.problems[0].code == "approval.same_person"
    decided(proposal)
    assert [one.name for one in selectors.present_witnesses()] == ["two.example.cn/witness"]
    policies = list(PolicyVersion.objects.order_by("number"))
    assert [(one.number, one.quorum) for one in policies] == [(1, 1), (2, 2), (3, 1)]
    records = [one.record for one in StagedEntry.objects.filter(kind="ledger.policy").order_by("pk")]
    assert len(records) == 3
    assert commits_to(records[-1], "reason", "retired its key")
    assert "one.example.cn" not in policies[-1].text
    with pytest.raises(PermissionDenied):
        propose_witness(scope_with("auditor"), key=first.verifier, address="", quorum=2, reason="x")


def test_what_cannot_be_a_witness_is_refused(published: Log, tmp_path: Path) -> None:
    make_folder(tmp_path / "one", "one.example.cn/witness", [published.verifier])
    key = (tmp_path / "one" / "witness-key.pub").read_text("utf-8").strip()
    changes: list[tuple[dict[str, object], str]] = [
        ({"key": "rubbish"}, "ledger.witness_key"),
        ({"key": published.verifier}, "ledger.witness_key"),
        ({"address": "file:///etc/passwd"}, "ledger.witness_address"),
        ({"quorum": 2}, "ledger.witness_quorum"),
        ({"quorum": 0}, "ledger.witness_quorum"),
    ]
    for change, code in changes:
        asked = {"key": key, "address": "", "quorum": 1, "reason": "x", **change}
        with pytest.raises(RefusedError) as error:
            propose_witness(administrator(), **asked)  # type: ignore[arg-type]
        assert error.value.problems[0].code == code


# --- timestamps and paper ----------------------------------------------------------------------------------
@pytest.fixture
def time_authority(tmp_path: Path, settings: object) -> Authority:
    """An invented authority whose root is set up."""
    (tmp_path / "tsa").mkdir()
    made = authority(tmp_path / "tsa")
    (tmp_path / "roots.pem").write_bytes(made.root)
    settings.TIMESTAMP_ROOTS = tmp_path / "roots.pem"  # type: ignore[attr-defined]
    return made


@pytest.fixture
def answering(time_authority: Authority) -> Iterator[str]:
    """The authority over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = time_authority.answers(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_the_authority_is_asked_once_a_day_and_its_answer_checked(
    published: Log, answering: str, settings: object, client: Client
) -> None:
    assert not selectors.stamping_has_work()
    settings.TIMESTAMP_URL = answering  # type: ignore[attr-defined]
    assert selectors.stamping_has_work()
    made = stamp_checkpoint()
    assert (made.size, made.problem) == (300, None)
    assert "Invented Time Authority" in made.authority
    stage_some(1, "more")
    sequence()
    assert not selectors.stamping_has_work()  # not twice a day
    for part in ("tsq", "tsr", "checkpoint"):
        assert client.get(f"/log/timestamps/300.{part}").status_code == 200
    assert client.get("/log/timestamps/301.tsr").status_code == 404


def test_a_timestamp_can_be_carried_as_files_and_a_wrong_answer_is_refused(
    published: Log, time_authority: Authority, client: Client
) -> None:
    who = user()
    grant(who, "administrator")
    browser = sign_in(client, who, factor_minutes_ago=1)
    request = browser.post("/ledger/anchors/request/").content
    assert request == bytes(wanted_timestamp().request)
    wrong = browser.post("/ledger/anchors/answer/", {"file": SimpleUploadedFile("a.tsr", b"rubbish")})
    assert wrong.status_code == 422
    answer = SimpleUploadedFile("a.tsr", time_authority.answers(request))
    assert browser.post("/ledger/anchors/answer/", {"file": answer}).status_code == 302
    assert Timestamp.objects.get().stated_at is not None
    with pytest.raises(RefusedError) as error:
        take_answer(None, b"once more")
    assert error.value.problems[0].code == "ledger.answer_unfit"


def test_a_silent_authority_is_said_and_asked_again(
    published: Log, time_authority: Authority, settings: object
) -> None:
    settings.TIMESTAMP_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    made = stamp_checkpoint()
    assert (made.problem or {})["code"] == "ledger.authority_silent"
    assert not selectors.stamping_has_work()
    Timestamp.objects.update(next_at=None)
    assert selectors.stamping_has_work()


def test_the_sheet_for_the_notice_board_names_the_published_root(published: Log, client: Client) -> None:
    page = client.get("/log/paper").content.decode()
    letters = re.findall(r"(?:[0-9A-HJKMNP-TV-Z]{4} ){6}[0-9A-HJKMNP-TV-Z]{4}", page)
    printed = read_printed(f"{published.origin} {published.published_size} {' '.join(letters[:2])}")
    assert printed.root == bytes(published.published_root)
    assert "<svg" in page
