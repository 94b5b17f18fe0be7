"""A published result proposes help: by the scheme's rules, for a credible fall, up the ladder (S9, D14)."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import override_settings

from minping_engine.coaching import LadderRule, Quarter, QuarterSide, ladder_in_words, ladder_step
from minping_web.coaching.models import CoachingPlan, Standing
from minping_web.coaching.rules.reasons import ladder_rule, rung_of, side_of
from minping_web.coaching.rules.words import PlanState
from minping_web.coaching.services.opening import open_after_publication
from minping_web.ledger.models import StagedEntry
from minping_web.publications.events import Published
from minping_web.publications.models import Publication
from minping_web.site.wiring import REACTIONS
from tests.web.coaching import factory
from tests.web.coaching.factory import EXPERIENCE, LAST_GRADE
from tests.web.coaching.factory import Quarter as Published_
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def demo_values() -> object:
    """gulou-worker's bands were never published: a demonstration fills them."""
    with override_settings(DEMO=True):
        yield


def scores(n: int = 6) -> dict[int, float]:
    """Nobody stands out."""
    return dict.fromkeys(range(n), 86.0)


def test_publishing_opens_help_before_money_is_thought_of() -> None:
    handlers = REACTIONS[Published]
    assert handlers[0] is open_after_publication


def test_the_last_grade_gets_a_plan_with_the_schemes_reason_in_words(district: SmallDistrict) -> None:
    made = factory.workers(district)
    factory.publish(
        made, Published_("2020Q1", scores(), step={0: LAST_GRADE}, asked={0: factory.last_grade()})
    )
    plan = CoachingPlan.objects.get()
    assert (plan.person, plan.state, plan.level) == (made.people[0], PlanState.PROPOSED, "community")
    assert plan.reasons[0]["text"]["zh"].startswith("末等或降等")
    assert "1 个季度" in plan.ladder[0]["zh"]


def test_a_credible_fall_opens_a_plan_and_a_fall_by_chance_does_not(district: SmallDistrict) -> None:
    made = factory.workers(district)
    quarter = Published_("2020Q1", scores(), fell={1: -6.4})
    factory.publish(made, quarter)
    plan = CoachingPlan.objects.get()
    assert plan.person == made.people[1]
    assert plan.reasons[0]["kind"] == "fall"
    assert "6.40" in plan.reasons[0]["text"]["en"]
    unsure = {"progress": -6.4, "p_better": 0.2, "progress_state": "shown"}
    from minping_web.coaching.rules.reasons import fell

    assert not fell(unsure)


def test_who_is_ahead_is_asked_to_teach_and_gets_no_plan(district: SmallDistrict) -> None:
    made = factory.workers(district)
    asked = [(EXPERIENCE, {"grade_step": "1", "grade_change": "0"})]
    factory.publish(made, Published_("2020Q1", scores(), step={2: 1}, asked={2: asked}))
    assert not CoachingPlan.objects.exists()
    standing = Standing.objects.get(assessee_id=made.assessee(2))
    assert standing.side == "ahead"
    assert standing.teaching[0]["use"] == EXPERIENCE


def test_help_on_contacts_reaches_also_whoever_is_in_the_first_grade(district: SmallDistrict) -> None:
    made = factory.workers(district)
    asked = [("contact_card", {"known_and_reachable": "12", "contact_card_below": "15"})]
    factory.publish(made, Published_("2020Q1", scores(), step={2: 1}, asked={2: asked}))
    assert CoachingPlan.objects.get().person == made.people[2]


def test_a_second_quarter_behind_asks_the_street_and_adds_to_the_open_plan(district: SmallDistrict) -> None:
    made = factory.workers(district)
    for period in ("2020Q1", "2020Q2"):
        factory.publish(
            made, Published_(period, scores(), step={0: LAST_GRADE}, asked={0: factory.last_grade()})
        )
    plan = CoachingPlan.objects.get()
    assert plan.level == "street"
    assert [reason["period"] for reason in plan.reasons] == ["2020Q1", "2020Q2"]
    step = ladder_step([Quarter(period, QuarterSide.BEHIND, 0.9) for period in ("2020Q1", "2020Q2")])
    assert [words["zh"] for words in plan.ladder] == list(ladder_in_words(step, "zh"))


