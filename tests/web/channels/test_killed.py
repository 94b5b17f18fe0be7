"""A real worker is killed with -9 between the carrier's call and the commit: nothing goes twice unsaid."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from minping_web.channels.models import MessageBatch, Provider
from minping_web.channels.services.approving import approve_batch
from minping_web.channels.services.batches import send_batch
from minping_web.channels.services.carriers import outbox_folder
from minping_web.channels.services.sending import decide_unsure, send_pieces
from tests.web.channels import factory
from tests.web.channels.conftest import Desk

CHILD = """
import os, signal, sys
import django
from django.conf import settings
django.setup()
settings.KEY_FOLDER, settings.DATA_FOLDER = sys.argv[2], sys.argv[3]
from django.db import connections
connections["default"].settings_dict.update(NAME=os.environ["THE_DATABASE"], HOST=os.environ["THE_HOST"])
from minping_web.channels.services import sending
from minping_web.channels.services.carriers.file import FileCarrier
from minping_web.common import clock
from minping_web.common.scope import system_scope
FileCarrier.most_at_once = 4
FileCarrier.idempotent = sys.argv[4] == "1"
real, calls = FileCarrier.send, []
def send(self, parcels):
    receipts = real(self, parcels)
    calls.append(1)
    if len(calls) == 3:
        os.kill(os.getpid(), signal.SIGKILL)  # the carrier has them, the database does not know
    return receipts
FileCarrier.send = send
now = clock.now
clock.now = lambda: now().replace(hour=4)
class Quiet:
    scope = system_scope()
    def __call__(self, done, total, note=""): pass
sending.send_pieces(Quiet(), int(sys.argv[1]))
"""


def killed(batch: MessageBatch, folder: Path, *, idempotent: bool) -> None:
    script = folder / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    database = connection.settings_dict
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.web.frames.child_settings",
        "MINPING_DATA": str(settings.DATA_FOLDER), "THE_DATABASE": str(database["NAME"]),
        "THE_HOST": str(database.get("HOST") or ""), "PYTHONPATH": os.getcwd(),
    }  # fmt: skip
    child = subprocess.run(
        [sys.executable, str(script), str(batch.pk), str(settings.KEY_FOLDER), str(settings.DATA_FOLDER),
         str(int(idempotent))], env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL, child.stderr


def phones(batch: MessageBatch) -> Counter[str]:
    lines = (outbox_folder() / f"batch-{batch.pk}.jsonl").read_text("utf-8").splitlines()
    return Counter(json.loads(line)["phone"] for line in lines)


def begun(desk: Desk, tmp_path: Path, *, idempotent: bool) -> MessageBatch:
    batch = factory.batch(desk.bureau, desk.text, 20)
    approve_batch(desk.bureau, batch.pk)
    send_batch(desk.firm, batch.pk)
    killed(batch, tmp_path, idempotent=idempotent)
    found = Counter(batch.rows.values_list("state", flat=True))
    assert found == {"handed_over": 8, "leaving": 4, "waiting": 8}
    assert sum(phones(batch).values()) == 12
    return batch


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_carrier_that_knows_keys_gets_each_message_once_after_a_kill(desk: Desk, tmp_path: Path) -> None:
    batch = begun(desk, tmp_path, idempotent=True)
    path = outbox_folder() / f"batch-{batch.pk}.jsonl"
    with path.open("ab") as file:
        file.write(b'{"key": "torn')  # and the last line was torn
    send_pieces(factory.Reports(desk.firm), batch.pk)
    assert phones(batch) == {factory.phone(n): 1 for n in range(20)}
    batch.refresh_from_db()
    assert batch.state == "done"


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_for_any_other_carrier_a_person_decides_after_a_kill(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from minping_web.channels.services.carriers.file import FileCarrier

    monkeypatch.setattr(FileCarrier, "idempotent", False)
    batch = begun(desk, tmp_path, idempotent=False)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.pause) == ("paused", "unsure")
    assert sum(phones(batch).values()) == 12, "nothing went out before the decision"
    decide_unsure(desk.firm, batch.pk, send_again=False)
    send_batch(desk.firm, batch.pk)
    send_pieces(factory.Reports(desk.firm), batch.pk)
    assert phones(batch) == {factory.phone(n): 1 for n in range(20)}
    assert Provider.objects.get(name="outbox").days.get().messages == 20
