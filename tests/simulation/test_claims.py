"""The engine keeps its word where the truth is known; estimators broken on purpose do not.

Few replicates here, 200 of them in tests/deep/test_honesty.py. Tolerances come from the number of
replicates (`judge`), never from the eye.
"""

from __future__ import annotations

import pytest

from tests.simulation.claims import BROKEN, CLAIMS, Claim, Worlds

SEED, REPLICATES = 2021, 8


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(SEED, REPLICATES, tmp_path_factory.mktemp("worlds"))


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.few], ids=str)
def test_what_the_engine_claims_stands_where_the_truth_is_known(worlds: Worlds, claim: Claim) -> None:
    found = claim.measure(worlds)
    assert claim.stands(found), found


@pytest.mark.parametrize("claim", [claim for claim in BROKEN if claim.few], ids=str)
def test_a_broken_estimator_falls_before_the_same_judge(worlds: Worlds, claim: Claim) -> None:
    found = claim.measure(worlds)
    assert found.cases > 0
    assert not claim.stands(found), found
