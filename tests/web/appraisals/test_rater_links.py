"""Raters without an account: a link opens one sheet, nothing else, and leaves no trace of whose it is."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.selectors.paper import name_of
from minping_web.appraisals.selectors.raters import declared_by, marks_of
from minping_web.appraisals.services import links as service
from minping_web.appraisals.services.calls import CallDraft, make_call
from minping_web.appraisals.services.forgetting import erase_what_is_due
from minping_web.appraisals.services.links import LinkDraft, issue_links, make_anew, revoke
from minping_web.ballots.rules.pace import Pace
from minping_web.common.clock import today
from minping_web.common.problems import RefusedError
from minping_web.common.retention import years_ago
from minping_web.ledger.models import StagedEntry
from tests.web.appraisals import factory
from tests.web.appraisals.factory import Quarter
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


@pytest.fixture
def made(district: SmallDistrict) -> object:
    """A quarter of two contractors."""
    with override_settings(DEMO=True):
        yield factory.quarter(district)


def call_of(made: Quarter, group: str = "experts", **values: object) -> RaterCall:
    """An open call without raters."""
    return make_call(made.scope, made.round, CallDraft(group, today(), today(), **values))  # type: ignore[arg-type]


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> list[str]:
    """Codes of everything that was refused."""
    return [problem.code for problem in refused.value.problems]


def test_a_link_marks_declares_conflicts_and_is_opened_again(made: Quarter) -> None:
    """Without sign-in and cookie; a tick instead of a mark; both is refused; changed until the last day."""
    call = call_of(made)
    (one,) = issue_links(made.scope, call, LinkDraft(1))
    page, (good, poor) = f"/r/{one.token}/", made.ids
    browser = Client()
    shown = browser.get(page)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "private, no-store")
    assert not browser.cookies
    assert made.good.name in shown.content.decode()
    sent = {"declares": "1", f"mark:{good}:quality": "70", f"conflict:{poor}": "1"}
    both = browser.post(page, sent | {f"mark:{poor}:quality": "20"})
    assert (both.status_code, CalledRater.objects.get().sheet) == (422, None)
    assert browser.post(page, sent | {"hand_in": "1"}).status_code == 302
    rater = CalledRater.objects.get()
    assert (marks_of(rater), declared_by(rater)) == ({good: {"quality": 70_000}}, {poor})
    elsewhere = Client()
    again = elsewhere.get(f"{page}?said=handed-in&lang=en").content.decode()
    assert 'value="70"' in again
    assert elsewhere.post(page, {"declares": "1", f"mark:{good}:quality": "71.5"}).status_code == 302
    rater.refresh_from_db()
    assert (marks_of(rater), declared_by(rater)) == ({good: {"quality": 71_500}}, frozenset())
    assert rater.handed_in_at is not None
    factory.end_calls(made)
    assert elsewhere.get(page).status_code == 410
    assert elsewhere.post(page, {f"mark:{good}:quality": "1"}).status_code == 410
    assert marks_of(CalledRater.objects.get()) == {good: {"quality": 71_500}}


def test_unknown_and_ended_links_are_told_alike_and_only_so_often(
    made: Quarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody learns that a link was one; the limit does not touch links that work."""
    call = call_of(made)
    (one,) = issue_links(made.scope, call, LinkDraft(1))
    browser, rater = Client(), CalledRater.objects.get()
    monkeypatch.setattr(service, "_wrong", Pace(2, 0))
    unknown = browser.get("/r/0000000000000000/")
    anew = make_anew(made.scope, call, rater.pk)
    ended = browser.get(f"/r/{one.token}/")
    assert (unknown.status_code, ended.status_code) == (404, 404)
    assert unknown.content == ended.content
    assert browser.get("/r/nonsense/").status_code == 429
    assert browser.get(f"/r/{anew.token}/").status_code == 200
    revoke(made.scope, call, rater.pk)
    assert browser.get(f"/r/{anew.token}/").status_code == 429


