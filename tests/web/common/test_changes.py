"""Change sets: one act, one record, readable and undoable by those whom it concerns."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from minping_web.common.changes import preview, readable_by, recording, undo
from minping_web.common.models import Change, ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.readable import differences_of, readable
from minping_web.places.models import Area
from tests.web.factories import SmallDistrict, scope_with


def renamed(scope, area: Area, name: str):  # type: ignore[no-untyped-def]
    """An act that renames one area."""
    with recording(scope, "places.edit", f"rename {name}") as recorder:
        recorder.update(area, name=name)
    return recorder


def test_an_act_that_changes_nothing_leaves_no_record(district: SmallDistrict) -> None:
    recorder = renamed(scope_with("district_bureau"), district.grids[0], "第一网格")
    assert recorder.unchanged == 1
    assert not ChangeSet.objects.exists()


def test_nothing_is_kept_when_the_act_fails(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")

    def fail() -> None:
        with recording(scope, "places.edit", "x") as recorder:
            recorder.update(district.grids[0], name="甲")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Area.objects.filter(name="甲").exists()
    assert not ChangeSet.objects.exists()


@pytest.mark.sqlite
def test_a_preview_tells_the_differences_and_writes_nothing(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    told = preview(lambda: renamed(scope, Area.objects.get(pk=district.grids[0].pk), "甲"))
    assert told.differences[0].fields == [("name", "第一网格", "甲")]
    assert not Area.objects.filter(name="甲").exists()
    assert not ChangeSet.objects.exists()


@pytest.mark.sqlite
def test_rows_written_in_bulk_are_recorded_like_single_ones(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    with recording(scope, "places.edit", "bulk") as recorder:
        recorder.update_many([(grid, {"valid_from": date(2026, 1, 1)}) for grid in district.grids])
        recorder.update_many([(district.grids[0], {"name": "第一网格"})])
    assert (recorder.count("updated"), recorder.unchanged) == (6, 1)
    change = Change.objects.get(object_id=str(district.grids[0].pk))
    assert (change.before["valid_from"], change.after["valid_from"]) == (None, "2026-01-01")
    assert recorder.change_set is not None
    undo(scope, recorder.change_set)
    assert not Area.objects.exclude(valid_from=None).exists()


def test_an_act_lies_where_its_rows_lie_and_is_read_by_those_who_look_after_it(
    district: SmallDistrict,
) -> None:
    bureau = scope_with("district_bureau")
    act = renamed(bureau, district.grids[0], "甲").change_set
    assert [place.path for place in act.places.all()] == [district.grids[0].path]
    own = scope_with("street_staff", area=district.streets[0])
    foreign = scope_with("street_staff", area=district.streets[1])
    assert list(readable_by(own)) == [act]
    assert list(readable_by(foreign)) == []
    with pytest.raises(PermissionDenied):
        undo(foreign, act)
    undo(own, act)


def test_an_act_over_two_streets_belongs_to_the_district(district: SmallDistrict) -> None:
    bureau = scope_with("district_bureau")
    with recording(bureau, "places.edit", "both") as recorder:
        recorder.update(district.communities[0], name="甲")
        recorder.update(district.communities[2], name="乙")
    assert recorder.change_set is not None
    assert recorder.change_set.places.count() == 2
    assert list(readable_by(scope_with("street_staff", area=district.streets[0]))) == []


def test_undo_names_every_row_that_moved_on(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    with recording(scope, "places.edit", "first") as first:
        for grid in district.grids[:3]:
            recorder_name = f"新{grid.pk}"
            first.update(grid, name=recorder_name)
    renamed(scope, district.grids[0], "甲")
    renamed(scope, district.grids[1], "乙")
    assert first.change_set is not None
    with pytest.raises(RefusedError) as refusal:
        undo(scope, first.change_set)
    labels = {problem.params["label"] for problem in refusal.value.problems}
    assert labels == {f"新{district.grids[0].pk}", f"新{district.grids[1].pk}"}


def test_undo_twice_is_refused(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    act = renamed(scope, district.grids[0], "甲").change_set
    undo(scope, act)
    with pytest.raises(RefusedError, match=r"change\.undo_twice"):
        undo(scope, act)


def test_undo_is_refused_where_the_code_is_taken_by_now(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    grid, old = district.grids[0], district.grids[0].code
    with recording(scope, "places.edit", "code") as recorder:
        recorder.update(grid, code="ANOTHER")
    Area.objects.create(level="grid", code=old, name="占用", parent=district.communities[0], path="0")
    assert recorder.change_set is not None
    with pytest.raises(RefusedError) as refusal:
        undo(scope, recorder.change_set)
    assert [problem.code for problem in refusal.value.problems] == ["change.collides"]


def test_people_read_names_and_labels_instead_of_ids_and_keys(district: SmallDistrict) -> None:
    scope = scope_with("district_bureau")
    with recording(scope, "places.edit", "x") as recorder:
        recorder.update(district.grids[0], parent=district.communities[1], is_red=True, path="f")
    assert recorder.change_set is not None
    (shown,) = readable(differences_of(recorder.change_set.changes.all()))
    fields = {name: (before, after) for name, before, after in shown.fields}
    assert fields["parent"] == ("和平社区", "新村社区")
    assert "path" not in fields
    assert fields["is_red"][0] != fields["is_red"][1]
    assert not any(isinstance(value, bool) for pair in fields.values() for value in pair)
