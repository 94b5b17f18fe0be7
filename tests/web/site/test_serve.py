"""`minping serve` in real processes: it starts, watches, stops, and says clearly why it cannot start."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from minping_engine.errors import SetupError
from minping_web.site.processes import Child, Watcher, bound_socket
from tests.web.site.running import MINPING, Deployment

SMALL_DEMO = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from minping_web.common.models import Deployment
from django.utils.timezone import now
Deployment.objects.create(pk=1, kind="demo", name="x", created_at=now())
"""


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program holds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_said_before_anything_is_made(taken: int, tmp_path: Path) -> None:
    done = Deployment(tmp_path).minping("serve", "--demo", "--port", str(taken))
    assert done.returncode == 5
    assert f"Port {taken} is in use" in done.stderr
    assert f"--port {taken + 1}" in done.stderr
    assert "First run" not in done.stdout


def test_without_a_wish_a_free_port_is_found() -> None:
    with bound_socket("127.0.0.1", None) as first, bound_socket("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_a_foreign_address_is_named() -> None:
    with pytest.raises(SetupError) as refused:
        bound_socket("203.0.113.9", 0)
    assert refused.value.problems[0].code == "site.host_unknown"


@pytest.mark.deep
def test_a_real_deployment_is_not_made_by_serving(tmp_path: Path) -> None:
    done = Deployment(tmp_path).minping("serve", "--port", "0")
    assert done.returncode == 2
    assert "No district has been set up" in done.stderr


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = Deployment(tmp_path / "file" / "data").minping("serve", "--demo")
    assert done.returncode == 5
    assert str(tmp_path / "file" / "data") in done.stderr


def test_a_database_that_does_not_answer_is_said_without_a_traceback(tmp_path: Path) -> None:
    done = Deployment(tmp_path, "postgresql://u:secret@127.0.0.1:1/none").minping("migrate")
    assert done.returncode == 5
    assert "does not answer" in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_none_is_said(tmp_path: Path) -> None:
    assert "DATABASE_URL is not understood" in Deployment(tmp_path, "mysql://x").minping("migrate").stderr


@pytest.fixture(scope="module")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of a demonstration without people, to be copied."""
    folder = tmp_path_factory.mktemp("small-demo")
    Deployment(folder).program(SMALL_DEMO, demo=True)
    return folder


@pytest.fixture
def served(small_demo: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running demonstration without people, and its address."""
    deployment = Deployment(shutil.copytree(small_demo, tmp_path / "data"))
    running = subprocess.Popen(
        [*MINPING, "serve", "--demo", "--port", "0"], env=deployment.surroundings,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        found = next(match for line in running.stdout if (match := re.search(r"http://\S+/", line)))
        yield running, found.group()
    finally:
        running.kill()
        running.communicate()


def _answers(address: str, *, within: float = 30.0) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        with closing(http.client.HTTPConnection(str(urlsplit(address).netloc), timeout=5)) as connection:
            try:
                connection.request("GET", "/healthz")
                with connection.getresponse() as response:
                    return response.status == 200
            except OSError:
                time.sleep(0.2)
    return False


def _children(of: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(of)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split()]


def _gone(pids: list[int], *, within: float) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


def test_it_serves_and_ctrl_c_stops_everything(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    running, address = served
    assert _answers(address)
    children = _children(running.pid)
    assert len(children) == 2
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 0
    assert _gone(children, within=1)


@pytest.mark.deep
def test_children_end_when_the_watcher_is_killed(served: tuple[subprocess.Popen[str], str]) -> None:
    running, address = served
    assert _answers(address)
    children = _children(running.pid)
    running.kill()
    running.wait()
    assert _gone(children, within=8)


def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    watcher = Watcher([_idle("jobs")], lambda name, code: told.append((name, code)))
    thread = threading.Thread(target=watcher.run)
    thread.start()
    first = _pid_of(watcher.children[0])
    os.kill(first, signal.SIGKILL)
    second = _pid_of(watcher.children[0], but=first)
    watcher.stop.set()
    thread.join(timeout=10)
    assert told == [("jobs", -signal.SIGKILL)]
    assert second != first
    assert _gone([second], within=1)


def test_a_process_that_cannot_live_ends_the_watching() -> None:
    child = _idle("jobs", "raise SystemExit(3)")
    assert Watcher([child], pause=0.01).run() == 1
    assert child.quick_deaths == 5


class _Program(Child):
    """A child that runs a line of Python instead of the product."""

    text = "import time; time.sleep(60)"

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen([sys.executable, "-c", self.text], start_new_session=True)


def _idle(name: str, text: str = _Program.text) -> _Program:
    child = _Program(name, [])
    child.text = text
    return child


def _pid_of(child: Child, *, but: int = 0) -> int:
    for _ in range(200):
        if child.process is not None and child.process.pid != but and not child.ended:
            return child.process.pid
        time.sleep(0.05)
    raise AssertionError("never started")
