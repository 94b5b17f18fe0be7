"""Districts on the executors of a Spark cluster, by the same kernel (ADR 8, docs/how-to/spark-cluster.md).

In: a picklable function and tasks that name files on a folder which every machine sees at the same
path. Out: results in the tasks' order. Spark only carries tasks and starts those of lost executors
again; it touches no ballot. An executor with other libraries than the driver's is refused before it
computes anything, since its bytes could differ. Nothing here reads the clock or draws a number.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from threading import Event
from typing import Any, Generic, TypeVar

import duckdb
import pyarrow as pa

from minping_engine import __version__
from minping_engine.errors import MinpingError, Problem, SetupError
from minping_engine.evidence.kernel import KERNEL_VERSION

Given = TypeVar("Given")
Made = TypeVar("Made")

ADDRESS = re.compile(r"spark://\S+|local-cluster\[\d+,\d+,\d+\]")
"""A standalone master, or Spark's own cluster of processes on one machine (for tests)."""
AT_ONCE = 64
"""Spark jobs under way; the tasks are spread over them evenly, so this is also the steps of progress."""
SECONDS_FOR_EXECUTORS = 90
"""More than the minute after which Spark gives up a master that does not answer."""
LOOPBACK = re.compile(r"local-cluster|spark://(localhost|127\.)")
JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""Java only passes messages here: the smallest collector and the quick compiler start fastest."""
SETTINGS = {
    "spark.app.name": "minping",
    "spark.driver.extraJavaOptions": JVM,
    "spark.executor.extraJavaOptions": JVM,
    "spark.executor.memory": "512m",  # of Java; the kernel itself lives in Python beside it
    "spark.log.level": "OFF",
    "spark.speculation": "false",  # two copies of a task would write the same files at once
    "spark.task.cpus": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
PYTHON_ERROR = re.compile(
    r"^(?!org\.|java\.|scala\.|py4j\.)[A-Za-z_][\w.]*(?:Error|Exception)\b.*$", re.MULTILINE
)
JAVA_ERROR = re.compile(r"^(?:: |Caused by: )?(?:org|java)\.[\w.$]*(?:Error|Exception)\b.*$", re.MULTILINE)


@dataclass(frozen=True)
class Outcome(Generic[Made]):
    """What came back from an executor: a result, a refusal of the kernel, or libraries that differ."""

    made: Made | None = None
    refused: tuple[type[MinpingError], tuple[Problem, ...]] | None = None
    strange: str = ""
    host: str = ""


@dataclass(frozen=True)
class Spark:
    """Runs tasks on the executors of the cluster at `address`; `python` is the executors' interpreter.

    The interpreter must have this package at the same path on every machine; `PYSPARK_PYTHON` in the
    environment names another one.
    """

    address: str
    python: str = sys.executable
    name: str = "spark"
    workers: int = 2

    def map(self, function: Callable[[Given], Made], tasks: Iterable[Given]) -> Iterator[Made]:
        """`function` of each task, in order. Raises `SetupError` where the cluster cannot do it."""
        slices = _slices(list(tasks))
        if slices:
            with _context(self.address, self.python) as context:
                yield from _results(context, function, slices)


def libraries() -> str:
    """What decides about the bytes of evidence, in one line."""
    python = ".".join(platform.python_version_tuple()[:2])
    ours = f"minping {__version__} (kernel {KERNEL_VERSION})"
    return f"{ours}, duckdb {duckdb.__version__}, pyarrow {pa.__version__}, python {python}"


def carried(function: Callable[[Given], Made], wanted: str, task: Given) -> Outcome[Made]:
    """Runs on an executor. Refusals travel as values: Spark would start a raised one three times again."""
    if libraries() != wanted:
        return Outcome(strange=libraries(), host=platform.node())
    try:
        return Outcome(made=function(task))
    except MinpingError as error:
        return Outcome(refused=(type(error), error.problems))


def _slices(tasks: Sequence[Given]) -> list[Sequence[Given]]:
    """At most `AT_ONCE` runs of neighbouring tasks, as equal as can be."""
    count = min(len(tasks), AT_ONCE)
    bounds = [len(tasks) * number // count for number in range(count + 1)] if count else []
    return [tasks[start:end] for start, end in pairwise(bounds)]


def _results(
    context: Any, function: Callable[[Given], Made], slices: Sequence[Sequence[Given]]
) -> Iterator[Made]:
    """One Spark job per slice, all under way at once; Spark serves them first come, first served."""

    def run(tasks: Sequence[Given]) -> list[Outcome[Made]]:
        there = context.parallelize(tasks, len(tasks))
        outcomes: list[Outcome[Made]] = there.map(partial(carried, function, libraries())).collect()
        return outcomes

    pool = ThreadPoolExecutor(len(slices))
    try:
        for outcomes in pool.map(run, slices):
            for outcome in outcomes:
                yield _opened(outcome)
    except MinpingError:
        raise
    except Exception as error:  # whatever Java, the network or an executor's Python came upon
        raise SetupError.of("evidence.spark_failed", reason=_reason(error)) from error
    finally:
        context.cancelAllJobs()
        pool.shutdown(cancel_futures=True)


def _opened(outcome: Outcome[Made]) -> Made:
    if outcome.strange:
        raise SetupError.of(
            "evidence.spark_libraries", host=outcome.host, found=outcome.strange, wanted=libraries()
        )
    if outcome.refused:
        kind, problems = outcome.refused
        raise kind(problems)
    return outcome.made  # type: ignore[return-value]  # a function may well return None


@contextmanager
def _context(address: str, python: str) -> Iterator[Any]:
    """A connection to the cluster with at least one executor, ended whatever happens."""
    pyspark = _pyspark()
    conf = pyspark.SparkConf().setMaster(address).setAll(list(SETTINGS.items()))
    if LOOPBACK.match(address):
        conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1")
    try:
        context = pyspark.SparkContext(conf=conf)
    except Exception as error:
        if "JAVA_GATEWAY_EXITED" in str(error):
            raise SetupError.of("evidence.spark_java", reason=_reason(error)) from error
        raise SetupError.of("evidence.spark_unreachable", address=address, reason=_reason(error)) from error
    if context.pythonExec == "python3":  # what pyspark falls back to without PYSPARK_PYTHON
        context.pythonExec = python
    try:
        _wait_for_executor(context, address)
        yield context
    finally:
        context.stop()


def _pyspark() -> Any:
    try:
        import pyspark  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise SetupError.of("evidence.spark_package") from error
    return pyspark


def _wait_for_executor(context: Any, address: str) -> None:
    """Spark itself would wait for ever where a cluster has no worker with free cores."""
    pause, pauses = Event(), SECONDS_FOR_EXECUTORS * 10
    for _ in range(pauses):
        try:
            known = context._jsc.sc().getExecutorMemoryStatus().size()
        except Exception as error:  # Spark has stopped its side meanwhile
            reason = "no answer from the master"
            raise SetupError.of("evidence.spark_unreachable", address=address, reason=reason) from error
        if known > 1:  # the driver is one of them
            return
        pause.wait(0.1)
    raise SetupError.of("evidence.spark_no_executor", address=address, seconds=SECONDS_FOR_EXECUTORS)


def _reason(error: Exception) -> str:
    """The one line of a Java trace that helps: what Python said on the executor, else what Java said."""
    text = str(error)
    told = (
        PYTHON_ERROR.findall(text) or JAVA_ERROR.findall(text) or text.splitlines() or [type(error).__name__]
    )
    return str(told[-1]).removeprefix(": ").strip()[:300]