def test_the_schemes_own_numbers_move_the_ladder() -> None:
    assert ladder_rule({"street_ladder_from": 3, "district_ladder_from": 5}).quarters == (1, 3, 5)
    assert ladder_rule({}) == LadderRule()
    history = [("2020Q1", "behind", 0.9), ("2020Q2", "behind", None)]
    assert (
        rung_of(history, ladder_rule({"street_ladder_from": 3, "district_ladder_from": 5})).level
        == "community"
    )
    assert rung_of(history, ladder_rule({})).level == "street"


def test_without_grades_the_interval_decides_on_which_side_somebody_stands() -> None:
    row = {"status": "assessed", "score": 80.0, "difference": -6.0, "score_low": 78.0}
    assert side_of({**row, "score_high": 85.9}, {}, 0) == "behind"
    assert side_of({**row, "score_high": 86.1}, {}, 0) == "between"
    assert side_of({"status": "not_assessed"}, {}, 4) == "not_assessed"


def test_a_correction_takes_back_what_only_the_corrected_result_proposed(district: SmallDistrict) -> None:
    made = factory.workers(district)
    both = {0: factory.last_grade(), 1: factory.last_grade()}
    first = factory.publish(made, Published_("2020Q1", scores(), step={0: 4, 1: 4}, asked=both))
    agreed = CoachingPlan.objects.get(person=made.people[1])
    CoachingPlan.objects.filter(pk=agreed.pk).update(state=PlanState.AGREED, starts_on=date(2020, 2, 10))
    second = factory.publish(made, Published_("2020Q1", scores(), step={}), supersedes=first)
    states = dict(CoachingPlan.objects.values_list("person", "state"))
    assert states == {made.people[0].pk: PlanState.WITHDRAWN, made.people[1].pk: PlanState.AGREED}
    assert Standing.objects.filter(publication=second, side="behind").count() == 0
    agreed.refresh_from_db()
    assert agreed.reasons == []
    assert agreed.events.filter(what="corrected").exists()


def test_reasons_of_another_scheme_or_period_outlive_a_correction(district: SmallDistrict) -> None:
    made = factory.workers(district)
    asked = {0: factory.last_grade()}
    for period in ("2020Q1", "2020Q2"):
        factory.publish(made, Published_(period, scores(), step={0: 4}, asked=asked))
    plan = CoachingPlan.objects.get()
    other = {**plan.reasons[1], "scheme": "another"}
    CoachingPlan.objects.update(reasons=[*plan.reasons, other])
    newest = Publication.objects.get(round__period="2020Q2")
    again = factory.publish(made, Published_("2020Q2", scores(), step={0: 4}, asked=asked), supersedes=newest)
    plan.refresh_from_db()
    sources = [(one["period"], one["scheme"]) for one in plan.reasons]
    mine = "gulou-worker"
    assert sources == [("2020Q1", mine), ("2020Q2", "another"), ("2020Q2", mine)]
    factory.publish(made, Published_("2020Q2", scores(), step={}), supersedes=again)
    plan.refresh_from_db()
    assert plan.state == PlanState.PROPOSED
    assert [(one["period"], one["scheme"]) for one in plan.reasons] == sources[:2]


def test_only_counts_go_into_the_ledger(district: SmallDistrict) -> None:
    made = factory.workers(district)
    factory.publish(made, Published_("2020Q1", scores(), step={0: 4}, asked={0: factory.last_grade()}))
    publication = Publication.objects.get()
    entry = StagedEntry.objects.get(step_id=f"coaching-{publication.pk}")
    assert made.people[0].name not in str(entry.__dict__)
