"""No live token anywhere but on its way to its household: logs of product, proxy and database, every table.

Codes are made, sent and used as in life: the product's own sending into the outbox, nginx with the shipped
template before the real server, votes, mistyped addresses, forms that are too long, and a database connection
that dies in the middle of a vote. Then everything that was written is searched for each token and for its
two keyed hashes, which may stand in one table each and in no log.
"""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from minping_web.ballots.models import BallotSlot
from minping_web.channels.models import MessageBatch, OutgoingMessage
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import send_batch
from minping_web.channels.services.carriers import outbox_folder
from minping_web.channels.services.sending import send_pieces
from minping_web.common import clock
from minping_web.common.scope import entered
from minping_web.jobs.models import Job
from minping_web.ledger.services import sequence
from minping_web.rounds.models import Invitation
from minping_web.rounds.services.inviting import Sending, fill, send
from minping_web.rounds.services.secrets import secrets_of
from minping_web.site.processes import bound_socket
from tests.web.ballots.served import Device, serving
from tests.web.factories import SmallDistrict, scope_with
from tests.web.rounds.conftest import Unseen
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.rounds.test_inviting import provider, texts

pytestmark = pytest.mark.django_db(transaction=True)
DEPLOY = Path(__file__).parents[3] / "deploy" / "nginx"
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """An open round without codes."""
    return open_round(district, n=3, channels=())


@pytest.fixture(autouse=True)
def _own_log(tmp_path: Path, settings: Any) -> None:
    """A log of its own: other tests emptied the database behind the common one."""
    (tmp_path / "ledger").mkdir()
    settings.LEDGER_FOLDER, settings.LEDGER_MIRROR = tmp_path / "ledger", None


@pytest.fixture(autouse=True)
def _daytime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages leave by day only; only the hour is moved."""
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real().replace(hour=4))


def sent_codes(ready: OpenRound, district: SmallDistrict) -> list[str]:
    """Codes on the product's own way, and what the household reads."""
    bureau, firm = (
        scope_with(role, area=district.district, fresh=True) for role in ("district_bureau", "survey_manager")
    )
    with entered(bureau):
        batch = send(bureau, ready.round.pk, Sending("第一批", texts()["invite"], provider(), 100_000))
    fill(bureau, batch.pk, Unseen(bureau))
    batch.refresh_from_db()
    messages = MessageBatch.objects.get(pk=int(batch.owner_ref))
    with entered(bureau):
        approve_batch(bureau, messages.pk)
    with entered(firm):
        send_batch(firm, messages.pk)
    send_pieces(Unseen(firm), messages.pk)
    text = (outbox_folder() / f"batch-{messages.pk}.jsonl").read_text("utf-8")
    return sorted(set(re.findall(r"/v/([0-9A-Z]{16})", text)))


