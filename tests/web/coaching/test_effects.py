"""Whether help helped: what the page says is what the engine says, and never more (docs/method/coaching.md).

That plans without effect are claimed to help in at most 5 % of districts is held by
`tests/deep/test_coaching.py`; here the product must hand the engine the right arrays and show its verdicts
unchanged.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from django.test import Client, override_settings

from minping_engine.coaching import Plan, PlanWindow, TwoRounds, effect_in_words, judge_plans
from minping_web.coaching.models import CoachingPlan
from minping_web.coaching.rules.words import PlanState
from minping_web.coaching.selectors.effects import FEWEST_OTHERS, Effects, effects_at, seen_of, tells_all
from minping_web.common.clock import now
from minping_web.publications.models import Publication
from tests.web import factories
from tests.web.coaching import factory
from tests.web.coaching.factory import Quarter, Workers
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

N, COACHED = 90, 12
BEGAN = date(2020, 2, 10)


@pytest.fixture(autouse=True)
def demo_values() -> object:
    """gulou-worker's bands were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


def coached(made: Workers, rows: list[int], *, publication: Publication, began: date = BEGAN) -> None:
    """Running plans of these workers."""
    CoachingPlan.objects.bulk_create(
        CoachingPlan(
            assessee_id=made.assessee(at), name=made.people[at].name, person=made.people[at],
            area=made.place(at), publication=publication, state=PlanState.RUNNING, opened_at=now(),
            starts_on=began,
        )
        for at in rows
    )  # fmt: skip


def two_quarters(
    district: SmallDistrict, *, gain: float, seed: int = 8
) -> tuple[Workers, list[int], list[dict[int, float]]]:
    """The lowest of a district get plans between two quarters; `gain` is what help brings."""
    made = factory.workers(district, N)
    quarter = factory.noisy(N, seed)
    first, second = quarter(), quarter()
    lowest = sorted(first, key=lambda at: first[at])[:COACHED]
    published = factory.publish(made, Quarter("2020Q1", first, se=1.5))
    coached(made, lowest, publication=published)
    for at in lowest:
        second[at] += gain
    factory.publish(made, Quarter("2020Q2", second, se=1.5))
    return made, lowest, [first, second]


def newest() -> Effects:
    """At the newest publication."""
    return effects_at(Publication.objects.order_by("-round__period").first())  # type: ignore[arg-type]


def test_every_verdict_and_interval_is_the_engines(district: SmallDistrict) -> None:
    made, lowest, scores = two_quarters(district, gain=8.0)
    order = sorted(range(N), key=made.assessee)
    values = [np.array([one[at] for at in order]) for one in scores]
    se = np.full(N, 1.5)
    rounds = TwoRounds(values[0], se, values[1], se, np.zeros(N, dtype=np.int64))
    window = PlanWindow(date(2020, 1, 30), date(2020, 4, 10), date(2020, 4, 30))
    expected = judge_plans(rounds, [Plan(order.index(at), BEGAN) for at in lowest], window)
    by_name = {made.people[at].name: one for at, one in zip(lowest, expected.plans, strict=True)}
    found = newest()
    assert {one.plan.name for one in found.rows} == set(by_name)
    for one in found.rows:
        engine = by_name[one.plan.name]
        assert engine.difference is not None
        assert one.effect.difference is not None
        assert one.effect.difference.verdict == engine.difference.verdict
        assert one.effect.difference.low == pytest.approx(engine.difference.low, abs=1e-9)
        assert one.words == effect_in_words(one.effect, "zh", percent=95.0)
    assert found.made is not None
    assert found.made.overall is not None
    assert found.made.overall.verdict == "helped"


def test_counts_are_told_beside_all_plans_or_where_five_others_stand_behind_them(
    district: SmallDistrict,
) -> None:
    two_quarters(district, gain=8.0)
    found = newest()
    assert found.judged == COACHED
    assert tells_all(found, found.rows)
    assert tells_all(found, found.rows[FEWEST_OTHERS:])
    assert not tells_all(found, found.rows[FEWEST_OTHERS - 1 :])
    assert not tells_all(found, found.rows[1:])


def test_rising_by_luck_alone_is_not_called_help(district: SmallDistrict) -> None:
    _made, lowest, scores = two_quarters(district, gain=0.0)
    assert np.mean([scores[1][at] - scores[0][at] for at in lowest]) > 0
    found = newest()
    assert found.made is not None
    assert found.made.overall is not None
    assert found.made.overall.verdict == "not_shown"


def test_too_few_like_workers_are_refused_in_words(district: SmallDistrict) -> None:
    made = factory.workers(district, 6)
    quarter = factory.noisy(6, 3)
    published = factory.publish(made, Quarter("2020Q1", quarter()))
    coached(made, [0], publication=published)
    factory.publish(made, Quarter("2020Q2", quarter()))
    found = newest()
    assert found.rows == ()
    assert [problem.code for problem in found.problems] != []


def test_plans_for_a_fall_without_an_earlier_round_carry_a_warning(district: SmallDistrict) -> None:
    made, lowest, _scores = two_quarters(district, gain=0.0)
    assert not newest().lacks_earlier
    reason = {"kind": "fall", "use": "", "text": {"zh": "下降", "en": "fell"}, "basis": {}}
    CoachingPlan.objects.filter(person=made.people[lowest[0]]).update(reasons=[reason])
    assert newest().lacks_earlier
    factory.publish(made, Quarter("2020Q3", factory.noisy(N, 9)(), se=1.5))
    assert not newest().lacks_earlier


def test_a_plan_that_is_over_before_the_first_round_is_not_counted(district: SmallDistrict) -> None:
    made, lowest, _scores = two_quarters(district, gain=0.0)
    CoachingPlan.objects.filter(person=made.people[lowest[0]]).update(
        state=PlanState.ENDED, starts_on=date(2019, 9, 1), ended_on=date(2019, 12, 1)
    )
    assert len(newest().rows) == COACHED - 1


def test_a_street_reads_its_own_plans_and_the_page_says_no_more_than_the_engine(
    district: SmallDistrict,
) -> None:
    made, lowest, _scores = two_quarters(district, gain=8.0)
    street = factories.scope_with("street_staff", area=district.streets[1])
    own = {made.people[at].name for at in lowest if made.place(at).path.startswith(district.streets[1].path)}
    assert {one.plan.name for one in seen_of(street, newest())} == own
    who = factories.user()
    factories.grant(who, "street_staff", area=district.streets[1])
    client = sign_in(Client(), who)
    page = client.get("/coaching/effects/").content.decode()
    assert all(name in page for name in own)
    assert not any(made.people[at].name + "<" in page for at in lowest if made.people[at].name not in own)
    table = client.get("/coaching/effects/?format=csv").content.decode("utf-8-sig")
    assert len(table.strip().splitlines()) == len(own) + 1
