"""A real process is killed with -9 at every step of closing; the next one brings the round to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from minping_engine.snapshot import check_snapshot, open_snapshot, read_parquet
from minping_web.ballots.models import BallotSlot, CountedReceipt, RoundClosing, SealedComment
from minping_web.ballots.rules.words import Body, ClosingState
from minping_web.ballots.services import key_files
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.services.secrets import key_folder, secrets_of
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.services.writing import snapshot_folder
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]
STEPS = ("counted", "written", "recounted", "logged", "keys destroyed", "rows deleted")
BEFORE_LOGGED = STEPS[:3]
QUICK = ("written", "logged")
"""One before the point of no return and one after it; the others are run in depth."""
CHILD = """
import os, signal, sys
import django
django.setup()
from django.db import connections
connections["default"].settings_dict.update(NAME=os.environ["THE_DATABASE"], HOST=os.environ["THE_HOST"])
import minping_web.site.urls
from minping_web.snapshots.services.closing import close_round
class Quiet:
    def __call__(self, done, total, note=""):
        pass
def reached(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
close_round(int(sys.argv[1]), Quiet(), reached)
"""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    factory.cheap_scrypt(monkeypatch)


@pytest.fixture
def receipts(district: SmallDistrict, ready: OpenRound) -> list[str]:
    """Every household voted and was thanked with a receipt."""
    return sorted(factory.vote(token, comment="谢谢").receipt for token in ready.all_tokens)


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """Three areas with six households each, custodians, and their keys brought."""
    keepers = factory.three_keepers()
    made = open_round(district, n=6, areas=district.responsibility_areas[:3])
    factory.reseal(made)
    made.keepers = keepers  # type: ignore[attr-defined]
    return made


def killed_at(step: str, ready: OpenRound, folder: Path) -> None:
    """Run the closing in a process of its own, which ends at this step as by `kill -9`."""
    script = folder / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    database = connection.settings_dict
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.web.frames.child_settings",
        "MINPING_DATA": str(settings.DATA_FOLDER), "THE_DATABASE": str(database["NAME"]),
        "THE_HOST": str(database.get("HOST") or ""), "PYTHONPATH": os.getcwd(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, str(script), str(ready.round.pk), step],
        env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr


@pytest.mark.parametrize(
    "step", [step if step in QUICK else pytest.param(step, marks=pytest.mark.deep) for step in STEPS]
)
def test_after_kill_minus_nine_every_vote_is_there_once(
    step: str, ready: OpenRound, receipts: list[str], tmp_path: Path
) -> None:
    keepers = ready.keepers  # type: ignore[attr-defined]
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.BUREAU], keepers[Body.AUDITOR])
    killed_at(step, ready, tmp_path)
    state = RoundClosing.objects.get(pk=ready.round.pk).state
    assert (state == ClosingState.LOGGED) == (step not in BEFORE_LOGGED)
    if step in BEFORE_LOGGED:
        assert BallotSlot.objects.count() == len(receipts)
        assert key_files.read_private(ready.round.pk) is not None
        assert not CountedReceipt.objects.exists()
        assert not StagedEntry.objects.filter(kind="round.counted").exists()
    first = RoundClosing.objects.get(pk=ready.round.pk).snapshot_sha256
    factory.close(ready)
    _is_whole(ready, receipts)
    again = RoundClosing.objects.get(pk=ready.round.pk).snapshot_sha256
    assert (again == first) == (step not in BEFORE_LOGGED), "before `logged` a new shuffle, after it none"


def _is_whole(ready: OpenRound, receipts: list[str]) -> None:
    closing = RoundClosing.objects.get(pk=ready.round.pk)
    assert (closing.state, closing.n_counted) == (ClosingState.PURGED, len(receipts))
    assert sorted(CountedReceipt.objects.values_list("receipt", flat=True)) == receipts
    assert SealedComment.objects.count() == len(receipts)
    assert StagedEntry.objects.filter(kind="round.counted").count() == 1
    row = SealedSnapshot.objects.get(round=ready.round)
    folders = [path.name for path in snapshot_folder().glob(f"*round-{ready.round.pk}-*")]
    assert folders == [row.folder]
    folder = snapshot_folder() / row.folder
    assert check_snapshot(folder) == ()
    tables = [read_parquet(part.path) for part in open_snapshot(folder).parts]
    assert sum(table.num_rows for table in tables) == len(receipts)
    assert not BallotSlot.objects.exists()
    assert not key_folder(ready.round.pk).exists()
    assert secrets_of(ready.round.pk) is None
