"""One's own page: a preview for nobody else, then what holds; no colleague on it (S2, S7, D11, D14, G1)."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings

from minping_web.access.selectors import scope_of
from minping_web.objections.models import Preview
from minping_web.results.rules.blocks import Block, blocks_of, set_blocks
from minping_web.results.selectors.cards import means_of
from minping_web.results.selectors.visible import own_results
from tests.web.entering import sign_in
from tests.web.results import factory
from tests.web.results.factory import Results

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def results() -> Results:
    """Two quarters, not shown to anybody."""
    with override_settings(DEMO=True):
        yield factory.two_quarters()


def page(client: Client, path: str) -> str:
    """The text of a page that must be there."""
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def test_nobody_sees_a_run_that_is_neither_previewed_nor_published(results: Results) -> None:
    who = results.somebody()
    mine = sign_in(Client(), results.worker(who))
    assert "还没有成绩" in page(mine, "/results/mine/")
    assert mine.get(f"/results/mine/{results.results_of(who)[-1].pk}/").status_code == 404


def test_a_preview_is_for_the_assessed_alone_and_marked(results: Results) -> None:
    who = results.somebody()
    factory.preview(results.runs[-1])
    own = results.results_of(who)[-1]
    mine = sign_in(Client(), results.worker(who))
    text = page(mine, "/results/mine/")
    assert "预览，非最终结果" in text
    assert f"/objections/mine/{own.pk}/new/" in text
    assert mine.get(f"/results/mine/{own.pk}/card.pdf").status_code == 404
    bureau = sign_in(Client(), results.office("district_bureau"))
    assert f"/results/{results.runs[-1].pk}/" not in page(bureau, "/results/")
    assert "尚无公布" in page(bureau, "/results/")


def test_a_card_that_holds_says_score_interval_rate_questions_and_trend(results: Results) -> None:
    who = results.somebody()
    for run in results.runs:
        factory.publish(run)
    earlier, own = results.results_of(who)
    text = page(sign_in(Client(), results.worker(who)), "/results/mine/")
    for number in (own.score, own.low, own.high, earlier.score):
        assert f"{number:.2f}" in text
    assert "回答率" in text
    assert "提供社区服务" in text
    assert 'class="line c1"' in text
    assert "预览，非最终结果" not in text
    assert "个人信息保护法" in text


def test_the_reason_leads_down_to_the_sums(results: Results) -> None:
    who = results.somebody()
    factory.publish(results.runs[-1])
    own = results.results_of(who)[-1]
    text = page(sign_in(Client(), results.worker(who)), f"/results/mine/{own.pk}/why/")
    assert f"计入 {own.ballots} 份答卷" in text


def test_no_colleague_stands_on_the_page_and_their_results_are_not_found(results: Results) -> None:
    who = results.somebody()
    factory.publish(results.runs[-1])
    mine = sign_in(Client(), results.worker(who))
    text = page(mine, "/results/mine/")
    own = results.results_of(who)[-1]
    others = results.runs[-1].results.exclude(assessee_id=who)
    assert not [one.name for one in others if one.name != own.name and one.name in text]
    for path in ("", "why/", "card.pdf", "year.pdf"):
        assert mine.get(f"/results/mine/{others[0].pk}/{path}").status_code == 404


def test_a_corrected_result_stays_with_its_mark_and_the_newer_one_counts(results: Results) -> None:
    who, run = results.somebody(), results.runs[-1]
    first = factory.publish(run)
    first.superseded_at = first.published_at
    first.save()
    newer = factory.again(run)
    second = factory.publish(newer)
    second.supersedes = first
    second.save()
    factory.publish(results.runs[0])
    old, new = (one for one in results.results_of(who) if one.run_id in (run.pk, newer.pk))
    user = results.worker(who)
    mine = sign_in(Client(), user)
    assert "后来已更正" in page(mine, f"/results/mine/{old.pk}/")
    assert f"/results/mine/{new.pk}/why/" in page(mine, "/results/mine/")
    seen = own_results(scope_of(user))
    assert len(seen) == 3
    assert set(means_of(seen, seen[0])) == {results.runs[0].pk}  # two means tell how a colleague changed


def test_a_preview_that_a_later_run_overtook_or_that_concerns_others_is_not_shown(results: Results) -> None:
    who, run = results.somebody(), results.runs[-1]
    factory.preview(run)
    newer = factory.again(run)
    factory.preview(newer)
    old, new = (one for one in results.results_of(who) if one.run_id in (run.pk, newer.pk))
    mine = sign_in(Client(), results.worker(who))
    assert mine.get(f"/results/mine/{old.pk}/").status_code == 404
    assert mine.get(f"/results/mine/{new.pk}/").status_code == 200
    Preview.objects.filter(run=newer).update(concerned=["somebody else"])
    assert mine.get(f"/results/mine/{new.pk}/").status_code == 404


def test_a_user_without_a_person_and_an_unassessed_worker_meet_a_page_with_words(results: Results) -> None:
    factory.publish(results.runs[-1])
    assert "还没有成绩" in page(sign_in(Client(), results.office("worker")), "/results/mine/")
    left = results.runs[-1].results.filter(status="not_assessed")[0]
    text = page(sign_in(Client(), results.worker(left.assessee_id)), "/results/mine/")
    assert "仅供参考，不作评定" in text


def test_cards_of_a_round_and_of_the_year_are_pdf(results: Results) -> None:
    who = results.somebody()
    for run in results.runs:
        factory.publish(run)
    own = results.results_of(who)[-1]
    mine = sign_in(Client(), results.worker(who))
    for name in ("card", "year"):
        response = mine.get(f"/results/mine/{own.pk}/{name}.pdf")
        assert response.content.startswith(b"%PDF"), name
        assert response.headers["Cache-Control"] == "no-store"


def test_blocks_of_other_apps_stand_in_order_and_silent_ones_leave_no_trace(results: Results) -> None:
    who = results.somebody()
    factory.publish(results.runs[-1])
    own = results.results_of(who)[-1]
    seen: list[int] = []

    def told(scope: object, result_id: int) -> Block:
        seen.append(result_id)
        return Block("帮扶计划", ("与老书记结对",), (("目标", "94"),), (("打开", "/coaching/mine/"),), "info")

    set_blocks((lambda scope, result_id: None, told))
    text = page(sign_in(Client(), results.worker(who)), "/results/mine/")
    assert seen == [own.pk]
    assert "与老书记结对" in text
    set_blocks(())
    assert blocks_of(None, own.pk) == []  # type: ignore[arg-type]