def test_the_secret_is_kept_nowhere_and_the_ledger_counts_links_without_names(made: Quarter) -> None:
    """Names lie sealed, need a reason, and their leaving is an entry without the words of the reason."""
    call = call_of(made)
    with pytest.raises(RefusedError) as refused:
        issue_links(made.scope, call, LinkDraft(names=["李专家", "周专家"]))
    assert codes(refused) == ["appraisal.too_short"]
    given = issue_links(made.scope, call, LinkDraft(names=["李专家", "周专家"], reason="逐人提醒专家"))
    rows = list(CalledRater.objects.order_by("pk"))
    assert [name_of(row) for row in rows] == ["李专家", "周专家"]
    kept = b"".join(bytes(row.name or b"") + bytes(row.link or b"") for row in rows)
    assert not any(one.token.encode() in kept or one.name.encode() in kept for one in given)
    records = {entry.kind: entry.record for entry in StagedEntry.objects.filter(kind__startswith="evidence.")}
    assert records["evidence.links"]["by_link"] == 2
    assert records["evidence.links_handed_out"]["rows"] == 2
    assert not any(word in str(records) for word in ("李专家", "逐人提醒", given[0].token))
    issue_links(made.scope, call, LinkDraft(3))
    assert StagedEntry.objects.filter(kind="evidence.links_handed_out").count() == 1
    assert b"CSV" in sign_in(Client(), made.bureau).get(f"/appraisals/calls/{call.pk}/").content


def test_links_are_shown_once_as_a_sheet_or_a_table_and_by_the_bureau_alone(made: Quarter) -> None:
    """Each answer makes new ones; the page of the call has none."""
    call, bureau = call_of(made), sign_in(Client(), made.bureau)
    page = f"/appraisals/calls/{call.pk}/links/"
    sheet = bureau.post(page, {"count": "2", "given_as": "sheet"})
    tokens = set(re.findall(r"/r/([0-9A-Z]{16})/", sheet.content.decode()))
    assert (sheet.status_code, len(tokens), sheet.content.count(b"<svg")) == (
        200,
        2,
        sheet.content.count(b"</svg"),
    )
    assert sheet.headers["Cache-Control"] == "private, no-store"
    table = bureau.post(page, {"names": "李专家", "reason": "逐人提醒专家", "given_as": "csv"})
    assert table.headers["Content-Type"].startswith("text/csv")
    assert "李专家" in table.content.decode("utf-8-sig")
    told = bureau.get(f"/appraisals/calls/{call.pk}/").content.decode()
    assert not any(token in told for token in tokens)
    assert bureau.post(page, {"names": "李专家", "given_as": "csv"}).status_code == 422
    (auditor,) = factory.of_role("auditor")
    assert sign_in(Client(), auditor).get(page).status_code == 403
    rater = CalledRater.objects.latest("pk")
    assert bureau.post(f"{page}{rater.pk}/revoke/").status_code == 302
    assert CalledRater.objects.get(pk=rater.pk).revoked_on == today()
    assert bureau.post(f"{page}{rater.pk}/", {"given_as": "csv"}).status_code == 422, "a name needs a reason"


def test_groups_with_accounts_get_no_links_and_a_place_limits_what_is_marked(made: Quarter) -> None:
    """The bureau's own mark is no link's; who speaks for a place marks that place."""
    with pytest.raises(RefusedError) as refused:
        issue_links(made.scope, call_of(made, "bureau"), LinkDraft(1))
    assert codes(refused) == ["appraisal.no_links_for_group"]
    call = call_of(made, "representatives", own_place_only=True)
    with pytest.raises(RefusedError) as refused:
        issue_links(made.scope, call, LinkDraft(500))
    assert codes(refused) == ["appraisal.too_many_links", "appraisal.place_missing"]
    (one,) = issue_links(made.scope, call, LinkDraft(1, place=made.place))
    page = f"/r/{one.token}/"
    near = Client().get(page).content.decode()
    assert made.good.name in near, "a contractor of the whole district works in that street as well"
    strange = Client().post(page, {"mark:O999999:service": "1"})
    assert strange.status_code == 422


