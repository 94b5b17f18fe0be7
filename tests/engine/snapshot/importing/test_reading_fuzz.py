"""Whatever bytes come, reading ends in tables or in named problems, never in a crash."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minping_engine.errors import ImportRefusedError
from minping_engine.snapshot.importing import import_files, read_raw
from tests.engine.snapshot.factory import make_map, write_csv

CELL = st.text(st.sampled_from('甲乙 ,;\t"\n\r０5.A年:'), max_size=6)


@pytest.mark.deep
@given(
    data=st.one_of(
        st.binary(max_size=200), st.text(max_size=80).map(lambda text: text.encode("gb18030", "ignore"))
    )
)
@example(data=b'"')
@example(data=b"\x00,\x00\n1,2")
@settings(max_examples=1500, deadline=None)
def test_reading_any_bytes_ends_well(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        for name in ("a.csv", "a.xlsx", "a.parquet", "a.csv.gz"):
            path = Path(folder) / name
            path.write_bytes(data)
            for table in read_raw(path):
                assert table.cells.num_rows or table.problems


@pytest.mark.deep
@given(rows=st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=8))
@settings(max_examples=400, deadline=None)
def test_importing_any_cells_seals_or_refuses(rows: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        path = write_csv(Path(folder) / "a.csv", rows)
        with suppress(ImportRefusedError):
            import_files([path], make_map(), Path(folder) / "s")
