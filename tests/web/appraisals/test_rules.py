"""What schemes ask, what a mark may be, who may mark whom: without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minping_engine.errors import Place, Problem
from minping_engine.scheme import load_scheme, scheme_ids
from minping_web.appraisals.rules.asked import asked_by
from minping_web.appraisals.rules.conflicts import Assessee, Conflict, RaterFacts, conflict_of
from minping_web.appraisals.rules.marks import group_means, is_well_mixed, mark_from
from minping_web.appraisals.rules.numbers import written
from minping_web.appraisals.rules.words import CALLABLE, SOURCES, UNITS

WORKER = Assessee("P000007", "community_worker", "王试", "C1", "和平社区", "0102", "0102")
GRID = Assessee("G1", "grid", "第一网格", "G1", "第一网格", "010203", "0102")
FIRM = Assessee("O000003", "organisation", "便民社", "D1", "试验区", "01")


def test_every_scheme_of_the_library_tells_what_it_asks_in_both_languages() -> None:
    """Each group has items with a scale, a source that somebody can be called for, each fact a known unit."""
    for name in scheme_ids():
        loaded = load_scheme(name, demo=True)
        for language in ("zh", "en"):
            asked = asked_by(loaded, language)
            for group in asked.groups:
                assert group.items, (name, group.id)
                assert all(item.most_milli > 0 and item.title for item in group.items)
                assert group.source in SOURCES
                assert CALLABLE[group.source]
            assert all(fact.unit in UNITS for fact in asked.facts), name


@pytest.mark.parametrize(
    ("scheme", "costly"),
    [
        ("baotaqiao-grid", {"verified_complaints"}),
        ("xiaoshi-window", {"verified_complaints"}),
        ("xiaoshi-organisation", {"overdue_findings"}),
        ("hubei-2021", {"convicted", "lost_election", "over_age"}),
        ("jinhua-deductions", {"frauds", "weighty_frauds", "passed_on", "weighty_passed_on"}),
        ("xianning-3456", set()),
    ],
)
def test_facts_that_cost_somebody_something_are_known_by_the_rules_that_read_them(
    scheme: str, costly: set[str]
) -> None:
    """S94: one verified complaint and the grade is gone; D11: nobody alone brings that in."""
    asked = asked_by(load_scheme(scheme, demo=True), "zh")
    assert {fact.id for fact in asked.facts if fact.is_costly} == costly


def test_scales_follow_where_the_scheme_gives_full_points() -> None:
    """S64: 100 for each of three sides; ten peer items of ten points share the ten; yes or no stays that."""
    xianning = asked_by(load_scheme("xianning-3456", demo=True), "en")
    assert {group.id: group.items[0].most for group in xianning.groups} == {
        "residents": "100", "service_users": "100", "street": "100",
    }  # fmt: skip
    nanhu = asked_by(load_scheme("nanhu-2014", demo=True), "zh")
    peers, street = nanhu.group("peers"), nanhu.group("street")
    assert peers is not None
    assert street is not None
    assert [item.most for item in peers.items] == ["1"] * 10
    assert [item.most for item in street.items] == ["6"] * 5
    audit = asked_by(load_scheme("hongmiao-audit", demo=True), "zh").groups[0].items[0]
    assert (audit.is_yes_no, audit.most) == (True, "1")


def test_marks_are_thousandths_on_the_scale_or_are_refused() -> None:
    """Nothing is rounded, nothing above full marks, and empty is no zero."""
    item = asked_by(load_scheme("xianning-3456", demo=True), "zh").groups[0].items[0]
    place = Place(key="x")
    assert [mark_from(text, item, place) for text in ("0", "８７.5", " 100 ", "", "  ")] == [
        0, 87_500, 100_000, None, None,
    ]  # fmt: skip
    for wrong in ("100.001", "-1", "1.2345", "1e2", "好", "٣"):
        found = mark_from(wrong, item, place)
        assert isinstance(found, Problem), wrong
    assert [written(milli) for milli in (0, 87_500, 1, -2_050)] == ["0", "87.5", "0.001", "-2.05"]


def test_a_mean_is_shown_only_where_no_single_mark_can_be_read_from_it() -> None:
    """Two raters would tell each other; three do not, if the scheme needs no more."""
    group = next(one for one in asked_by(load_scheme("xiaoshi-organisation", demo=True), "zh").groups
                 if one.id == "experts")  # fmt: skip
    sheets = [{"A": {"quality": 90_000}, "B": {"quality": 10_000}}, {"A": {"quality": 60_000}},
              {"A": {"quality": 75_000}}]  # fmt: skip
    assert [(one.assessee_id, one.n, one.mean) for one in group_means(sheets, group)] == [
        ("A", 3, "75"), ("B", 1, ""),
    ]  # fmt: skip


def test_shares_of_kinds_hold_at_their_edges() -> None:
    """Seven of ten are seventy per cent; six are not."""
    group = next(one for one in asked_by(load_scheme("nanhu-2014", demo=True), "zh").groups if one.shares)
    (kind, least, _most), *_rest = group.shares
    enough = -(-least * 10 // 100)
    assert is_well_mixed(group, [kind] * enough + ["other"] * (10 - enough))
    assert not is_well_mixed(group, [kind] * (enough - 1) + ["other"] * (11 - enough))


@pytest.mark.parametrize(
    ("rater", "one", "source", "own_only", "expected"),
    [
        (RaterFacts(ids=frozenset({"P000007"})), WORKER, "experts", False, Conflict.ONESELF),
        (RaterFacts(ids=frozenset({"O000003"})), FIRM, "experts", False, Conflict.OWN_ORGANISATION),
        (RaterFacts(work_paths=("01020304",)), GRID, "peers", False, Conflict.OWN_PLACE),
        (RaterFacts(work_paths=("0102",)), GRID, "supervisors", False, None),
        (RaterFacts(work_paths=("0102",)), WORKER, "supervisors", False, None),
        (RaterFacts(communities=frozenset({"0102"})), WORKER, "peers", False, Conflict.OWN_COMMUNITY),
        (RaterFacts(communities=frozenset({"0105"})), WORKER, "peers", False, None),
        (RaterFacts(communities=frozenset({"0102"})), WORKER, "representatives", False, None),
        (RaterFacts(speaks_for=("0102",)), GRID, "representatives", True, None),
        (RaterFacts(speaks_for=("0105",)), GRID, "representatives", True, Conflict.OTHER_PLACE),
        (RaterFacts(), GRID, "representatives", True, Conflict.OTHER_PLACE),
    ],
)
def test_nobody_marks_oneself_or_the_own_place_and_peers_never_their_community(
    rater: RaterFacts, one: Assessee, source: str, own_only: bool, expected: Conflict | None
) -> None:
    """Who leads a place from above may mark those below; representatives speak for their own place."""
    assert conflict_of(rater, one, source, own_place_only=own_only) == expected


def test_words_of_the_scheme_stand_beside_the_marks_and_change_nothing_where_there_are_none() -> None:
    """Anchors are optional: a scheme without them has the hash that it had; the best words come first."""
    plain = load_scheme("xianning-3456", demo=True)
    before = plain.scheme.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert not any("anchors" in measure for measure in before["measures"])
    anchors = [{"from": 90, "text": {"zh": "优秀：主动上门", "en": "excellent: comes unasked"}},
               {"from": "59.5", "text": {"zh": "合格", "en": "fair"}}]  # fmt: skip
    measures = [
        measure.model_validate({**measure.model_dump(by_alias=True), "anchors": anchors})
        if measure.of == "appraisals.mean" else measure
        for measure in plain.scheme.measures
    ]  # fmt: skip
    told = replace(plain, scheme=plain.scheme.model_copy(update={"measures": tuple(measures)}))
    (item, *_rest) = asked_by(told, "zh").groups[0].items
    assert item.anchors == (("90", "优秀：主动上门"), ("59.5", "合格"))
    assert not asked_by(plain, "zh").groups[0].items[0].anchors
    wrong = next(one for one in plain.scheme.measures if one.of == "appraisals.mean")
    with pytest.raises(ValueError, match="from the best marks down"):
        wrong.model_validate({**wrong.model_dump(by_alias=True), "anchors": anchors[::-1]})
