"""Published tables before an auditor that others wrote: intervals agree, little is hidden in vain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minping_engine.disclosure import Dimension, Protected, Reason, protect, table_from_leaves
from minping_engine.reporting import OpenDataRound
from minping_engine.reporting.open_data.releases import protected_release
from tests.deep.tau_argus import audited, optimum
from tests.engine.disclosure.oracle import cheapest_hiding
from tests.engine.reporting.quarters import small_quarters

pytest.importorskip("pytauargus")
pytestmark = pytest.mark.deep
AREA = Dimension("area", {**{f"c{i}": f"s{i % 3}" for i in range(9)}, "s0": "*", "s1": "*", "s2": "*"})
WAY = Dimension.flat("mode", ["a", "b", "c", "d", "e"])
WANTED = 10


def random_release(seed: int) -> Protected:
    """Nine communities in three streets by five modes; the last two modes are often thin."""
    rng = np.random.default_rng(seed)
    leaves = {
        (f"c{i}", mode): int(rng.poisson(size))
        for i in range(9)
        for mode, size in zip("abcde", (60, 30, 20, 14, 14), strict=True)
    }
    return protect([table_from_leaves("ballots", [AREA, WAY], leaves)])


def differences(safe: Protected, folder: Path) -> list[float]:
    """How far our intervals are from those of Tau-Argus; ends that only a bound closes are left out."""
    theirs = audited(safe, folder)
    found = []
    for key, known in safe.intervals.items():
        low, high = theirs[safe.system.at[key]]
        found.append(abs(low - known.low))
        if high < 1_000_000:
            found.append(abs(high - known.high))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_tau_argus_finds_the_same_intervals(seed: int, tmp_path: Path) -> None:
    safe = random_release(seed)
    assert max(differences(safe, tmp_path), default=0.0) < 1e-4


def test_the_demonstration_districts_open_data_pass_the_audit(tmp_path: Path) -> None:
    """S28: by question, class and mode, linked tables together."""
    quarters = small_quarters(tmp_path / "quarters", 1)
    round_ = OpenDataRound(quarters.results[0], quarters.scheme, quarters.snapshots[0])
    safe = protected_release(round_)[round_.forms[0].id]
    theirs = audited(safe, tmp_path)
    own = [
        key for key, reason in safe.hidden.items() if reason is not Reason.COMPLEMENT and key[0] == "ballots"
    ]
    assert own
    assert theirs.keys() == {safe.system.at[key] for key in safe.hidden}
    narrow = [key for key in own if np.subtract(*theirs[safe.system.at[key]][::-1]) < WANTED - 1e-4]
    assert narrow == []
    assert max(differences(safe, tmp_path)) < 1e-3


def test_a_hole_in_the_suppression_is_seen_by_tau_argus(tmp_path: Path) -> None:
    """The auditor is no rubber stamp: with a complement shown, a hidden number is known exactly."""
    safe = random_release(3)
    complement = next(key for key, reason in safe.hidden.items() if reason is Reason.COMPLEMENT)
    holed = Protected(
        safe.tables,
        safe.system,
        {key: why for key, why in safe.hidden.items() if key != complement},
        safe.limits,
    )
    widths = [high - low for low, high in audited(holed, tmp_path).values()]
    assert min(widths) < WANTED


def test_hardly_more_is_hidden_than_by_exact_methods(tmp_path: Path) -> None:
    """The heuristic against Tau-Argus' exact method and against our own integer program."""
    ours = theirs = exact = 0
    for seed in range(8):
        safe = random_release(seed)
        table = safe.tables[0]
        own = {at for at in table.cells if safe.hidden.get(table.key(at)) is Reason.FEW}
        if own:
            ours += len(safe.hidden)
            theirs += optimum(safe, tmp_path)
            exact += cheapest_hiding(table, own, WANTED)
    assert ours <= 1.1 * exact
    assert ours <= 1.1 * theirs