@contextmanager
def behind_nginx(folder: Path, product: str) -> Iterator[Device]:
    """A device that reaches the product through the shipped template; straight where nginx is missing."""
    program = shutil.which("nginx", path=SYSTEM)
    if program is None:
        with Device(product) as device:
            yield device
        return
    with bound_socket("127.0.0.1", 0) as one, bound_socket("127.0.0.1", 0) as other:
        plain, secure = one.getsockname()[1], other.getsockname()[1]
    _configure(folder, product, (plain, secure))
    command = [program, "-p", str(folder), "-c", "nginx.conf"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with Device(f"127.0.0.1:{secure}", tls=context) as device:
            yield device
    finally:
        subprocess.run([*command, "-s", "quit"], check=True, capture_output=True)


def _configure(folder: Path, product: str, ports: tuple[int, int]) -> None:
    """The templates with this machine's ports and folders; nothing else is changed."""
    folder.chmod(0o755)
    shutil.copy(DEPLOY / "minping-proxy.inc", folder)
    upstream = (DEPLOY / "minping-upstream.inc").read_text("utf-8").replace("127.0.0.1:8000", product)
    (folder / "minping-upstream.inc").write_text(upstream, "utf-8")
    text = (DEPLOY / "minping.conf").read_text("utf-8")
    text = text.replace("/etc/minping/certificates", str(folder)).replace("/var/log/nginx", str(folder))
    text = re.sub(r"listen \[::\]:.*;\n", "", text)
    text = text.replace("listen 80;", f"listen 127.0.0.1:{ports[0]};")
    text = text.replace("listen 443", f"listen 127.0.0.1:{ports[1]}")
    (folder / "site.conf").write_text(text, "utf-8")
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in ("fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid;\nerror_log {folder}/main-error.log crit;\nevents {{}}\nhttp {{\n"
        f"client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; {temporary}\n"
        "include site.conf;\n}\n",
        "utf-8",
    )
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    where = ["-keyout", str(folder / "minping.key"), "-out", str(folder / "minping.pem")]
    subprocess.run(["openssl", *made, *where], check=True, capture_output=True)


def live_a_little(device: Device, tokens: list[str]) -> None:
    """Votes and everything that goes wrong around them."""
    for token in tokens:
        page = device.open(token)
        assert page is not None
        assert page.status == 200
        answer = device.send(token, page.hidden, (5, 4, 3, 2, 1), comment="路灯坏了")
        assert answer is not None
        assert answer.receipt
    token = tokens[0]
    for path in (
        f"/v/{token}",
        f"/v/{token}/more",
        f"/v/{token}{token}/",
        f"/V/{token}/",
        f"/?next=/v/{token}/",
    ):
        assert device.fetch(path)[0] in {200, 301, 302, 404}, path.replace(token, "TOKEN")
    assert device.fetch("/v/", {"code": token})[0] == 302
    assert device.fetch(f"/v/{token}/", {"form_id": "x", "comment": "好" * 30_000})[0] in {0, 413}
    assert device.fetch(f"/v/{token}/?lang={token}")[0] == 200


def break_connection(device: Device, token: str) -> None:
    """The database ends the connection while a vote waits in it; sent again, the same form counts."""
    page = device.open(token)
    assert page is not None
    told: list[Any] = []
    voter = threading.Thread(target=lambda: told.append(device.send(token, page.hidden, (1, 1, 1, 1, 1))))
    with transaction.atomic():
        list(Invitation.objects.select_for_update())
        voter.start()
        _end_waiting()
        voter.join()
    assert told[0].status == 500
    again = device.send(token, page.hidden, (1, 1, 1, 1, 1))
    assert again is not None
    assert again.receipt


def _end_waiting() -> None:
    """As an operator would who ends a query by hand."""
    find = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with _as_root() as there:
        for _time in range(100):
            if there.execute(find).fetchall():
                return
            time.sleep(0.1)
    raise AssertionError("no vote waits")


def _as_root() -> psycopg.Connection[Any]:
    told = connection.settings_dict
    return psycopg.connect(host=told["HOST"], dbname=told["NAME"], user="root_of_tests", autocommit=True)


def tables_with(words: list[bytes]) -> set[str]:
    """Tables in which any of these stands, in any column."""
    found = set()
    for name in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{name}"')
            for row in cursor.fetchall():
                text = b" ".join(
                    bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                    for cell in row
                )
                if any(word in text for word in words):
                    found.add(name)
    return found


def files_with(words: list[bytes], paths: list[Path]) -> set[str]:
    """Files in which any of these stands."""
    return {path.name for path in paths if any(word in path.read_bytes() for word in words)}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="reads PostgreSQL's log")
def test_no_log_and_no_table_holds_a_token(ready: OpenRound, district: SmallDistrict, tmp_path: Path) -> None:
    database_log = Path(connection.settings_dict["HOST"]) / "log"
    began = len(database_log.read_bytes())
    with _as_root() as there:
        there.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET log_duration = on')
    tokens = sent_codes(ready, district)
    assert len(tokens) == 18
    with serving(tmp_path) as server, behind_nginx(tmp_path, server.address) as device:
        live_a_little(device, tokens[1:])
        break_connection(device, tokens[0])
    sequence()
    assert BallotSlot.objects.count() == 18
    keys = secrets_of(ready.round.pk)
    assert keys
    hashes = [found for token in tokens for found in (keys.h1(token), keys.h2(token))]
    words = [token.encode() for token in tokens]
    assert tables_with(words) == set()
    assert tables_with(hashes) == {"rounds_invitationtoken", "ballots_ballotslot"}
    said = database_log.read_bytes()[began:]
    assert b"duration:" in said
    assert b"terminating connection" in said
    (tmp_path / "postgresql.log").write_bytes(said)
    spelled = [*words, *hashes, *(found.hex().encode() for found in hashes)]
    logs = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"server.log", "postgresql.log"} <= {path.name for path in logs}
    assert b"OperationalError" in (tmp_path / "server.log").read_bytes()
    assert files_with(spelled, logs) == set()
    kept = [path for path in Path(settings.DATA_FOLDER).rglob("*") if path.is_file()]
    assert files_with(spelled, [path for path in kept if outbox_folder() not in path.parents]) == set()


def test_what_was_sent_is_forgotten_by_the_product(ready: OpenRound, district: SmallDistrict) -> None:
    """The outbox file is the household's message itself, on its way; the product keeps nothing to open."""
    tokens = sent_codes(ready, district)
    assert len(tokens) == 18
    assert OutgoingMessage.objects.exclude(sealed=None).count() == 0
    assert not Session.objects.exists()
    assert not [job for job in Job.objects.all() if any(token in str(job.__dict__) for token in tokens)]
