"""A map is strict, and reads back as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.errors import ImportRefusedError
from minping_engine.snapshot.importing import dump_map, load_map, parse_map
from tests.engine.snapshot.factory import make_map

RICH = {
    "cells": {"age": {"column": "年龄", "levels": {"1": 1, "2": {"code": 2, "zh": "老", "en": "old"}}}},
    "where": [{"column": "批次", "is": 2}],
    "register": {"assessee_kind": "grid", "community": {"column": "社区"}},
    "rule": "first",
}


def test_a_dumped_map_reads_back_as_the_same_map() -> None:
    map_ = make_map(**RICH)
    assert parse_map(dump_map(map_)) == map_


def test_all_faults_of_a_map_come_at_once_with_their_keys() -> None:
    text = "columns: {targe: 片}\nmode: horse\nitems: {q1: {range: [5, 1]}}\nrule: any\n"
    with pytest.raises(ImportRefusedError) as caught:
        parse_map(text)
    keys = {problem.place.key.split(".")[0] for problem in caught.value.problems}
    assert keys == {"columns", "mode", "items", "rule"}


def test_a_map_without_a_target_is_refused() -> None:
    with pytest.raises(ImportRefusedError, match=r"columns\.target"):
        parse_map("columns: {household: 户}")


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", ""])
def test_what_is_no_map_is_refused(text: str) -> None:
    with pytest.raises(ImportRefusedError):
        parse_map(text)


def test_a_map_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError):
        load_map(tmp_path / "none.yaml")


def test_numbers_that_yaml_reads_where_texts_are_meant_become_texts() -> None:
    map_ = parse_map("columns: {target: 片}\nperiod: 2019\ninstrument: {id: a, version: 1.0}")
    assert (map_.period, map_.instrument and map_.instrument.key) == ("2019", "a@1.0")
