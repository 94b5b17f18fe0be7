"""Re-cuts: paths follow, shares add up, what was can be compared with what is, everything can be undone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minping_web.common.changes import undo
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.places.models import Area, AreaLineage
from minping_web.places.rules.shares import chained, shares_from_counts
from minping_web.places.selectors.lineage import comparable, state_on
from minping_web.places.services.areas import create_area, end_area, move_area, rename_area
from minping_web.places.services.recuts import NewArea, Recut, merge_areas, recut
from tests.web.factories import SmallDistrict, area, scope_with
from tests.web.places.factory import paths_are_true

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)


@given(counts=st.dictionaries(st.integers(0, 50), st.integers(0, 10**6), min_size=1, max_size=20))
def test_shares_add_up_to_one_exactly(counts: dict[int, int]) -> None:
    shares = shares_from_counts(counts)
    assert sum(shares.values()) == 1
    assert all(share > 0 for share in shares.values())


@given(
    first=st.dictionaries(st.integers(0, 4), st.integers(1, 900), min_size=1),
    then=st.dictionaries(
        st.integers(0, 4), st.dictionaries(st.integers(5, 9), st.integers(1, 900), min_size=1)
    ),
)
def test_chained_shares_still_add_up_to_one(first: dict[int, int], then: dict[int, dict[int, int]]) -> None:
    steps = {key: shares_from_counts(counts) for key, counts in then.items()}
    assert sum(chained(shares_from_counts(first), steps).values()) == 1


@pytest.mark.sqlite
def test_a_split_shares_the_households_out_and_a_later_merge_joins_them(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    community = district.communities[0]
    Area.objects.filter(pk=community.pk).update(households=1000)
    inside = {district.grids[0].pk: 0, district.grids[1].pk: 1}
    parts = [NewArea("P0", "东", {community.pk: 700}), NewArea("P1", "西", {community.pk: 300})]
    recut(scope, Recut([community.pk], parts, SPRING, "规模过大", inside))
    east, west = Area.objects.get(code="P0"), Area.objects.get(code="P1")
    other = district.communities[1]
    merge_areas(scope, [west.pk, other.pk], code="Q", name="合", day=SUMMER, reason="调整")
    joined = Area.objects.get(code="Q")
    found = comparable(date(2026, 1, 1), AUTUMN, level="community")
    assert found[community.pk] == {east.pk: Decimal("0.7"), joined.pk: Decimal("0.3")}
    assert found[other.pk] == {joined.pk: Decimal(1)}
    assert found[district.communities[2].pk] == {district.communities[2].pk: Decimal(1)}
    assert comparable(SPRING, date(2026, 4, 1))[west.pk] == {west.pk: Decimal(1)}
    assert paths_are_true()


@pytest.mark.sqlite
def test_undoing_every_act_in_turn_brings_the_first_day_back(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    before = list(Area.objects.order_by("pk").values())
    rename_area(scope, district.grids[0].pk, name="新名", day=SPRING, reason="批复")
    move_area(scope, district.communities[0].pk, parent=district.streets[1], day=SPRING, reason="调整")
    merge_areas(scope, [g.pk for g in district.grids[2:4]], code="Q", name="合", day=SPRING, reason="过小")
    end_area(scope, district.communities[2].pk, last_day=SUMMER, below=True)
    assert paths_are_true()
    for act in ChangeSet.objects.order_by("-pk"):
        undo(scope, act)
        assert paths_are_true()
    assert list(Area.objects.order_by("pk").values()) == before
    assert not AreaLineage.objects.exists()


def test_an_area_made_below_a_moved_one_follows_it_back(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    community = district.communities[0]
    moved = move_area(scope, community.pk, parent=district.streets[1], day=SPRING, reason="调整")
    values = {"level": "grid", "code": "LATE", "name": "后设网格"}
    create_area(scope, parent=Area.objects.get(pk=community.pk), values=values)
    assert moved is not None
    undo(scope, moved)
    assert paths_are_true()
    assert Area.objects.get(code="LATE").path.startswith(district.streets[0].path)


def test_an_earlier_act_is_not_undone_while_a_later_one_stands(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    first = rename_area(scope, district.grids[0].pk, name="甲", day=SPRING, reason="批复")
    rename_area(scope, district.grids[0].pk, name="乙", day=SUMMER, reason="批复")
    assert first is not None
    with pytest.raises(RefusedError) as refusal:
        undo(scope, first)
    assert {problem.code for problem in refusal.value.problems} == {"change.undo_conflict"}


def test_the_past_is_read_with_its_own_names_and_places(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    community = district.communities[0]
    rename_area(scope, community.pk, name="和顺社区", day=SPRING, reason="批复")
    move_area(scope, community.pk, parent=district.streets[1], day=SUMMER, reason="调整")
    community.refresh_from_db()
    days = [date(2026, 2, 28), SPRING, date(2026, 5, 31), SUMMER]
    told = [(state_on(community, day).name, state_on(community, day).parent_id) for day in days]
    one, other = district.streets[0].pk, district.streets[1].pk
    assert told == [("和平社区", one), ("和顺社区", one), ("和顺社区", one), ("和顺社区", other)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"old": 1}, "places.recut_needs_areas"),
        ({"day": date(2999, 1, 1)}, "places.day_ahead"),
        ({"reason": "  "}, "approval.reason_missing"),
        ({"foreign": True}, "places.recut_unlike"),
        ({"code": "taken"}, "places.code_taken"),
    ],
)
def test_merges_that_cannot_be_are_refused(
    district: SmallDistrict, change: dict[str, object], code: str
) -> None:
    scope = scope_with("district_bureau")
    old = [grid.pk for grid in district.grids[: int(str(change.get("old", 2)))]]
    if change.get("foreign"):
        old[1] = district.grids[4].pk
    with pytest.raises(RefusedError) as refusal:
        merge_areas(
            scope, old, code=district.grids[5].code if "code" in change else "Q", name="合",
            day=change.get("day", SPRING), reason=str(change.get("reason", "过小")),  # type: ignore[arg-type]
        )  # fmt: skip
    assert {problem.code for problem in refusal.value.problems} == {code}
    assert not ChangeSet.objects.exists()


moves = st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=5)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(steps=moves)
def test_whatever_is_moved_paths_stay_true(db: None, steps: list[tuple[bool, int, int]]) -> None:
    scope = scope_with("district_bureau")
    top = area("district", "区")
    streets = [area("street", f"街{n}", top) for n in range(3)]
    homes = [area("community", f"社{n}", streets[n % 3]) for n in range(4)]
    grids = [area("grid", f"格{n}", homes[n % 4]) for n in range(5)]
    for day, (wide, which, where) in enumerate(steps, 1):
        moved = homes[which % 4] if wide else grids[which]
        target = streets[where % 3] if wide else homes[where]
        if Area.objects.get(pk=moved.pk).parent_id != target.pk:
            move_area(scope, moved.pk, parent=target, day=date(2026, 3, day), reason="调整")
        assert paths_are_true()
