"""200 replicates of every claim and of every broken estimator (docs/method/honesty.md)."""

from __future__ import annotations

import pytest

from tests.simulation.claims import BROKEN, CLAIMS, Claim, Worlds

pytestmark = pytest.mark.deep
SEED, REPLICATES = 20_202, 200


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    return Worlds(SEED, REPLICATES, tmp_path_factory.mktemp("worlds"))


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_what_the_engine_claims_stands_in_200_replicates(worlds: Worlds, claim: Claim) -> None:
    found = claim.measure(worlds)
    assert claim.stands(found), found


@pytest.mark.parametrize("claim", BROKEN, ids=str)
def test_a_broken_estimator_falls_in_200_replicates(worlds: Worlds, claim: Claim) -> None:
    found = claim.measure(worlds)
    assert found.cases > 0
    assert not claim.stands(found), found
