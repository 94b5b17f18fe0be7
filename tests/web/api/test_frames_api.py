"""Frames through the interface: counts of the key's areas, masked units, the seal; never a contact."""

from __future__ import annotations

from uuid import UUID

import pytest

from minping_web.common.masks import masked
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Frame, Unit
from tests.web.api.factory import Caller, World, codes

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def test_counts_are_those_of_the_keys_areas(both: World, bureau: Caller, street: Caller) -> None:
    assert bureau.get("/frames")["items"][0]["counts"]["units"] == 6
    assert street.get(f"/frames/{both.frame.pk}")["counts"]["units"] == 3
    covered = street.get(f"/frames/{both.frame.pk}/coverage")["items"]
    assert [(row["area"]["code"], row["counts"]["units"]) for row in covered] == [
        (both.here.posting.area.code, 3)
    ]


def test_units_are_masked_and_of_the_keys_areas(both: World, bureau: Caller, street: Caller) -> None:
    """S81: neither phone nor address nor mark of a special family passes."""
    answer = street("GET", f"/frames/{both.frame.pk}/units")
    assert "13900000000" not in answer.content.decode()
    rows = answer.json()["items"]  # type: ignore[attr-defined]
    assert {row["area"]["code"] for row in rows} == {both.here.posting.area.code}
    assert set(rows[0]) == {
        "id", "area", "house_code", "building", "kind", "instrument", "rater", "has_contact",
        "do_not_contact", "excluded",
    }  # fmt: skip
    assert all(row["has_contact"] for row in rows)
    there = bureau.get(f"/frames/{both.frame.pk}/units?area={both.there.area.code}&kind=household")
    assert {row["area"]["code"] for row in there["items"]} == {both.there.posting.area.code}


def test_units_are_listed_neither_under_disclosed_ids_nor_in_their_order(both: World, bureau: Caller) -> None:
    """Whoever holds the disclosed draw cannot tell from the interface which house was drawn."""
    with entered(system_scope()):
        stored = {str(key) for key in Unit.objects.filter(frame=both.frame).values_list("pk", flat=True)}
    seen, cursor = [], ""
    while cursor is not None:
        answer = bureau.get(f"/frames/{both.frame.pk}/units?limit=4&cursor={cursor}")
        seen += [(row["house_code"], row["id"]) for row in answer["items"]]
        assert stored.isdisjoint({key for _house, key in seen})
        cursor = answer["next"]
    assert seen == sorted(seen)
    assert {masked(UUID(key)) for key in stored} == {UUID(key) for _house, key in seen}
    assert len(seen) == 6


def test_the_seal_is_told_and_its_leaves_to_who_sees_the_district(
    both: World, bureau: Caller, street: Caller
) -> None:
    seal = street.get(f"/frames/{both.frame.pk}/seal")
    assert (seal["root"], seal["units"]) == ("00" * 32, 2)
    leaves = bureau.get(f"/frames/{both.frame.pk}/leaves")["items"]
    assert [leaf["position"] for leaf in leaves] == [0, 1]
    assert street("GET", f"/frames/{both.frame.pk}/leaves").status_code == 403


def test_a_draft_has_no_seal_and_a_loading_frame_does_not_show(both: World, bureau: Caller) -> None:
    draft = Frame.objects.create(name="草稿", as_of=both.frame.as_of, needed_until=both.frame.as_of,
                                 made_at=both.frame.made_at, state=Frame.State.DRAFT)  # fmt: skip
    assert bureau("GET", f"/frames/{draft.pk}/seal").status_code == 404
    Frame.objects.filter(pk=draft.pk).update(state=Frame.State.LOADING)
    answer = bureau("GET", f"/frames/{draft.pk}")
    assert (answer.status_code, codes(answer)) == (404, ["api.not_found"])
    assert [row["id"] for row in bureau.get("/frames")["items"]] == [both.frame.pk]
