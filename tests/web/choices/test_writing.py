"""Postings in the background, the protocol as PDF/A, specialists: written once, with hashes (S86, S89)."""

from __future__ import annotations

import hashlib

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.results import kept_by
from minping_web.choices.services import carrying, ending, posting, preparing, printing
from minping_web.common import approval
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry
from minping_web.people.models import Handover, Posting
from minping_web.people.selectors import responsible_for
from minping_web.people.services import PostingDraft, save_posting
from tests.web import factories
from tests.web.choices.factory import Street, Working, matched_street, street_of, work_off, write_approved
from tests.web.entering import sign_in
from tests.web.people.factory import LONG_AGO, person
from tests.web.people.factory import posting as posted

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def approved(street: Street) -> Scope:
    """Sealed, proposed and approved; the job waits."""
    ending.agree(street.office, street.choice.pk)
    proposal = carrying.propose_carrying_out(street.office, street.choice.pk, "完成")
    second = factories.scope_with("street_staff", area=street.choice.area, fresh=True)
    approval.approve(second, proposal.pk)
    return second


def begun(street: Street) -> int:
    """Postings that begin with the new ones."""
    return Posting.objects.filter(starts_on=street.choice.takes_effect_on).count()


def test_a_killed_writing_has_written_nothing_and_a_repeated_one_writes_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed after the first posting: no posting, no handover, no entry. Then once, however often it runs."""
    street = matched_street(monkeypatch)
    second = approved(street)
    assert street.fresh().phase == Phase.CARRYING
    with pytest.raises(KeyboardInterrupt):
        carrying.write_postings(street.choice.pk, Working(second, killed_at=1))
    assert (begun(street), Handover.objects.count()) == (0, 0)
    assert not StagedEntry.objects.filter(kind="choice.carried_out").exists()
    assert street.fresh().phase == Phase.CARRYING
    for _turn in range(3):
        carrying.write_postings(street.choice.pk, Working(second))
    assert (begun(street), Handover.objects.count()) == (2, 2)
    assert StagedEntry.objects.filter(kind="choice.carried_out").count() == 1
    assert street.fresh().phase == Phase.CARRIED_OUT


def test_one_writing_at_a_time_and_none_beside_a_calling_off(monkeypatch: pytest.MonkeyPatch) -> None:
    street = matched_street(monkeypatch)
    approved(street)
    with pytest.raises(RefusedError):
        carrying.propose_carrying_out(street.office, street.choice.pk, "再来一次")
    with pytest.raises(RefusedError) as refused:
        posting.call_off(street.office, street.choice.pk, "不要了")
    assert refused.value.problems[0].code == "choices.not_to_call_off"
    assert Job.objects.filter(task=carrying.TASK).count() == 1


def test_a_cancelled_writing_can_be_proposed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    street = matched_street(monkeypatch)
    approved(street)
    Job.objects.filter(task=carrying.TASK).update(state=Job.State.CANCELLED)
    assert street.fresh().phase == Phase.AGREED
    assert write_approved(street).phase == Phase.CARRIED_OUT
    assert begun(street) == 2


def test_everything_in_the_way_of_the_postings_is_told_at_once_and_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two people have left meanwhile: both are named to the office and to the second person."""
    street = matched_street(monkeypatch)
    ending.agree(street.office, street.choice.pk)
    proposal = carrying.propose_carrying_out(street.office, street.choice.pk, "完成")
    for name in ("an", "bo"):
        one = street.people[name].person
        one.left_on = street.choice.takes_effect_on
        one.save()
    with pytest.raises(RefusedError) as refused:
        carrying.plan_of(street.office, street.fresh())
    assert [problem.code for problem in refused.value.problems] == ["posting.left_but_posted"] * 2
    second = factories.scope_with("street_staff", area=street.choice.area, fresh=True)
    with pytest.raises(RefusedError):
        approval.approve(second, proposal.pk)
    assert street.fresh().phase == Phase.AGREED
    assert not Job.objects.filter(task=carrying.TASK).exists()


