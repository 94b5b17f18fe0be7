"""Times are read where they are beyond doubt."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from minping_engine.snapshot.importing.apply_times import times_from_texts
from minping_engine.snapshot.importing.texts import distinct


def read(text: str) -> str | None:
    times, bad = times_from_texts(distinct(pa.chunked_array([pa.array([text], pa.large_string())])))
    return None if len(bad) else str(np.datetime64(int(times[0]), "ms"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019-03-05", "2019-03-05T00:00:00.000"),
        ("2019/3/5 9:07", "2019-03-05T09:07:00.000"),
        ("2019.03.05 09:07:08", "2019-03-05T09:07:08.000"),
        ("2019年3月5日 下午3:05", "2019-03-05T15:05:00.000"),
        ("2019年3月5日 15时05分", "2019-03-05T15:05:00.000"),
        ("20190305", "2019-03-05T00:00:00.000"),
        ("2019-03-05T09:07:08.123+08:00", "2019-03-05T09:07:08.123"),
        ("2019-03-05 12:30 AM", "2019-03-05T00:30:00.000"),
        ("２０１９-03-05", "2019-03-05T00:00:00.000"),
        ("43529.5", "2019-03-05T12:00:00.000"),
        ("2020-02-29", "2020-02-29T00:00:00.000"),
    ],
)
def test_a_time_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert read(written) == meant


@pytest.mark.parametrize(
    "written", ["5/3/2019", "2019-02-29", "2019-13-01", "2019-03-05 25:00", "昨天", "2019", "99999"]
)
def test_a_time_in_doubt_is_refused(written: str) -> None:
    assert read(written) is None
