"""Cases are counted by what is asked of them, inside a window, whoever counts (ADR 10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from minping_engine.errors import InputError
from minping_engine.evidence import CASE_COLUMNS, CaseGroup, Window, case_groups
from minping_engine.snapshot.schema import BY_NAME, arrow_schema
from tests.engine.evidence.test_measures import as_written, case, snapshot_of, table_of

MARCH = Window("created", datetime(2020, 3, 1), datetime(2020, 4, 1))  # noqa: DTZ001 - local time by contract


def moment(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2020, month, day, hour)  # noqa: DTZ001 - local time by contract


def test_cases_that_are_alike_are_one_group(tmp_path: Path) -> None:
    rows = [
        case(1, resolved=1, reworked=2, source="hotline"),
        case(2, resolved=1, reworked=2, source="hotline"),
        case(3, resolved=0, reworked=2),
        case(4, "W2", resolved=1),
    ]
    made = case_groups(snapshot_of(tmp_path, "cases", rows), ["resolved", "reworked", "source"], None)
    assert made["W1"] == [
        CaseGroup({"resolved": False, "reworked": Fraction(2), "source": None, "excluded": None}, 1),
        CaseGroup({"resolved": True, "reworked": Fraction(2), "source": "hotline", "excluded": None}, 2),
    ]
    assert made["W1"][0].values["resolved"] is False
    assert isinstance(made["W1"][0].values["reworked"], Fraction)


def test_excluded_cases_are_groups_of_their_own_without_being_asked_for(tmp_path: Path) -> None:
    """D8: what was taken out is counted beside what was not."""
    rows = [case(1, closed=1), case(2, closed=1, excluded="unreasonable"), case(3, closed=1)]
    groups = case_groups(snapshot_of(tmp_path, "cases", rows), ["closed"], None)["W1"]
    assert {group.values["excluded"]: group.n for group in groups} == {"unreasonable": 1, None: 2}


def test_a_window_begins_with_its_first_moment_and_ends_before_its_last(tmp_path: Path) -> None:
    times = [moment(2, 29, 23), moment(3, 1), moment(3, 31, 23), moment(4, 1), None]
    rows = [case(number, created_at=time) for number, time in enumerate(times)]
    groups = case_groups(snapshot_of(tmp_path, "cases", rows), [], MARCH)
    assert groups == {"W1": [CaseGroup({"excluded": None}, 2)]}


@pytest.mark.parametrize("basis", ["created", "closed", "called_back"])
def test_a_window_looks_at_the_time_that_it_names(tmp_path: Path, basis: Any) -> None:
    names = ("created_at", "closed_at", "called_back_at")
    rows = [case(number, name, **{name: moment(3, 5)}) for number, name in enumerate(names)]
    made = case_groups(snapshot_of(tmp_path, "cases", rows), [], Window(basis, moment(3, 5), moment(3, 6)))
    assert [*made] == [f"{basis}_at"]


def test_every_unknown_column_is_refused_at_once(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, "cases", [])
    with pytest.raises(InputError) as caught:
        case_groups(snapshot, ["case_id", "closed", "assessee_id", "created_at"], None)
    assert [problem.params["name"] for problem in caught.value.problems] == [
        "case_id",
        "assessee_id",
        "created_at",
    ]


def test_conditions_may_name_flags_counts_and_texts_but_nobody_and_no_time() -> None:
    kinds = {
        kind: [name for name in CASE_COLUMNS if CASE_COLUMNS[name] == kind] for kind in ("count", "text")
    }
    assert kinds["count"] == ["reworked"]
    assert kinds["text"] == ["category", "source", "attributed_to", "satisfaction", "excluded"]
    assert set(CASE_COLUMNS.values()) == {"truth", "count", "text"}


def test_a_table_without_its_optional_columns_has_them_empty(tmp_path: Path) -> None:
    bare = table_of("cases", [case(1)]).select(["case_id", "assessee_id"])
    snapshot = as_written(tmp_path, "cases", bare)
    groups = case_groups(snapshot, ["closed"], None)
    assert groups == {"W1": [CaseGroup({"closed": None, "excluded": None}, 1)]}
    assert case_groups(snapshot, ["closed"], MARCH) == {}


def many_cases(n: int) -> dict[str, np.ndarray]:
    """Codes of random cases; -1 stands for an empty cell."""
    rng = np.random.default_rng(20_200_301)
    codes = {"who": (0, 300), "closed": (-1, 2), "resolved": (-1, 2), "reworked": (-1, 4)}
    codes |= {"source": (-1, 3), "excluded": (-1, 2)}
    drawn = {name: rng.integers(low, high, n) for name, (low, high) in codes.items()}
    start = int(np.datetime64("2020-02-15", "s").astype(np.int64))
    return drawn | {"created_at": start + rng.integers(0, 60 * 86_400, n)}


TEXTS = {"who": "W{:03d}", "source": "S{}", "excluded": "E{}"}


def arrow_cases(codes: Mapping[str, np.ndarray]) -> pa.Table:
    n = len(codes["who"])
    columns = {"case_id": pa.array(np.arange(n))}
    for name, cells in codes.items():
        text = TEXTS.get(name)
        values = [text.format(code) for code in cells.tolist()] if text else cells
        columns["assessee_id" if name == "who" else name] = pa.array(values, mask=cells < 0)
    types = arrow_schema(BY_NAME["cases"])
    named = [types.field(name) for name in columns]
    return pa.table(columns).cast(pa.schema(named))


def test_two_hundred_thousand_cases_are_counted_as_another_counter_counts_them(tmp_path: Path) -> None:
    """The oracle packs codes into whole numbers and counts equal ones; it knows no arrow."""
    codes = many_cases(200_000)
    names = ["closed", "resolved", "reworked", "source", "excluded"]
    first, after = (np.datetime64(day, "s").astype(np.int64) for day in ("2020-03-01", "2020-04-01"))
    inside = (codes["created_at"] >= first) & (codes["created_at"] < after)
    stacked = np.stack([codes[name][inside] for name in ["who", *names]])
    rows, counts = np.unique(stacked, axis=1, return_counts=True)
    wanted = {tuple(row): n for row, n in zip(rows.T.tolist(), counts.tolist(), strict=True)}

    made = case_groups(as_written(tmp_path, "cases", arrow_cases(codes)), names, MARCH)
    coded = {
        (int(who[1:]), *(_code(group.values[name]) for name in names)): group.n
        for who, groups in made.items()
        for group in groups
    }
    assert coded == wanted
    assert 0 < sum(coded.values()) == int(inside.sum()) < 200_000
    assert len(coded) == sum(len(groups) for groups in made.values())


def _code(value: Fraction | bool | str | None) -> int:
    if value is None:
        return -1
    return int(value[1:]) if isinstance(value, str) else int(value)
