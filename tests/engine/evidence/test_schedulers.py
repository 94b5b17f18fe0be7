"""Schedulers by name, and what of the Spark scheduler can be said without a cluster (see tests/deep)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.cli.assess import assess_command
from minping_engine.errors import MinpingError, RefusedError
from minping_engine.evidence import scheduler_named
from minping_engine.evidence.schedulers import spark


def refusal(name: str) -> str:
    with pytest.raises(RefusedError) as caught:
        scheduler_named(name)
    return caught.value.problems[0].code


@pytest.mark.parametrize(
    "address", ["spark://10.0.0.1:7077", "spark://a:7077,b:7077", "local-cluster[2,1,512]"]
)
def test_a_clusters_address_is_a_scheduler(address: str) -> None:
    scheduler = scheduler_named(address)
    assert isinstance(scheduler, spark.Spark)
    assert (scheduler.name, scheduler.address) == ("spark", address)


@pytest.mark.parametrize("name", ["local-cluster", "spark:7077", "local[2]", "yarn", "SERIAL", ""])
def test_what_is_no_address_is_no_scheduler(name: str) -> None:
    assert refusal(name) == "evidence.unknown_scheduler"


def test_spark_alone_asks_for_an_address() -> None:
    assert refusal("spark") == "evidence.spark_address"


@pytest.mark.parametrize("name", ["serial", "processes"])
def test_an_address_and_another_scheduler_contradict_each_other(name: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        assess_command(
            "gulou-worker", [tmp_path], tmp_path / "out", scheduler=name, on="spark://10.0.0.1:7077"
        )
    assert caught.value.problems[0].code == "evidence.two_schedulers"


def test_without_tasks_no_cluster_is_asked() -> None:
    assert list(scheduler_named("spark://nowhere.invalid:7077").map(math.factorial, [])) == []


@given(st.integers(0, 500))
def test_slices_hold_every_task_once_in_order_and_are_equal_but_for_one(count: int) -> None:
    slices = spark._slices(range(count))
    assert [task for part in slices for task in part] == list(range(count))
    sizes = [len(part) for part in slices]
    assert len(sizes) <= spark.AT_ONCE
    assert not sizes or max(sizes) - min(sizes) <= 1


def test_an_executor_with_other_libraries_does_not_compute() -> None:
    outcome = spark.carried(Path.unlink, "minping 0, duckdb 0", Path("must-not-be-touched"))
    assert outcome.strange == spark.libraries()
    assert outcome.made is None


def test_a_refusal_of_the_kernel_travels_as_a_value_and_is_raised_again() -> None:
    outcome = spark.carried(scheduler_named, spark.libraries(), "no-such")
    with pytest.raises(RefusedError) as caught:
        spark._opened(outcome)
    assert caught.value.problems[0].code == "evidence.unknown_scheduler"
    assert isinstance(caught.value, MinpingError)


JAVA_TRACE = """An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 failed 4 times
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "worker.py", line 9, in main
FileNotFoundError: [Errno 2] No such file or directory: 'part-0.parquet'

\tat org.apache.spark.api.python.BasePythonRunner.run(PythonRunner.scala:1)
Caused by: java.io.IOException: broken pipe"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (JAVA_TRACE, "FileNotFoundError: [Errno 2] No such file or directory: 'part-0.parquet'"),
        (": java.io.IOException: no route\n\tat a.b", "java.io.IOException: no route"),
        ("something else", "something else"),
        ("", "RuntimeError"),
    ],
)
def test_of_a_java_trace_the_line_that_helps_is_told(text: str, reason: str) -> None:
    assert spark._reason(RuntimeError(text)) == reason
