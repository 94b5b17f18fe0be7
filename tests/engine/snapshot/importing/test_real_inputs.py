"""Real files of other surveys import by their tutorial's map and scheme alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_engine.cli.snapshot import import_and_report
from minping_engine.scheme import load_scheme
from minping_engine.snapshot import check_snapshot, open_snapshot

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize(
    ("tutorial", "file", "ballots", "targets"),
    [
        ("insteval", "survey-insteval/ratings.csv.gz", 73_421, 1_128),
        ("kcmo", "survey-kcmo/responses.csv", 984, 6),
    ],
)
def test_a_real_file_imports_without_faults(
    root: Path, outside_data: Path, tmp_path: Path, tutorial: str, file: str, ballots: int, targets: int
) -> None:
    home = root / "docs" / "tutorials" / tutorial
    scheme = load_scheme(home / "scheme")
    report = import_and_report(
        [outside_data / file], tmp_path / "s", scheme, map_file=home / "map.yaml", language="en"
    )
    assert (report.ballots, report.targets) == (ballots, targets)
    assert check_snapshot(tmp_path / "s") == ()
    assert len(
        [name for name in open_snapshot(tmp_path / "s").ballot_columns() if name.startswith("item_")]
    ) == len(scheme.scheme.instrument.items)
