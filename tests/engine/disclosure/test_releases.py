"""Two releases of one round: a correction must not give away what both hide."""

from __future__ import annotations

from minping_engine.disclosure import (
    Dimension,
    Limits,
    Protected,
    compare_releases,
    protect,
    table_from_leaves,
)
from minping_engine.disclosure.suppress import protect as protect_again

WAY = Dimension.flat("mode", ["visit", "phone", "sms", "web"])


def release(visit: int, phone: int, sms: int, web: int) -> Protected:
    leaves = {("visit",): visit, ("phone",): phone, ("sms",): sms, ("web",): web}
    return protect([table_from_leaves("ballots", [WAY], leaves)])


def test_the_same_release_again_gives_nothing_away() -> None:
    assert compare_releases(release(90, 40, 3, 60), release(90, 40, 3, 60)).is_safe


def test_a_number_hidden_once_and_shown_once_is_exposed() -> None:
    """With a lower threshold the second release shows what the first hid."""
    leaves = {("visit",): 90, ("phone",): 40, ("sms",): 3, ("web",): 60}
    table = table_from_leaves("ballots", [WAY], leaves)
    open_handed = protect_again([table], Limits(fewest=2, width=2))
    found = compare_releases(protect([table]), open_handed)
    assert found.exposed["ballots", (("mode", "sms"),)].width == 0


def test_another_choice_of_complements_exposes_the_thin_number() -> None:
    """First phone and sms are hidden, then web and sms: the second tells phone, so the first tells sms."""
    table = table_from_leaves("ballots", [WAY], {("visit",): 90, ("phone",): 40, ("sms",): 3, ("web",): 60})
    first = protect([table])
    second = protect([table], withheld={table.key(("web",))})
    other = Protected(
        second.tables,
        second.system,
        {key: reason for key, reason in second.hidden.items() if key[1] != (("mode", "phone"),)},
        second.limits,
    )
    assert ("ballots", (("mode", "sms"),)) in compare_releases(first, other).exposed


def test_a_correction_by_a_few_ballots_is_named() -> None:
    found = compare_releases(release(90, 40, 30, 60), release(88, 40, 30, 60))
    assert found.thin_changes == {("ballots", (("mode", "visit"),)): -2, ("ballots", ()): -2}
    assert not found.is_safe


def test_a_correction_by_a_whole_batch_may_be_published() -> None:
    assert compare_releases(release(90, 40, 30, 60), release(70, 40, 30, 60)).is_safe