def test_no_new_link_opens_marks_that_were_handed_in(made: Quarter) -> None:
    """Whoever makes it would read and could change them; a draft goes with the old link."""
    (one,) = issue_links(made.scope, call := call_of(made), LinkDraft(1))
    rater, sent = CalledRater.objects.get(), {f"mark:{made.ids[0]}:quality": "70"}
    Client().post(f"/r/{one.token}/", sent)
    anew = make_anew(made.scope, call, rater.pk)
    rater.refresh_from_db()
    assert (rater.sheet, rater.saved_at) == (None, None)
    Client().post(f"/r/{anew.token}/", sent | {"hand_in": "1"})
    with pytest.raises(RefusedError) as refused:
        make_anew(made.scope, call, rater.pk)
    assert codes(refused) == ["appraisal.handed_in_by_link"]
    assert Client().get(f"/r/{anew.token}/").status_code == 200, "the rater's own link still opens"
    told = sign_in(Client(), made.bureau).get(f"/appraisals/calls/{call.pk}/").content.decode()
    assert f"/links/{rater.pk}/revoke/" in told
    assert f'/links/{rater.pk}/"' not in told


def test_two_clicks_at_once_do_not_exceed_what_the_scheme_allows(made: Quarter) -> None:
    """The call is locked before its raters are counted."""
    call = call_of(made)
    with CaptureQueriesContext(connection) as asked:
        issue_links(made.scope, call, LinkDraft(1))
    told = [query["sql"] for query in asked]
    locked = next(at for at, sql in enumerate(told) if '"appraisals_ratercall"."id" =' in sql and "id" in sql
                  and ("FOR UPDATE" in sql or connection.vendor == "sqlite"))  # fmt: skip
    assert locked < next(at for at, sql in enumerate(told) if "COUNT(" in sql and "calledrater" in sql)


def test_the_proxy_keeps_no_log_of_links() -> None:
    """The secret stands in the address, as at /v/."""
    template = (Path(__file__).parents[3] / "deploy" / "nginx" / "minping.conf").read_text("utf-8")
    block = re.search(r"location /r/ \{([^}]*)\}", template)
    assert block is not None
    assert re.match(r"\s*access_log off;\s*error_log  /dev/null", block[1])
    taken = re.search(r"client_max_body_size\s+(\d+)k;\s*client_body_buffer_size\s+\1k;", block[1])
    longest = len(urlencode({"mark:P000001:a_long_name_of_an_item": "100.000"})) + 1
    assert taken is not None
    assert int(taken[1]) * 1024 >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS * longest
    caddy = (Path(__file__).parents[3] / "deploy" / "caddy" / "Caddyfile").read_text("utf-8")
    assert re.search(r"@secrets path .*/r/\*.*\n\s*header @secrets >Referrer-Policy no-referrer", caddy)


def test_names_and_links_go_three_years_after_the_call_and_marks_stay(made: Quarter) -> None:
    """The clock of raters without an account; the entry holds a number, not a name."""
    call = call_of(made)
    issue_links(made.scope, call, LinkDraft(2))
    rater = CalledRater.objects.order_by("pk")[0]
    CalledRater.objects.filter(pk=rater.pk).update(name=b"sealed", sheet=b"sealed too")
    last = years_ago(3)
    RaterCall.objects.filter(pk=call.pk).update(opens_on=last, ends_on=last)
    assert erase_what_is_due() == {}
    before = last - timedelta(days=1)
    RaterCall.objects.filter(pk=call.pk).update(opens_on=before, ends_on=before)
    assert erase_what_is_due() == {"raters": 2}
    rater.refresh_from_db()
    assert (rater.name, rater.link, bytes(rater.sheet or b"")) == (None, None, b"sealed too")
    assert erase_what_is_due() == {}
    assert StagedEntry.objects.get(kind="evidence.erased").record["rows"] == 2
