"""Ways of asking with few answers are pooled where they are few, and nothing else in a snapshot undoes it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.snapshot import check_snapshot, open_snapshot, read_parquet
from minping_engine.terms import Disposition, Mode
from minping_web.ballots.rules.words import Body
from minping_web.places.models import Area
from minping_web.rounds.models import Invitation, RoundInstrument
from minping_web.rounds.rules.words import Channel
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.fieldwork import Tally, together, unshown_modes, wide_cells
from minping_web.snapshots.rules.merged import merged_cells
from minping_web.snapshots.services.writing import snapshot_folder
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, instrument_version, open_round
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


def test_dispositions_do_not_tell_by_cell_where_few_voted_or_ballots_are_withheld(
    district: SmallDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Areas of 18 households: one vote, four, owners only, a lone second questionnaire, enough of both."""
    factory.cheap_scrypt(monkeypatch)
    keepers = factory.three_keepers()
    areas = district.responsibility_areas[:5]
    ready = open_round(district, n=18, areas=areas, channels=(Channel.SMS, Channel.QR))
    factory.reseal(ready)
    other = instrument_version(id="test-special")
    asked = RoundInstrument.objects.filter(round=ready.round).order_by("pk")[0]
    RoundInstrument.objects.filter(pk=asked.pk).update(version=other)
    one, four, owners, special, both = (_slips(ready, area) for area in areas)
    factory.vote(one[OWNER][0][1])
    for message, letter in (*four[OWNER][:2], *four[TENANT][:2]):
        factory.vote(letter if message == four[TENANT][0][0] else message)
    for message, _letter in owners[OWNER][:6]:
        factory.vote(message)
    for message, _letter in special[OWNER]:
        factory.vote(message)
    for number, (message, _letter) in enumerate(special[TENANT]):
        factory.vote(message, instrument="test-special@1" if number == 0 else "test-worker@1")
    for message, _letter in (*both[OWNER][:6], *both[TENANT][:7]):
        factory.vote(message)
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.AUDITOR], keepers[Body.BUREAU])
    factory.close(ready)

    folder = snapshot_folder() / SealedSnapshot.objects.get(round=ready.round).folder
    assert check_snapshot(folder) == ()
    snapshot = open_snapshot(folder)
    told: dict[str, dict[tuple[int, int, int], int]] = {}
    codes = snapshot.table("targets")["area_id"].to_pylist()
    for row in snapshot.table("dispositions").to_pylist():
        key = (row["cell_tenure"], row["mode"], row["disposition"])
        told.setdefault(codes[row["target"]], Counter())[key] += row["n"]
    whole, voted, silent = 2, Disposition.COMPLETE, Disposition.UNKNOWN_ELIGIBILITY
    assert told == {
        areas[0].code: {(whole, Mode.UNKNOWN, voted): 1, (whole, Mode.UNKNOWN, silent): 17},
        areas[1].code: {(whole, Mode.UNKNOWN, voted): 4, (whole, Mode.UNKNOWN, silent): 14},
        areas[2].code: {(OWNER, Mode.SMS, voted): 6, (OWNER, Mode.SMS, silent): 3,
                        (TENANT, Mode.SMS, silent): 9},
        areas[3].code: {(whole, Mode.UNKNOWN, voted): 18},
        areas[4].code: {(OWNER, Mode.SMS, voted): 6, (OWNER, Mode.SMS, silent): 3,
                        (TENANT, Mode.SMS, voted): 7, (TENANT, Mode.SMS, silent): 2},
    }  # fmt: skip
    sample = snapshot.table("sample").to_pylist()
    assert sum(row["drawn"] for row in sample) == 5 * 18


def _slips(ready: OpenRound, area: Area) -> dict[int, list[tuple[str, str]]]:
    """Tokens of an area's households (message, letter) by tenure."""
    made: dict[int, list[tuple[str, str]]] = {OWNER: [], TENANT: []}
    for one in Invitation.objects.filter(round=ready.round, area=area).order_by("pk"):
        message, letter = ready.by_invitation[one.pk]
        made[int(one.frame_cell == f"tenure={TENANT}")].append((message, letter))
    return made


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 1), st.integers(0, 2)),
        st.dictionaries(st.integers(0, 4), st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
                        min_size=1),
        min_size=1,
    )
)  # fmt: skip
def test_no_shown_group_of_fieldwork_is_of_few_but_a_whole_area(
    drawn: dict[tuple[int, int], dict[int, tuple[int, int, int]]],
) -> None:
    """Whatever comes: enough invited, none or enough answered, none or enough of these withheld."""
    found = {
        cell: {mode: Tally(a + b + c, b + c, c) for mode, (a, b, c) in by_mode.items() if a + b + c}
        for cell, by_mode in drawn.items()
    }
    tallies = {cell: together(by_mode.values()) for cell, by_mode in found.items()}
    steps = (lambda cell: (cell[0], 3), lambda cell: (0, cell[1]), lambda cell: (0, 3))
    groups: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for cell, into in wide_cells(tallies, steps, 5).items():
        groups.setdefault(into, []).append(cell)
    for members in groups.values():
        by_mode: dict[int, list[Tally]] = {}
        for cell in members:
            for mode, one in found[cell].items():
                by_mode.setdefault(mode, []).append(one)
        summed = {mode: together(some) for mode, some in by_mode.items()}
        unshown = unshown_modes(summed, 5, Mode.UNKNOWN.value, ())
        shown: dict[int, list[Tally]] = {}
        for mode, one in summed.items():
            shown.setdefault(Mode.UNKNOWN.value if mode in unshown else mode, []).append(one)
        alone = len(groups) == len(shown) == 1
        assert alone or not any(together(some).is_thin(5) for some in shown.values())


def test_the_page_names_the_ways_of_asking_that_lost_the_lot() -> None:
    row = {"area": "A", "variable": "randomised", "levels": [0, 1], "into": 0, "modes": [0, 3],
           "cell": {"instrument": "f@1", "stratum": 1, "tenure": 2}}  # fmt: skip
    (shown,) = merged_cells([row], {})
    assert shown.cell.endswith("未分列 / 短信 · f@1")
    assert shown.cell.count("未分列") == 2
    whole, *_rest = merged_cells([{"area": "A", "variable": "tenure", "levels": [0, 1], "into": 2}], {})
    assert whole.cell == ""