def test_a_look_ahead_costs_the_same_queries_for_two_pairs_as_for_eight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the office nor the second person waits for what the job does later."""
    counted = []
    for n in (2, 8):
        names, grids = [f"p{at}" for at in range(n)], [f"g{at}" for at in range(n)]
        with monkeypatch.context() as patch:
            street = street_of(patch, names, grids, post=False)
            for who, where in zip(names, grids, strict=True):
                posted(street.people[who].person, street.grids[where].area)
            choice = street.fresh()
            around = [*grids[1:], grids[0]]
            choice.pairs = sorted(
                [street.people[who].pk, street.grids[to].pk] for who, to in zip(names, around, strict=True)
            )
            with CaptureQueriesContext(connection) as queries:
                plan = carrying.plan_of(street.office, choice)
                carrying.describe({"choice": choice.pk, "name": ""})
            assert (len(plan.moves), plan.vacated) == (n, [])
            counted.append(len(queries))
    assert counted[0] == counted[1]


def test_who_got_no_grid_reads_what_becomes_of_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """An moves from west to east and gives west up to bo; the same is read after the postings are written."""
    street = matched_street(monkeypatch)
    spare = factories.area("responsibility_area", "spare", street.district.grids[0], households=1)
    posted(street.people["cy"].person, spare)
    posted(street.people["an"].person, factories.area("responsibility_area", "old", street.district.grids[0]))

    def told(name: str) -> dict[str, str]:
        candidate = street.fresh().candidates.select_related("choice").get(pk=street.people[name].pk)
        return {one.area.name: one.goes_to for one in kept_by(candidate)}

    before = {name: told(name) for name in ("an", "cy")}
    assert before == {"an": {"west": "bo", "old": "—"}, "cy": {"spare": ""}}
    ending.agree(street.office, street.choice.pk)
    write_approved(street)
    assert {name: told(name) for name in ("an", "cy")} == before


def test_the_sealed_protocol_is_kept_as_pdf_a_in_both_languages_with_its_hash_in_the_ledger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Made again it is the same; a name that changes later changes no kept paper."""
    street = matched_street(monkeypatch)
    with pytest.raises(PermissionDenied):
        ending.agree(street.scope("an"), street.choice.pk)
    ending.agree(street.office, street.choice.pk)
    work_off()
    kept = {one.language: one for one in street.choice.papers.all()}
    assert set(kept) == {"zh", "en"}
    for language, paper in kept.items():
        content = bytes(paper.content)
        assert b"pdfaid:part" in content
        assert hashlib.sha256(content).hexdigest() == paper.sha256
        entry = StagedEntry.objects.get(step_id=f"{street.choice.step_id}-paper-{language}")
        assert entry.record["sha256"] == paper.sha256
        assert entry.record["protocol_sha256"] == street.fresh().protocol_sha256
    with translation.override("en"):
        again = printing.protocol_pdf(printing.sheet_of(street.fresh(), "zh"))
    assert again == bytes(kept["zh"].content)
    one = street.people["an"].person
    one.name = "改名"
    one.save()
    printing.make_papers(street.choice.pk, Working(street.office))
    assert street.choice.papers.get(language="zh").sha256 == kept["zh"].sha256
    assert StagedEntry.objects.filter(kind="choice.paper").count() == 2
    who = factories.user()
    factories.grant(who, "street_staff", area=street.choice.area)
    address = f"/choices/{street.choice.pk}/protocol/zh.pdf"
    shown = sign_in(Client(), who).get(address)
    assert (shown.status_code, shown.content) == (200, bytes(kept["zh"].content))
    community = factories.user()
    factories.grant(community, "community_staff", area=street.grids["east"].area.parent.parent)
    refused = sign_in(Client(), community).get(address)
    assert (refused.status_code, refused.content) == (302, b"")


def specialist_street(patch: pytest.MonkeyPatch, *, grid_level: str, talents: str = "法律") -> Street:
    """One place for a specialist on a grid of that level; an wants it."""
    street = street_of(patch, ["an"], ["east"], post=False)
    wide = factories.area("grid", "大网格", street.district.communities[0], grid_level=grid_level)
    owner = posted(street.people["an"].person, factories.area("responsibility_area", "own", wide))
    assert owner.role == "responsible"
    preparing.add_grids(street.office, street.choice.pk, [wide], role="specialist", talents=talents, seats=2)
    street.grids["wide"] = street.choice.grids.select_related("area__parent__parent").get(area=wide)
    return street


def test_a_specialist_gets_an_l2_grid_by_choice_and_keeps_the_own_area(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """S89: with talents on the grid's page, beside whoever answers for it; the owner rule stays."""
    street = specialist_street(monkeypatch, grid_level="L2")
    posting.post(street.office, street.choice.pk)
    street.time.pass_to(street.choice.choose_from)
    street.hand_in("an", "wide")
    street.time.pass_to(street.choice.choose_until)
    street.hand_back("wide", "an")
    street.matched()
    ending.agree(street.office, street.choice.pk)
    choice = write_approved(street)
    made = Posting.objects.get(role="specialist")
    assert (made.area.name, made.talents, made.starts_on) == ("大网格", "法律", choice.takes_effect_on)
    assert Posting.objects.filter(person=made.person, role="responsible", ends_on=None).count() == 1
    with translation.override("zh-hans"):
        (shown,) = responsible_for([made.area_id], choice.takes_effect_on)[made.area_id]
    assert (shown.name, shown.role) == ("an", "专职委员 (法律)")


@pytest.mark.parametrize(
    ("level", "talents", "code"),
    [("L3", "法律", "choices.specialist_needs_wide_grid"), ("L1", " ", "choices.talents_missing")],
)
def test_a_specialist_is_wanted_for_something_on_a_wide_grid(
    monkeypatch: pytest.MonkeyPatch, level: str, talents: str, code: str
) -> None:
    street = specialist_street(monkeypatch, grid_level=level, talents=talents)
    with pytest.raises(RefusedError) as refused:
        posting.post(street.office, street.choice.pk)
    assert code in {problem.code for problem in refused.value.problems}


def test_a_specialist_is_posted_only_to_an_l1_or_l2_grid_with_talents(
    district: factories.SmallDistrict,
) -> None:
    bureau = factories.scope_with("district_bureau")
    wide = factories.area("grid", "一级网格", district.communities[0], grid_level="L1")
    who = posted(person(), district.responsibility_areas[0]).person
    for area, talents, code in (
        (wide, "", "posting.talents_missing"),
        (district.responsibility_areas[1], "法律", "posting.specialist_needs_wide_grid"),
    ):
        with pytest.raises(RefusedError) as refused:
            save_posting(bureau, PostingDraft(who, area, "specialist", LONG_AGO, talents=talents))
        assert refused.value.problems[0].code == code
    made = save_posting(bureau, PostingDraft(who, wide, "specialist", LONG_AGO, talents="法律"))
    assert made.talents == "法律"
    plain = save_posting(bureau, PostingDraft(who, wide, "part_time", LONG_AGO, talents="法律"))
    assert (plain.talents, plain.role_told) == ("", str(plain.get_role_display())), (
        "only specialists have them"
    )
