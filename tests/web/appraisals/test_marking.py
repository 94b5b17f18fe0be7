"""Calls and sheets: who sees what, what is refused, what comes of a group that is too small (S47, S64)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, override_settings

from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.rules.conflicts import Conflict
from minping_web.appraisals.selectors.missing import means_of, state_of
from minping_web.appraisals.selectors.raters import group_of, marks_of, sheet_rows
from minping_web.appraisals.services.calls import call_raters, change_days, remove_rater
from minping_web.appraisals.services.marking import save_marks
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from tests.web import factories
from tests.web.appraisals import factory
from tests.web.appraisals.factory import Quarter
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture
def made(district: SmallDistrict) -> object:
    """A quarter of two contractors; minima of raters are those of the demonstration: three experts."""
    with override_settings(DEMO=True):
        yield factory.quarter(district)


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    """Codes of everything that was refused."""
    return {problem.code for problem in refused.value.problems}


def test_single_marks_are_seen_by_their_rater_alone(made: Quarter) -> None:
    """Not by another rater, the bureau, the table; means come after the end and from three on."""
    experts = factory.of_role("expert", 3)
    raters = factory.call(made, "experts", experts)
    for rater, marks in zip(raters, (("91.25", "41.5"), ("81.25", "31.5"), ("71.25", "")), strict=True):
        factory.mark(made, rater, "quality", marks)
    mine = sign_in(Client(), experts[0])
    assert 'value="91.25"' in mine.get(f"/appraisals/mine/{raters[0].pk}/").content.decode()
    assert mine.get(f"/appraisals/mine/{raters[1].pk}/").status_code == 404
    assert mine.post(f"/appraisals/mine/{raters[1].pk}/", {}).status_code == 404
    assert mine.get(f"/appraisals/calls/{raters[0].call_id}/").status_code == 403
    assert b"91250" not in bytes(CalledRater.objects.get(pk=raters[0].pk).sheet or b"")
    bureau = sign_in(Client(), made.bureau)
    page = f"/appraisals/calls/{raters[0].call_id}/"
    assert means_of(raters[0].call, group_of(raters[0].call)) == []
    factory.end_calls(made)
    told = bureau.get(page).content.decode()
    assert "81.25" in told  # the mean of three
    over = RaterCall.objects.get(pk=raters[0].call_id)
    with pytest.raises(RefusedError) as refused:  # one more mark would be the difference of two means
        change_days(made.scope, over, ends_on=today() + timedelta(days=3), note="")
    assert codes(refused) == {"appraisal.means_seen"}
    assert not {"91.25", "71.25", "41.5", "31.5", "36.5"} & set(
        told.replace("<", " ").replace(">", " ").split()
    )


def test_a_sheet_is_saved_handed_in_and_changed_until_the_last_day(made: Quarter) -> None:
    """What is only saved does not count; after the last day nothing moves any more."""
    (expert,) = factory.of_role("expert")
    (rater,) = factory.call(made, "experts", [expert])
    browser, page, good = sign_in(Client(), expert), f"/appraisals/mine/{rater.pk}/", made.ids[0]
    assert page in browser.get("/appraisals/mine/").content.decode()
    assert browser.post(page, {f"mark:{good}:quality": "70"}).status_code == 302
    assert [one.handed for one in state_of(made.round).groups if one.group.id == "experts"] == [0]
    assert browser.post(page, {f"mark:{good}:quality": "75", "hand_in": "1"}).status_code == 302
    assert browser.post(page, {f"mark:{good}:quality": "80.5"}).status_code == 302
    rater.refresh_from_db()
    assert (marks_of(rater), rater.handed_in_at is not None) == ({good: {"quality": 80_500}}, True)
    wrong = browser.post(page, {f"mark:{good}:quality": "101", f"mark:{made.ids[1]}:quality": "x"})
    assert wrong.status_code == 422
    assert wrong.content.decode().count("appraisal.mark_off_scale") == 2
    factory.end_calls(made)
    assert browser.post(page, {f"mark:{good}:quality": "1"}).status_code == 422
    assert marks_of(CalledRater.objects.get()) == {good: {"quality": 80_500}}


def test_what_nobody_may_mark_is_refused_and_not_dropped(made: Quarter) -> None:
    """An empty sheet, an unknown item, the own organisation: a changed form changes nothing."""
    who = factories.user()
    factories.grant(who, "expert")
    factories.grant(who, "organisation_user", organisation=made.good)
    (rater,) = factory.call(made, "experts", [who])
    rows = {row.assessee.id: row.conflict for row in sheet_rows(rater, group_of(rater.call))}
    assert rows == {made.ids[0]: Conflict.OWN_ORGANISATION, made.ids[1]: None}
    for written in (
        {(made.ids[0], "quality"): "100"},
        {(made.ids[1], "else"): "1"},
        {("O999", "quality"): "1"},
    ):
        with pytest.raises(RefusedError) as refused:
            save_marks(factory.fresh(who), rater.pk, written)
        assert codes(refused) == {"appraisal.not_yours_to_mark"}
    with pytest.raises(RefusedError) as refused:
        save_marks(factory.fresh(who), rater.pk, {(made.ids[1], "quality"): ""}, hand_in=True)
    assert codes(refused) == {"appraisal.nothing_marked"}
    assert not CalledRater.objects.get().sheet


def test_only_who_holds_a_fitting_role_is_called_and_who_has_marked_stays(made: Quarter) -> None:
    """Otherwise an office could choose its experts by their marks."""
    experts = factory.of_role("expert", 2)
    (stranger,) = factory.of_role("auditor")
    raters = factory.call(made, "experts", experts)
    with pytest.raises(RefusedError) as refused:
        call_raters(made.scope, raters[0].call, [stranger])
    assert codes(refused) == {"appraisal.not_callable"}
    factory.mark(made, raters[0], "quality", ("10", "10"))
    with pytest.raises(RefusedError) as refused:
        remove_rater(made.scope, raters[0].call, raters[0].pk)
    assert codes(refused) == {"appraisal.has_marked"}
    remove_rater(made.scope, raters[0].call, raters[1].pk)
    assert CalledRater.objects.count() == 1
    with pytest.raises(RefusedError) as refused:
        factory.call(made, "experts", experts)
    assert codes(refused) == {"appraisal.called_already"}
    with pytest.raises(RefusedError) as refused:
        change_days(made.scope, raters[0].call, ends_on=today().replace(year=2000), note="")
    assert codes(refused) == {"appraisal.ends_in_the_past"}


def test_a_group_with_too_few_raters_is_named_by_how_many_it_leaves_without_a_mark(made: Quarter) -> None:
    """Three experts are needed: two who handed in leave both without; a third who marks one leaves one."""
    raters = factory.call(made, "experts", factory.of_role("expert", 3))
    for rater in raters[:2]:
        factory.mark(made, rater, "quality", ("50", "50"))
    assert _short(made) == 2
    factory.mark(made, raters[2], "quality", ("50", ""))
    assert _short(made) == 1


def _short(made: Quarter) -> int:
    return next(one.n for one in state_of(made.round).missing
                if (one.gap, one.name) == ("too_few_raters", "experts"))  # fmt: skip


def test_pages_of_a_call_for_the_bureau_and_reminders(made: Quarter) -> None:
    """Called by ticks on a page, listed and exported who has not handed in, noted as reminded."""
    experts = factory.of_role("expert", 2)
    bureau = sign_in(Client(), made.bureau)
    day = today().isoformat()
    begun = bureau.post(
        f"/appraisals/rounds/{made.round.pk}/calls/new/?group=experts", {"opens_on": day, "ends_on": day}
    )
    target = begun.headers["Location"]
    assert bureau.post(target, {"users": [one.pk for one in experts]}).status_code == 302
    page = target.replace("raters/", "")
    assert bureau.post(f"{page}reminded/").status_code == 302
    assert {one.reminded_on for one in CalledRater.objects.all()} == {today()}
    export = bureau.get(f"{page}?format=csv&state=waiting").content.decode("utf-8-sig")
    assert all(one.username in export for one in experts)
    assert bureau.get(f"/appraisals/rounds/{made.round.pk}/calls/new/?group=nobody").status_code == 404
