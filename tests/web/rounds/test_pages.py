"""The pages: who finds what, the usual way to an open round, masked figures, few queries."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from minping_web.accounts.models import User
from minping_web.channels.models import Provider
from minping_web.common.clock import now, today
from minping_web.common.models import Proposal
from minping_web.common.scope import Scope, entered
from minping_web.frames.models import ContactAccess, Unit
from minping_web.rounds.models import Invitation, InvitationToken, RoundArea, SurveyRound, TokenBatch
from minping_web.rounds.rules.design import Design
from minping_web.rounds.rules.words import Channel, Found
from minping_web.rounds.selectors.live import RoundTopic
from minping_web.rounds.services import fieldwork, lookup, opening
from minping_web.rounds.services.drawing import draw_round
from minping_web.rounds.services.fixing import fix_round
from tests.web.factories import scope_with
from tests.web.rounds.conftest import VALUE, Unseen, World, draft, drawn, questionnaire
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.rounds.test_inviting import provider, spend, texts

Visit = Callable[[Scope], Client]


@pytest.fixture
def visit(settings: Any) -> Visit:
    """A signed-in client of a scope's user, who gave a second factor just now."""
    settings.MIDDLEWARE = [
        "tests.web.frames.fresh.FreshFactorMiddleware" if "ScopeMiddleware" in name else name
        for name in settings.MIDDLEWARE
        if "accounts.middleware" not in name and "SecondFactor" not in name
    ]

    def signed_in(scope: Scope) -> Client:
        client = Client()
        client.force_login(
            User.objects.get(pk=scope.user_id), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    return signed_in


@pytest.fixture
def going(world: World) -> OpenRound:
    """Open, 8 households in each area; six of the first area have voted, two of the second."""
    made = open_round(world.district, n=8, frame=world.frame)
    for area, count in zip(made.areas, (6, 2), strict=False):
        for token in InvitationToken.objects.filter(invitation__area=area)[:count]:
            spend(token.pk)
    return made


def address(name: str, *arguments: object) -> str:
    return reverse(f"rounds:{name}", args=arguments)


def at(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def design_form(**values: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "per_area": 12, "wanted": 4, "audiences": ["elderly", "young_and_middle_aged"], "special_ratio": 4,
        "rest_rounds": 2, "randomised_percent": 0, "reserves": "by_area", "budget": "", "order_3": 1,
    }  # fmt: skip
    for mode in range(1, 7):
        usual |= {f"response_{mode}": 20, f"price_{mode}": "1.50"}
    return usual | values


def test_the_usual_way_from_the_first_form_to_an_open_round(
    world: World, visit: Visit, monkeypatch: Any
) -> None:
    monkeypatch.setattr(opening, "_openers", [])
    client = visit(world.bureau)
    begun = client.post(address("new"), {
        "name": "冬季轮次", "period": "2026Q4", "scheme_id": "gulou-worker", "frame": world.frame.pk,
        "level": "responsibility_area", "subject": "community_worker",
        "opens_at": at(now() + timedelta(days=3)), "closes_at": at(now() + timedelta(days=9)),
    })  # fmt: skip
    made = SurveyRound.objects.get()
    assert (begun.status_code, begun["Location"]) == (302, address("questionnaires", made.pk))
    chosen = dict.fromkeys(("elderly", "young_and_middle_aged"), questionnaire(made).pk)
    assert client.post(address("questionnaires", made.pk), chosen).status_code == 302
    assert client.post(address("design", made.pk), design_form()).status_code == 302
    assert client.post(address("seed", made.pk), {
        "seed_source": "双色球第2026135期", "seed_on": (today() + timedelta(days=1)).isoformat(),
        "seed_form": "## ## ## ## ## ## ##", "seed_fallback": "掷骰子", "seed_fallback_form": "######",
    }).status_code == 302  # fmt: skip
    assert address("fix", made.pk) in client.get(address("round", made.pk)).content.decode()
    assert client.post(address("fix", made.pk), {"reason": "按计划开展"}).status_code == 302
    proposal = Proposal.objects.get()
    second = visit(world.second)
    page = second.get(reverse("approvals:proposal", args=[proposal.pk]))
    assert "双色球第2026135期" in page.content.decode()
    decided = second.post(
        reverse("approvals:approve", args=[proposal.pk]), {"note": "", "seen": page.context["seen"]}
    )
    assert decided.status_code == 302
    made.refresh_from_db()
    assert (made.state, made.job.task) == ("fixing", "rounds.list_frame")
    assert "data-job-events" in client.get(address("round", made.pk)).content.decode()
    fix_round(world.second, made.pk, Unseen(world.second))
    made.refresh_from_db()
    assert made.state == "fixed"
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    assert client.post(address("value", made.pk), {"value": VALUE, "again": "1"}).status_code == 422
    assert client.post(address("value", made.pk), {"value": VALUE, "again": VALUE}).status_code == 302
    made.refresh_from_db()
    assert made.state == "fixed"
    assert VALUE in client.get(address("value", made.pk)).content.decode()
    proposal, auditor = Proposal.objects.latest("pk"), visit(world.auditor)
    page = auditor.get(reverse("approvals:proposal", args=[proposal.pk]))
    assert VALUE in page.content.decode()
    told = {"note": "", "seen": page.context["seen"]}
    assert auditor.post(reverse("approvals:approve", args=[proposal.pk]), told).status_code == 302
    draw_round(world.bureau, made.pk, Unseen(world.bureau))
    assert "72" in client.get(address("round", made.pk)).content.decode()
    assert client.get(address("open", made.pk)).status_code == 200
    assert client.post(address("open", made.pk)).status_code == 302
    made.refresh_from_db()
    assert made.state == "open"


def test_every_page_opens_for_who_works_with_it(world: World, visit: Visit, going: OpenRound) -> None:
    bureau, key = visit(world.bureau), going.round.pk
    batch = TokenBatch.objects.get()
    for name, arguments in [
        ("list", ()), ("new", ()), ("round", (key,)), ("live", (key,)), ("areas", (key,)),
        ("batches", (key,)), ("send", (key,)), ("print", (key,)), ("house", (key,)),
        ("dispositions", (key,)), ("reserves", (key,)), ("history", (key,)), ("revoke", (key, batch.pk)),
        *(("accident", (key, kind)) for kind in ("extend", "stop", "stop_area")),
        *(("accident", (key, kind)) for kind in ("rerun", "reprint", "cancel")),
    ]:  # fmt: skip
        assert bureau.get(address(name, *arguments)).status_code == 200, (name, arguments)
    planned = draft(world)
    for name in ("round", "edit", "delete", "questionnaires", "design", "seed", "fix"):
        assert bureau.get(address(name, planned.pk)).status_code == 200, name


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_speak_one_language(world: World, visit: Visit, going: OpenRound, language: str) -> None:
    client = visit(world.bureau)
    client.cookies["minping_language"] = language
    page = client.get(address("live", going.round.pk)).content.decode()
    assert ("Have voted" in page) is (language == "en")
    assert ("已参与" in page) is (language == "zh-hans")


def test_who_is_assessed_finds_no_round(world: World, visit: Visit, going: OpenRound) -> None:
    for role, place in (("street_staff", world.district.streets[0]), ("worker", None)):
        client = visit(scope_with(role, area=place, fresh=True))
        for name in ("list", "live", "areas"):
            arguments = () if name == "list" else (going.round.pk,)
            assert client.get(address(name, *arguments)).status_code == 403, (role, name)


def closed(going: OpenRound) -> int:
    SurveyRound.objects.filter(pk=going.round.pk).update(state="closed")
    return int(going.round.pk)


@pytest.mark.sqlite
def test_while_votes_are_taken_numbers_go_in_steps_of_five(
    world: World, visit: Visit, going: OpenRound
) -> None:
    """Of two readings, before and after a vote, no page or file tells that somebody voted between them.

    The household was found to refuse, and is the seventh of its area, which wants seven.
    """
    RoundArea.objects.filter(round=going.round, area=going.areas[0]).update(wanted=7)

    def read(scope: Scope) -> list[str]:
        client, key = visit(scope), going.round.pk
        pages = [client.get(address(name, key)) for name in ("round", "live", "areas")]
        assert pages[1].context["voted"] == "5+"  # of eight
        told = [str(page.context[name]) for page, name in zip(pages, ("voted", "voted", "rows"), strict=True)]
        live = pages[1].context
        more = [[row[1:4] for row in live[name]] for name in ("by_mode", "by_voted_mode", "by_audience")]
        exported = client.get(address("areas", key) + "?format=csv").content.decode()
        return [*told[:2], str([row[1:4] for row in pages[2].context["rows"]]), str(more), exported,
                str([live["percent"], live["rates"], live["bars"], live["progress"].expected]),
                str([live["progress"].outcomes, live["e"], pages[1].content.count(b"<svg")])]  # fmt: skip

    for scope in (world.bureau, world.auditor):
        token = InvitationToken.objects.filter(
            invitation__area=going.areas[0], invitation__spent_token=None
        ).first()
        assert token is not None
        Invitation.objects.filter(tokens=token).update(found=Found.REFUSAL)
        before = read(scope)
        spend(token.pk)
        assert read(scope) == before
        Invitation.objects.filter(spent_token=token.pk).update(
            spent_token=None, spent_mode=None, spent_day=None
        )


@pytest.mark.sqlite
def test_the_first_vote_of_a_way_or_a_day_opens_no_line(world: World, visit: Visit, going: OpenRound) -> None:
    client, voters = visit(world.bureau), Invitation.objects.filter(spent_token__isnull=False)
    earlier = today() - timedelta(days=1)
    voters.update(spent_day=earlier, spent_mode=Channel.SMS)

    def read() -> tuple[int, int]:
        live = client.get(address("live", going.round.pk)).context
        return len(live["by_voted_mode"]), len(live["bars"])

    assert read() == (1, 1)
    silent = Invitation.objects.filter(spent_token=None).values_list("pk", flat=True)
    for number, one in enumerate(silent[:5], 1):
        token = InvitationToken.objects.filter(invitation=one)[0]
        Invitation.objects.filter(pk=one).update(
            spent_token=token.pk, spent_mode=Channel.PAPER, spent_day=today()
        )
        assert read() == ((1, 1) if number < 5 else (2, 2))


@pytest.mark.sqlite
def test_an_entry_of_fieldwork_does_not_tell_whether_the_household_voted(
    world: World, visit: Visit, going: OpenRound
) -> None:
    """Neither the figures after it nor the replacement that it brings."""
    client, area = visit(world.bureau), going.areas[0]
    here = Invitation.objects.filter(round=going.round, area=area).exclude(spent_token=None).order_by("pk")
    voted, other = here[0], Invitation.objects.filter(area=area, spent_token=None)[0]
    assert rises(world, client, going, voted, Found.REFUSAL) == rises(
        world, client, going, other, Found.REFUSAL
    )  # fmt: skip
    for one in (voted, other):
        assert rises(world, client, going, one, Found.NOT_ELIGIBLE)["not_eligible"] == 1
        assert len(fieldwork._owed(going.round, area.pk)) == 1
        Invitation.objects.filter(pk=one.pk).update(found=Found.NOTHING)
    SurveyRound.objects.filter(pk=going.round.pk).update(state="closed")
    outcomes = client.get(address("live", going.round.pk)).context["progress"].outcomes
    assert (outcomes.complete, outcomes.all) == (8, Invitation.objects.count())


def rises(world: World, client: Client, going: OpenRound, one: Invitation, found: Found) -> dict[str, int]:
    """What changes among the shown outcomes when something is entered of one household."""
    before = client.get(address("live", going.round.pk)).context["progress"].outcomes
    with entered(world.bureau):
        house = Unit.objects.get(pk=one.unit_id).house_code
    told = {"text": f"{house},{int(found)}", "reason": "11月12日入户"}
    assert client.post(address("dispositions", going.round.pk), told).status_code == 302
    after = client.get(address("live", going.round.pk)).context["progress"].outcomes
    return {name: n - getattr(before, name) for name, n in vars(after).items()}


def test_auditors_see_small_numbers_masked_everywhere(world: World, visit: Visit, going: OpenRound) -> None:
    key, more = closed(going), going.areas[2]
    for token in InvitationToken.objects.filter(invitation__area=more)[:7]:
        spend(token.pk)
    shown = visit(world.auditor).get(address("areas", key)).context["rows"]
    assert [row.votes for row in shown] == ["–", "<5", "7", "0", "0", "0"]
    exported = visit(world.auditor).get(address("areas", key) + "?format=csv").content.decode()
    assert "<5" in exported
    exact = visit(world.bureau).get(address("areas", key)).context["rows"]
    assert [row.votes for row in exact] == ["6", "2", "7", "0", "0", "0"]


def test_a_search_among_areas_does_not_undo_the_masking(world: World, visit: Visit, going: OpenRound) -> None:
    key = closed(going)
    found = visit(world.auditor).get(address("areas", key), {"search": going.areas[0].code})
    assert [row.votes for row in found.context["rows"]] == ["–"]
    assert len(visit(world.auditor).get(address("areas", key), {"show": "behind"}).context["rows"]) == 6


def test_no_page_says_who_voted(world: World, visit: Visit, going: OpenRound) -> None:
    """D3: nobody can be called to account for a vote, or paid for it."""
    client, key = visit(world.bureau), going.round.pk
    units = {str(unit) for unit in Invitation.objects.values_list("unit_id", flat=True)}
    for name in ("round", "live", "areas", "batches", "history"):
        page = client.get(address(name, key)).content.decode()
        assert not any(unit in page for unit in units), name


def test_the_forecast_follows_the_form(world: World, visit: Visit) -> None:
    made, client = draft(world), visit(world.bureau)
    part = client.get(address("forecast", made.pk), design_form(per_area=20, response_3=50))
    told = part.context["forecast"]
    assert (told.drawn, round(told.ballots), told.cost_fen) == (120, 60, 120 * 150)
    assert "<html" not in part.content.decode()
    unfit = client.get(address("forecast", made.pk), design_form(per_area=""))
    assert unfit.status_code == 200
    assert unfit.context["unfit"]


def test_a_form_that_contradicts_itself_is_shown_again(world: World, visit: Visit) -> None:
    made, client = draft(world), visit(world.bureau)
    for wrong in ({"order_4": 1}, {"order_3": ""}, {"per_area": ""}, {"quota_elderly": 99}):
        assert client.post(address("design", made.pk), design_form(**wrong)).status_code == 422, wrong
    made.refresh_from_db()
    assert made.design == Design(per_area=10, wanted=5).as_json()


def test_lists_and_figures_take_a_fixed_number_of_queries(
    world: World, visit: Visit, going: OpenRound, django_assert_max_num_queries: Any
) -> None:
    client = visit(world.bureau)
    for name, most in (("live", 26), ("areas", 22), ("batches", 20), ("history", 18)):
        with django_assert_max_num_queries(most):
            client.get(address(name, going.round.pk))


def test_the_auditor_downloads_the_draw_and_nobody_else(world: World, visit: Visit) -> None:
    made = drawn(world)
    content_ = visit(world.auditor).get(address("draw", made.pk)).content
    with zipfile.ZipFile(io.BytesIO(content_)) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
    assert names == {"draw.json", "frame.csv", "drawn.csv"}
    for scope in (world.bureau, world.manager):
        assert visit(scope).get(address("draw", made.pk)).status_code == 403


def test_the_protocol_of_the_draw_names_value_persons_and_digest(world: World, visit: Visit) -> None:
    planned, made = draft(world, name="以后的轮次"), drawn(world)
    client = visit(world.manager)
    assert client.get(address("protocol", planned.pk)).status_code == 404
    page = client.get(address("protocol", made.pk)).content.decode()
    for told in (VALUE, made.draw_sha256, bytes(made.seed).hex(), made.seed_source):
        assert told in page
    for scope in (world.bureau, world.auditor):
        assert str(User.objects.get(pk=scope.user_id)) in page
    assert address("protocol", made.pk) in client.get(address("round", made.pk)).content.decode()


def test_a_sending_is_made_on_its_page(world: World, visit: Visit) -> None:
    made, client = drawn(world), visit(world.manager)
    assert "还没有已批准的文本" in client.get(address("send", made.pk)).content.decode()
    text = texts()["invite"]
    told = {"title": "第一批", "purpose": "invite", "text_version": text.pk, "provider": provider().pk,
            "language": "zh", "budget": "100"}  # fmt: skip
    assert client.post(address("send", made.pk), told).status_code == 302
    batch = TokenBatch.objects.get()
    assert (batch.title, batch.purpose, batch.job.task) == ("第一批", "invite", "rounds.send")
    assert Provider.objects.exists()


def test_an_accident_on_its_page_stands_in_the_history(world: World, visit: Visit, going: OpenRound) -> None:
    client, key = visit(world.bureau), going.round.pk
    assert client.post(address("accident", key, "stop"), {"reason": ""}).status_code == 422
    assert client.post(address("accident", key, "stop"), {"reason": "线路中断"}).status_code == 302
    assert "线路中断" in client.get(address("history", key)).content.decode()
    assert "线路中断" in client.get(address("history", key) + "?format=csv").content.decode()
    assert client.get(address("accident", key, "revoke")).status_code == 404


def test_a_household_is_found_by_its_house_code_with_a_reason_that_is_kept(
    world: World, visit: Visit, going: OpenRound
) -> None:
    client, key = visit(world.manager), going.round.pk
    told = {"house_code": f"{going.areas[0].code}-0000", "reason": "住户来电，编码遗失"}
    assert client.post(address("house", key), told | {"reason": ""}).status_code == 422
    assert not ContactAccess.objects.filter(act="viewed").exists()
    page = client.post(address("house", key), told)
    assert page.status_code == 200
    assert page.context["house"].area_id == going.areas[0].pk
    other = told | {"house_code": f"{going.areas[0].code}-0029"}
    page = client.post(address("house", key), other)
    assert (page.status_code, page.context["house"]) == (404, None)
    assert page.context["not_invited"]
    assert 'class="notice info"' in page.content.decode()
    rows = ContactAccess.objects.filter(act="viewed", actor_id=world.manager.user_id)
    assert [row.fields for row in rows] == ["invitation", "invitation"]
    assert all("住户来电，编码遗失" in row.reason and row.unit_id for row in rows)


def test_nobody_looks_up_a_whole_area(
    world: World, visit: Visit, going: OpenRound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "VIEWS_PER_HOUR", 2)
    client, key = visit(world.manager), going.round.pk
    told = {"house_code": f"{going.areas[0].code}-0000", "reason": "住户来电，编码遗失"}
    found = [client.post(address("house", key), told) for _number in range(3)]
    assert [page.status_code for page in found] == [200, 200, 422]
    assert found[-1].context["house"] is None
    assert ContactAccess.objects.filter(act="viewed").count() == 2


def test_the_stream_tells_votes_in_steps_of_five(world: World, going: OpenRound) -> None:
    def reading() -> Any:
        return RoundTopic().read([going.round.pk])[going.round.pk]

    assert RoundTopic().permits(world.bureau, going.round.pk)
    street = scope_with("street_staff", area=world.district.streets[0], fresh=True)
    assert not RoundTopic().permits(street, going.round.pk)
    first = reading()
    assert RoundTopic().message(first)["voted"] == "5+"
    tokens = InvitationToken.objects.filter(invitation__spent_token=None)
    spend(tokens[0].pk)
    assert reading() == first  # the ninth vote is no news: no event, whose moment would tell of it
    spend(tokens[0].pk)
    assert RoundTopic().message(reading())["voted"] == "10+"
    assert not first.last
