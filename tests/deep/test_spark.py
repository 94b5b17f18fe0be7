"""A real Spark cluster writes what one process writes, also when machines die; what lacks is said in words.

Everything runs in `.venv-spark`, made by `make test-deep`; nothing of Spark is imitated.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from minping_engine.demo import DemoParameters, seal_many_districts
from tests.conftest import ROOT
from tests.folders import bytes_of

pytestmark = pytest.mark.deep
PYTHON = ROOT / ".venv-spark" / "bin" / "python"
TWO_WORKERS = "local-cluster[2,1,512]"
DISTRICTS = 50
"""Enough small districts for a job that is still running when two of its processes have been killed."""
QUICK_JAVA = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
SETUP_ERROR = 5


@pytest.fixture(scope="module")
def python() -> str:
    if not PYTHON.is_file():
        pytest.fail("run `make test-deep`, or tools/setup.sh spark")
    return str(PYTHON)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "snapshot"
    seal_many_districts(folder, 4, DemoParameters.small(), seed=2)
    return folder


def environment(**settings: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK", "PYSPARK"))}
    return {**plain, "SPARK_LOCAL_IP": "127.0.0.1", **settings}


def command(python: str, snapshot: Path, out: Path, *options: str) -> list[str]:
    words = [python, "-m", "minping_engine", "assess", "gulou-worker", str(snapshot), "-o", str(out)]
    return [*words, "--demo-values", "--no-cards", "--lang", "en", *options]


def assess(
    python: str, snapshot: Path, out: Path, *options: str, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run in the folder of `out`, with relative paths: executors have working folders of their own."""
    words = command(python, Path(os.path.relpath(snapshot, out.parent)), Path(out.name), *options)
    return subprocess.run(
        words, capture_output=True, text=True, env=environment(**settings), cwd=out.parent, check=False
    )


def in_words(run: subprocess.CompletedProcess[str]) -> str:
    """What was printed, without the terminal's line breaks."""
    return " ".join((run.stdout + run.stderr).split())


def test_a_cluster_writes_the_bytes_of_one_process(python: str, small: Path, tmp_path: Path) -> None:
    assert assess(python, small, tmp_path / "serial").returncode == 0
    run = assess(python, small, tmp_path / "spark", "--on", TWO_WORKERS)
    assert run.returncode == 0, run.stderr
    assert json.loads((tmp_path / "spark" / "run.json").read_text("utf-8"))["scheduler"] == "spark"
    heads = [json.loads((tmp_path / way / "result.json").read_text("utf-8")) for way in ("serial", "spark")]
    assert heads[0]["fingerprints"] == heads[1]["fingerprints"]
    written = bytes_of(tmp_path / "spark")
    assert sum("district=" in path and path.endswith("cells.parquet") for path in written) == 4
    assert written == bytes_of(tmp_path / "serial")


def test_an_executor_with_another_duckdb_is_refused_before_it_computes(
    python: str, small: Path, tmp_path: Path
) -> None:
    """The executors' interpreter says so because a start-up file of its own changes the version."""
    (tmp_path / "sitecustomize.py").write_text("import duckdb\nduckdb.__version__ = '1.4.0'\n", "utf-8")
    other = tmp_path / "other-python"
    other.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}:$PYTHONPATH" exec "{python}" "$@"\n', "utf-8")
    other.chmod(0o755)
    run = assess(python, small, tmp_path / "out", "--on", "local-cluster[1,1,512]", PYSPARK_PYTHON=str(other))
    assert run.returncode == SETUP_ERROR
    assert "duckdb 1.4.0" in in_words(run)
    assert "Install the same lock" in in_words(run)
    assert list(tmp_path.rglob("cells.parquet")) == []


def test_without_pyspark_the_command_says_what_to_install(small: Path, tmp_path: Path) -> None:
    run = assess(sys.executable, small, tmp_path / "out", "--on", TWO_WORKERS)
    assert run.returncode == SETUP_ERROR
    assert "pyspark is not installed" in in_words(run)


def test_without_java_the_command_says_what_to_install(python: str, small: Path, tmp_path: Path) -> None:
    run = assess(python, small, tmp_path / "out", "--on", TWO_WORKERS, JAVA_HOME=str(tmp_path / "nowhere"))
    assert run.returncode == SETUP_ERROR
    assert "Java did not start" in in_words(run)


