"""A real process is killed with -9 in the middle of a load, another takes the import up again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from minping_web.common.scope import entered
from minping_web.frames.models import Frame, Unit, UnitContact
from minping_web.frames.selectors.frames import frames_seen
from minping_web.frames.services.importing import confirm, start_import
from minping_web.frames.services.uploads import seal_file
from minping_web.frames.tasks import check, load_file
from tests.web.frames import factory
from tests.web.frames.conftest import World
from tests.web.frames.test_loading import Reports

CHILD = """
import os, sys, time
import django
from django.conf import settings
django.setup()
from django.db import connections
connections["default"].settings_dict.update(NAME=os.environ["THE_DATABASE"], HOST=os.environ["THE_HOST"])
from minping_web.common.scope import system_scope
from minping_web.frames.services import loading
from minping_web.frames.tasks import load_file
loading.chunks.__defaults__ = (200,)
class Slow:
    scope = system_scope()
    def __call__(self, done, total, note=""):
        print(done, flush=True)
        time.sleep(0.05)
load_file(Slow(), import_id=int(sys.argv[1]))
"""


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_kill_minus_nine_leaves_no_half_frame_and_the_next_try_is_whole(world: World, tmp_path: Path) -> None:
    area = world.district.responsibility_areas[0]
    stored_as, size = seal_file(factory.csv_bytes([factory.row(area, n) for n in range(4000)]))
    found = start_import(
        world.bureau, "冬季", stored_as, file_name="units.csv", size=size,
        dates=(factory.AS_OF, factory.AS_OF.replace(year=2027)),
    )  # fmt: skip
    check(Reports(world.bureau), import_id=found.pk)
    confirm(world.bureau, found.pk)
    _killed_at(600, found.pk, tmp_path)
    assert [frame.pk for frame in frames_seen(world.bureau)] == [world.frame.pk]
    with entered(world.bureau):
        torso = Unit.objects.exclude(frame=world.frame).count()
    assert 0 < torso < 4000
    load_file(Reports(world.bureau), import_id=found.pk)
    found.refresh_from_db()
    with entered(world.bureau):
        assert Unit.objects.filter(frame=found.frame).count() == 4000
        assert UnitContact.objects.exclude(frame__in=[world.frame.pk, found.frame_id]).count() == 0
    assert Frame.objects.count() == 2


def _killed_at(rows: int, import_id: int, folder: Path) -> None:
    script = folder / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    database = connection.settings_dict
    surroundings = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.web.frames.child_settings",
        "MINPING_DATA": str(settings.DATA_FOLDER), "THE_DATABASE": str(database["NAME"]),
        "THE_HOST": str(database.get("HOST") or ""), "PYTHONPATH": os.getcwd(),
    }  # fmt: skip
    child = subprocess.Popen(
        [sys.executable, str(script), str(import_id)], env=surroundings, stdout=subprocess.PIPE, text=True
    )
    began, told = time.monotonic(), 0
    assert child.stdout is not None
    while told < rows and time.monotonic() - began < 60:
        line = child.stdout.readline()
        if not line:
            break
        told = int(line)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert told >= rows
