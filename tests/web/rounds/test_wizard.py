"""Preparing a round: what is missing, step by step; pages out of their time; frames that cannot be chosen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from minping_web.common.clock import now
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import Design, release_warnings
from minping_web.rounds.services.drafting import make_round
from tests.web.frames import factory as frames
from tests.web.rounds.conftest import World, basics, draft
from tests.web.rounds.test_pages import Visit, address, at, visit

__all__ = ["visit"]  # the fixture

RED = 'class="notice bad problems"'


def test_a_new_draft_shows_a_checklist_by_step_and_nothing_red(world: World, visit: Visit) -> None:
    made = make_round(world.bureau, basics(world.frame))
    page = visit(world.bureau).get(address("round", made.pk))
    open_steps = {step.name: len(step.missing) for step in page.context["wizard"]}
    assert open_steps == {"edit": 0, "questionnaires": 3, "design": 0, "seed": 1}
    seed = page.context["wizard"][3].missing[0]
    assert seed.where.count("、") == 4  # five empty fields, one sentence
    assert RED not in page.content.decode()


def test_who_presses_propose_is_told_in_red_what_keeps_the_round_from_it(world: World, visit: Visit) -> None:
    made, client = make_round(world.bureau, basics(world.frame)), visit(world.bureau)
    page = client.get(address("fix", made.pk), follow=True)
    assert page.redirect_chain[0][0].startswith(address("round", made.pk))
    assert RED in page.content.decode()
    assert len(page.context["problems"]) == 8


def test_each_step_shows_where_it_stands_and_what_is_done(world: World, visit: Visit) -> None:
    made, client = draft(world), visit(world.bureau)
    for name in ("edit", "questionnaires", "design", "seed", "fix"):
        page = client.get(address(name, made.pk))
        text = page.content.decode()
        assert all(step.is_done for step in page.context["wizard"]), name
        assert text.count('aria-current="step"') == 1, name
        assert f'href="{address(name, made.pk)}" aria-current="step"' in text, name


def test_an_auditor_is_told_that_the_bureau_prepares_the_round(world: World, visit: Visit) -> None:
    page = visit(world.auditor).get(address("round", draft(world).pk))
    assert page.context["wizard"] == []
    assert "市民政局正在筹备" in page.content.decode() or "正在筹备" in page.content.decode()


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("draft", ("value", "open", "send", "print", "reserves", "dispositions", "house")),
        ("fixed", ("edit", "questionnaires", "design", "seed", "fix", "open", "delete")),
        ("closed", ("edit", "value", "open", "send", "print", "reserves", "dispositions", "house", "fix")),
    ],
)
def test_a_page_out_of_its_time_says_why_and_leads_on(
    world: World, visit: Visit, state: str, names: tuple[str, ...]
) -> None:
    made, client = draft(world), visit(world.bureau)
    SurveyRound.objects.filter(pk=made.pk).update(state=state)
    for name in names:
        page = client.get(address(name, made.pk))
        assert page.status_code == 404, name
        assert f'class="button primary" href="{address("round", made.pk)}"' in page.content.decode(), name
    page = client.get(address("accident", made.pk, "resume"))
    assert page.status_code == 404


def test_a_frame_that_is_not_sealed_is_marked_and_cannot_be_chosen(world: World, visit: Visit) -> None:
    unsealed = frames.frame(world.bureau, world.district.responsibility_areas, 2, name="冬季草稿")
    client = visit(world.bureau)
    page = client.get(address("new")).content.decode()
    assert f'<option value="{unsealed.pk}" disabled>冬季草稿' in page
    assert f'<option value="{world.frame.pk}">秋季抽样框' in page
    refused = client.post(address("new"), {
        "name": "冬季轮次", "period": "2026Q4", "scheme_id": "gulou-worker", "frame": unsealed.pk,
        "level": "responsibility_area", "subject": "community_worker",
        "opens_at": at(now() + timedelta(days=3)), "closes_at": at(now() + timedelta(days=9)),
    })  # fmt: skip
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["frame"]
    assert not SurveyRound.objects.exists()


def test_designs_that_bring_too_few_ballots_are_warned_of() -> None:
    assert release_warnings(Design(per_area=None)) == []
    assert release_warnings(Design(per_area=5, quotas={"elderly": 5})) == []
    found = release_warnings(Design(per_area=4, quotas={"elderly": 3, "organisation": 0}))
    assert [(one.code, one.place.key) for one in found] == [
        ("round.few_never_released", "per_area"), ("round.quota_never_released", "quota_elderly"),
    ]  # fmt: skip


def test_the_warning_stands_on_the_page_of_the_draft(world: World, visit: Visit) -> None:
    made = draft(world, Design(per_area=4, wanted=3))
    page = visit(world.bureau).get(address("round", made.pk)).content.decode()
    assert "只计数，不发布" in page
    assert "只计数，不发布" in visit(world.bureau).get(address("design", made.pk)).content.decode()
