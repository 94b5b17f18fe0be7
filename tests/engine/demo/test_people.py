"""Who is posted where: one worker per area at a time, moves, shares, invented names."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise

from minping_engine.demo import QUARTERS, District
from minping_engine.demo.people import quarter_days


def rows_by(quarter, key):
    rows = defaultdict(list)
    for row in quarter:
        rows[getattr(row, key)].append(row)
    return rows


def test_quarters_begin_and_end_on_the_right_days():
    assert quarter_days("2019Q1") == (date(2019, 1, 1), date(2019, 3, 31))
    assert quarter_days("2020Q4") == (date(2020, 10, 1), date(2020, 12, 31))


def test_on_the_first_day_every_area_has_its_own_worker(full: District):
    posted = [row for row in full.staff.postings[0] if row.from_day == date(2019, 1, 1)]
    assert (
        len({row.target for row in posted}) == len({row.person for row in posted} & set(range(1076))) == 1076
    )


def test_no_two_workers_are_posted_on_one_area_on_the_same_day(full: District):
    for quarter in full.staff.postings:
        for rows in rows_by(quarter, "target").values():
            for former, latter in pairwise(rows):
                assert former.to_day is not None
                assert former.to_day < latter.from_day


def test_shares_are_the_days_posted_in_per_mille(full: District):
    for name, quarter in zip(QUARTERS, full.staff.postings, strict=True):
        first, last = quarter_days(name)
        days = (last - first).days + 1
        for row in quarter:
            posted = (min(row.to_day or last, last) - max(row.from_day, first)).days + 1
            assert abs(row.share - 1000 * posted / days) <= 1


def test_nobody_is_posted_for_more_than_the_whole_quarter(full: District):
    for quarter in full.staff.postings:
        for key in ("target", "person"):
            assert max(sum(row.share for row in rows) for rows in rows_by(quarter, key).values()) == 1000


def test_some_workers_answer_for_two_areas_and_some_areas_for_two_workers(full: District):
    for quarter in full.staff.postings:
        for key in ("target", "person"):
            assert max(len(rows) for rows in rows_by(quarter, key).values()) == 2


def test_now_and_then_nobody_is_posted(full: District):
    shares = [
        sum(row.share for row in rows)
        for quarter in full.staff.postings
        for rows in rows_by(quarter, "target").values()
    ]
    assert min(shares) < 900


def test_the_story_worker_stays_in_her_grid(full: District):
    for quarter in full.staff.postings:
        assert [(row.person, row.share) for row in quarter if row.target == full.places.story] == [
            (full.staff.story, 1000)
        ]


def test_moves_stay_inside_the_community(full: District):
    homes = defaultdict(set)
    for quarter in full.staff.postings:
        for row in quarter:
            homes[row.person].add(int(full.places.community[row.target]))
    assert {len(some) for some in homes.values()} == {1}


def test_about_two_in_a_hundred_areas_are_touched_by_a_move_each_quarter(full: District):
    moved = {
        row.target for row in full.staff.postings[3] if row.from_day != full.staff.postings[0][0].from_day
    }
    assert 0.02 < len(moved) / full.places.n < 0.1


def test_names_are_different_and_of_three_characters(full: District):
    names = full.staff.names
    assert len(set(names)) == len(names) > 1076
    assert {len(name) for name in names} == {3}
