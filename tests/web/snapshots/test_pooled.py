"""Ways of asking with few answers are pooled where they are few, and nothing else in a snapshot undoes it."""

from __future__ import annotations

from collections import Counter

import pytest

from minping_engine.snapshot import check_snapshot, open_snapshot, read_parquet
from minping_engine.terms import Disposition, Mode
from minping_web.ballots.rules.words import Body
from minping_web.rounds.models import Invitation
from minping_web.rounds.rules.words import Channel
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.merged import merged_cells
from minping_web.snapshots.services.writing import snapshot_folder
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import open_round
from tests.web.snapshots import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
OWNER, TENANT = 0, 1


def test_a_few_owners_by_letter_are_pooled_with_owners_only_and_dispositions_follow(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine owners of whom two answered by letter, two not at all; nine tenants, all by message."""
    factory.cheap_scrypt(monkeypatch)
    keepers = factory.three_keepers()
    area = district.responsibility_areas[0]
    ready = open_round(district, n=18, areas=[area], channels=(Channel.SMS, Channel.QR))
    factory.reseal(ready)
    tenure_of = dict(Invitation.objects.filter(round=ready.round).values_list("pk", "frame_cell"))
    owners = [slips for pk, slips in ready.by_invitation.items() if tenure_of[pk] == f"tenure={OWNER}"]
    for message, letter in owners[:7]:
        factory.vote(letter if message in {slips[0] for slips in owners[:2]} else message)
    for pk, (message, _letter) in ready.by_invitation.items():
        if tenure_of[pk] == f"tenure={TENANT}":
            factory.vote(message)
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.AUDITOR], keepers[Body.BUREAU])
    factory.close(ready)

    folder = snapshot_folder() / SealedSnapshot.objects.get(round=ready.round).folder
    snapshot = open_snapshot(folder)
    assert check_snapshot(folder) == ()
    ballots = read_parquet(snapshot.parts[0].path).to_pylist()
    assert Counter((row["cell_tenure"], row["mode"]) for row in ballots) == {
        (OWNER, Mode.UNKNOWN): 7, (TENANT, Mode.SMS): 9,
    }  # fmt: skip
    merges = snapshot.manifest["merged_cells"]
    assert [row for row in merges if "cell" in row] == [
        {"area": area.code, "variable": "mode", "levels": [Mode.SMS, Mode.QR], "into": Mode.UNKNOWN,
         "cell": {"instrument": "test-worker@1", "stratum": 0, "tenure": OWNER}}
    ]  # fmt: skip
    told = {
        (row["cell_tenure"], row["mode"], row["disposition"]): row["n"]
        for row in snapshot.table("dispositions").to_pylist()
    }
    assert told == {
        (OWNER, Mode.UNKNOWN, Disposition.COMPLETE): 7,
        (OWNER, Mode.UNKNOWN, Disposition.UNKNOWN_ELIGIBILITY): 2,
        (TENANT, Mode.SMS, Disposition.COMPLETE): 9,
    }
    assert {row["cell_tenure"] for row in snapshot.table("sample").to_pylist()} == {OWNER, TENANT}
    *_strata, shown = merged_cells(merges, {area.code: area.name})
    assert "自有住房" in shown.cell
    assert "test-worker@1" in shown.cell
    assert shown.into == "未分列"


def test_the_page_names_the_ways_of_asking_that_lost_the_lot() -> None:
    row = {"area": "A", "variable": "randomised", "levels": [0, 1], "into": 0, "modes": [0, 3],
           "cell": {"instrument": "f@1", "stratum": 1, "tenure": 2}}  # fmt: skip
    (shown,) = merged_cells([row], {})
    assert shown.cell.endswith("未分列 / 短信 · f@1")
    assert shown.cell.count("未分列") == 2
    whole, *_rest = merged_cells([{"area": "A", "variable": "tenure", "levels": [0, 1], "into": 2}], {})
    assert whole.cell == ""