MAPPED = """
import math, sys
from minping_engine.errors import MinpingError
from minping_engine.evidence import scheduler_named
from minping_engine.evidence.schedulers import spark
from minping_engine.scheme import load_scheme

def problems(run, function, tasks):
    try:
        list(run(function, tasks))
    except MinpingError as error:
        return type(error).__name__, error.problems

here = scheduler_named("serial")
with spark._context("local-cluster[1,1,512]", sys.executable) as context:
    def there(function, tasks):
        return spark._results(context, function, spark._slices(tasks))
    assert list(there(math.factorial, range(70))) == list(here.map(math.factorial, range(70)))
    assert problems(there, load_scheme, ["no-such"]) == problems(here.map, load_scheme, ["no-such"]) != None
    kind, (problem,) = problems(there, math.factorial, [3, -1])
    assert problem.code == "evidence.spark_failed" and "ValueError" in problem.params["reason"], problem
spark.SECONDS_FOR_EXECUTORS = 1
kind, (problem,) = problems(scheduler_named(sys.argv[1]).map, math.factorial, [3])
assert problem.code == "evidence.spark_no_executor", problem
"""


def test_results_come_in_order_and_faults_come_back_as_they_are(python: str, tmp_path: Path) -> None:
    with a_master(tmp_path) as address:
        run = subprocess.run(
            [python, "-c", MAPPED, address], capture_output=True, text=True, env=environment(), check=False
        )
    assert run.returncode == 0, run.stderr


@contextmanager
def a_daemon(kind: str, folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A master or a worker as a process group of its own, killed at the end."""
    home = next((PYTHON.parents[1] / "lib").glob("python*/site-packages/pyspark"))
    words = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind.lower()}.{kind}"]
    settings = environment(
        SPARK_HOME=str(home), SPARK_DAEMON_MEMORY="256m", SPARK_DAEMON_JAVA_OPTS=QUICK_JAVA
    )
    with (folder / f"{kind}.log").open("ab") as log:
        process = subprocess.Popen(
            [*words, "--host", "127.0.0.1", "--webui-port", "0", *options],
            stdout=log,
            stderr=log,
            env=settings,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def a_master(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with a_daemon("Master", folder, "--port", str(port)):
        wait_until(lambda: "I have been elected leader" in (folder / "Master.log").read_text("utf-8"))
        yield f"spark://127.0.0.1:{port}"


@contextmanager
def a_worker(address: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    folder.mkdir()
    with a_daemon(
        "Worker", folder, "--cores", "1", "--memory", "512M", "-d", str(folder), address
    ) as process:
        wait_until(lambda: "Successfully registered" in (folder / "Worker.log").read_text("utf-8"))
        yield process


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    for _ in range(int(seconds * 50)):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("waited too long")


def executors(worker: int) -> list[int]:
    """Java processes below a worker, whichever of its threads started them."""
    found = {
        int(child)
        for tasks in Path(f"/proc/{worker}/task").glob("*/children")
        for child in tasks.read_text("ascii").split()
    }
    return [
        pid
        for pid in sorted(found)
        if b"CoarseGrainedExecutorBackend" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_a_killed_executor_and_a_lost_machine_change_no_byte(python: str, tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot"
    seal_many_districts(snapshot, DISTRICTS, DemoParameters.small(), seed=2)
    assert assess(python, snapshot, tmp_path / "serial").returncode == 0

    def finished() -> int:
        return len(list(tmp_path.glob(".spark.partial/trace/evidence/*/*/manifest.json")))

    with (
        a_master(tmp_path) as address,
        a_worker(address, tmp_path / "one") as one,
        a_worker(address, tmp_path / "two") as two,
    ):
        with (tmp_path / "driver.log").open("wb") as log:
            words = command(python, snapshot, tmp_path / "spark", "--on", address)
            driver = subprocess.Popen(words, stdout=log, stderr=log, env=environment())
        wait_until(lambda: finished() >= 1 and bool(executors(one.pid)) and bool(executors(two.pid)))
        (victim,) = executors(one.pid)
        os.kill(victim, signal.SIGKILL)
        after_first = finished()
        wait_until(lambda: finished() >= after_first + 3)
        os.killpg(two.pid, signal.SIGKILL)
        assert finished() < DISTRICTS, "the job was over before it was disturbed"
        assert driver.wait(90) == 0, (tmp_path / "driver.log").read_text("utf-8")
    written = bytes_of(tmp_path / "spark")
    assert sum("district=" in path and path.endswith("cells.parquet") for path in written) == DISTRICTS
    assert written == bytes_of(tmp_path / "serial")
