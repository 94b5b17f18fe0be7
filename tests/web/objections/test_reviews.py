"""Who may object, check and decide, what is refused, and what a lost objection leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client

from minping_engine.scheme import Bilingual, Fact
from minping_web.appraisals.models import EvidenceSeal
from minping_web.appraisals.services.sealing import ask_for_seal
from minping_web.assessments.models import AssessedResult, AssessmentRun
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from minping_web.objections.models import Objection, Preview
from minping_web.objections.selectors import cells, counts, hindrances, objections_of
from minping_web.objections.selectors.cells import Cell
from minping_web.objections.selectors.interest import rounds_of_interest
from minping_web.objections.selectors.objections import may_check, may_decide, objection_of, to_check
from minping_web.objections.services.correcting import ask_for_correction
from minping_web.objections.services.evidence import File
from minping_web.objections.services.excluding import Wanted, propose_exclusion
from minping_web.objections.services.filing import Draft, file_for_place, file_own, withdraw
from minping_web.objections.services.previews import close_finished, open_preview
from minping_web.objections.services.reviewing import Decision, check, decide
from minping_web.people.models import Person
from minping_web.schemes.selectors.versions import loaded
from minping_web.snapshots.services.versions import Correction, make_version
from tests.web import factories
from tests.web.objections import factory
from tests.web.objections.factory import Assessed, bureau, client_of, scope, staff

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def codes(act: Callable[[], object]) -> set[str]:
    """The problems that an act is refused with."""
    with pytest.raises(RefusedError) as refused:
        act()
    return {one.code for one in refused.value.problems}


def test_a_lost_objection_leaves_the_result_and_stands_in_the_record(made: Assessed) -> None:
    """Refused with reasons; nothing to carry out; the public counts it; the ledger names nobody."""
    preview = factory.previewed(made)
    assert codes(lambda: open_preview(bureau(), made.run)) == {"objections.previewed_already"}
    objection = factory.checked(made, factory.filed(made, "round"))
    empty = Decision("granted", " ", areas=("nowhere",))
    assert codes(lambda: decide(bureau(), objection, empty)) == {
        "objections.text_missing", "objections.cause_missing", "objections.area_not_asked",
    }  # fmt: skip
    changed = Decision("refused", "查无实据", areas=("x",), cause="pressure")
    assert "objections.remedy_of_refused" in codes(lambda: decide(bureau(), objection, changed))
    lost = decide(bureau(), objection, Decision("refused", "查无实据"))
    assert (lost.outcome, lost.reasons) == ("refused", "查无实据")
    assert codes(lambda: decide(bureau(), objection, Decision("refused", "再议"))) == {"objections.ended"}
    assert [one.code for one in hindrances(made.run)] == ["objections.window_open"]
    factory.window_over(preview)
    assert hindrances(made.run) == []
    assert codes(lambda: ask_for_correction(bureau(), made.run)) == {"objections.nothing_to_carry_out"}
    assert close_finished() == 1
    assert counts(made.run)["objections"]["refused"] == counts(made.run)["by_subject"]["round"] == 1
    record = StagedEntry.objects.get(kind="objection.decided").record
    assert (record["outcome"], record["subject"]) == ("refused", "round")
    told = str([one.record for one in StagedEntry.objects.filter(kind__startswith="objection.")])
    for word in ("王试", made.result().assessee_id, "查无实据", "不是入户"):
        assert word not in told


def test_another_result_on_the_same_snapshot_is_previewed_anew_but_drops_no_objection(made: Assessed) -> None:
    """A mended engine gives another hash; the same one is not previewed twice."""
    factory.previewed(made)
    same = factory.run_on(made.run.snapshot, "复算")
    assert same.result_sha256 == made.run.result_sha256
    assert codes(lambda: open_preview(bureau(), same)) == {"objections.previewed_already"}
    AssessmentRun.objects.filter(pk=same.pk).update(result_sha256="f" * 64)
    objection = factory.filed(made, "round")
    assert codes(lambda: open_preview(bureau(), same)) == {"objections.undecided"}
    withdraw(scope(made.bad), objection)
    follows = open_preview(bureau(), same).follows
    assert follows is not None
    assert follows.run == made.run


def test_nobody_acts_in_his_own_matter_and_each_node_is_another_person(made: Assessed) -> None:
    """Not a rival, not who filed, not who checked; an auditor and a foreign street not at all."""
    factory.previewed(made)
    objection = factory.filed(made)
    street = scope(staff("street_staff", area=made.district.streets[0]))
    rival = staff("community_staff", area=made.district.communities[0])
    Person.objects.filter(name="王试0").update(user=rival)
    foreign = scope(staff("street_staff", area=made.district.streets[1]))
    for one in (scope(rival), foreign, scope(made.good)):
        with pytest.raises(Http404):
            objection_of(one, objection.pk)
        assert not to_check(one).exists()
    auditor = factories.scope_with("auditor", fresh=True)
    assert objections_of(auditor, made.result()).get() == objection
    for one in (scope(rival), foreign, auditor, bureau(), scope(made.bad)):
        assert not may_check(one, objection)
        assert codes(lambda one=one: check(one, objection, "属实")) == {"objections.not_yours"}
    assert codes(lambda: decide(bureau(), objection, Decision("refused", "无"))) == {"objections.ended"}
    objection = check(street, objection, "属实")
    both = staff("district_bureau")
    assert may_decide(scope(both), objection)
    objection.reviews.update(by=both)
    assert not may_decide(scope(both), objection)
    assert codes(lambda: decide(scope(both), objection, Decision("refused", "无"))) == {
        "objections.not_yours"
    }
    stale = scope(staff("district_bureau"), fresh=False)
    assert codes(lambda: decide(stale, objection, Decision("refused", "无"))) == {"approval.factor_needed"}


def test_the_district_takes_over_what_is_overdue_and_the_delay_is_counted(made: Assessed) -> None:
    """The clock runs in working days; who takes over does not decide."""
    factory.previewed(made)
    objection = factory.filed(made)
    assert objection.due_on > today()
    one = staff("district_bureau")
    assert not may_check(scope(one), objection)
    Objection.objects.update(due_on=today() - timedelta(days=1))
    objection.refresh_from_db()
    assert objection.is_overdue(today())
    objection = check(scope(one), objection, "街道逾期未核对")
    review = objection.reviews.get()
    assert (review.is_late, review.took_over) == (True, True)
    assert not may_decide(scope(one), objection)
    assert may_decide(bureau(), objection)
    assert counts(made.run)["late_reviews"] == 1


def test_what_may_be_filed_when_and_by_whom(made: Assessed) -> None:
    """All problems at once; own results only; after the window nothing; withdrawn stays withdrawn."""
    preview = factory.previewed(made)
    many = tuple(File(f"{n}.pdf", b"%PDF-") for n in range(6))
    bad = Draft("secret_ballot", " ", (*many, File("a.exe", b"MZ"), File("b.pdf", b"MZ")))
    assert codes(lambda: file_own(scope(made.bad), made.result(), bad)) == {
        "objections.not_of_this_kind", "objections.text_missing", "objections.too_many_files",
        "objections.file_kind",
    }  # fmt: skip
    large = Draft("fact", "见附件", (File("b.pdf", b"%PDF-" + bytes(5_000_001)),))
    assert codes(lambda: file_own(scope(made.bad), made.result(), large)) == {"objections.file_too_large"}
    with pytest.raises(PermissionDenied):
        file_own(scope(made.good), made.result(), Draft("fact", "不对"))
    objection = factory.filed(made)
    with pytest.raises(PermissionDenied):
        withdraw(scope(made.good), objection)
    withdraw(scope(made.bad), objection)
    assert codes(lambda: withdraw(scope(made.bad), objection)) == {"objections.ended"}
    factory.window_over(preview)
    assert codes(lambda: factory.filed(made)) == {"objections.window_over"}
    assert hindrances(made.run) == []


def test_an_explanation_by_a_person_may_be_granted_without_a_change(made: Assessed) -> None:
    """PIPL 24: the automated score is explained and looked at; the number may stay as it is."""
    factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "automated"))
    decided = decide(bureau(), objection, Decision("granted", "已人工复核，计算无误"))
    assert decided.outcome == "granted"
    other = factory.checked(made, factory.filed(made, "other"))
    assert codes(lambda: decide(bureau(), other, Decision("granted", "同意"))) == {"objections.no_remedy"}


def test_newer_evidence_overtakes_no_objection(made: Assessed) -> None:
    """While one waits evidence is not closed anew; a newer result waits for it and is shown to everybody."""
    factory.previewed(made)
    factory.filed(made)
    EvidenceSeal.objects.create(
        round=made.run.round, parent=made.run.snapshot.parent, snapshot=made.run.snapshot, at=now(),
        state="done", reason="佐证材料",
    )  # fmt: skip
    refused = codes(lambda: ask_for_seal(bureau(), made.run.round, reason="补录"))
    assert refused == {"objections.undecided"}
    newer = make_version(bureau(), made.run.snapshot, Correction("补录", ("evidence-0",)))
    run = factory.run_on(newer, reason="补录佐证材料")
    again = open_preview(bureau(), run)
    assert again.concerned is None
    factory.window_over(again)
    assert [one.code for one in hindrances(run)] == ["objections.undecided"]


def test_a_place_objects_and_the_office_above_checks(made: Assessed) -> None:
    """Community staff file for the community; its own colleagues do not check it, the street does."""
    preview: Preview = factory.previewed(made)
    community = made.district.communities[0]
    filer = scope(staff("community_staff", area=community))
    draft = Draft("place_data", "老龄人口比例登记有误")
    objection = file_for_place(filer, preview, community, draft)
    with pytest.raises(PermissionDenied):
        file_for_place(filer, preview, made.district.communities[1], draft)
    automated = Draft("automated", "请说明")
    refused = codes(lambda: file_for_place(filer, preview, community, automated))
    assert refused == {"objections.not_of_this_kind"}
    colleague = scope(staff("community_staff", area=community))
    street = scope(staff("street_staff", area=made.district.streets[0]))
    assert not may_check(colleague, objection)
    assert may_check(street, objection)
    assert objection_of(colleague, objection.pk) == objection
    with pytest.raises(Http404):
        objection_of(scope(made.bad), objection.pk)
    streets_own = file_for_place(street, preview, made.district.streets[0], draft)
    assert not may_check(street, streets_own)
    assert may_check(bureau(), streets_own)


def test_who_is_assessed_in_the_round_has_no_part_in_it_whatever_his_role(made: Assessed) -> None:
    """An official who is assessed beside the objector has no list, page, file, decision, export."""
    factory.previewed(made)
    objection = factory.filed(made, files=(File("证据.pdf", b"%PDF-1.7"),))
    area = made.district.responsibility_areas[1]
    exclusion = propose_exclusion(bureau(), made.run, Wanted("area", "accident", "停电", area=area.code))
    objection = factory.checked(made, objection)
    factories.grant(made.good, "district_bureau")
    rival, home = client_of(made.good), f"/objections/results/{made.run.pk}/"
    page, file = f"/objections/{objection.pk}/", f"/objections/evidence/{objection.evidence.get().pk}/"
    for address in (page, file, page + "decide/", f"/objections/exclusions/{exclusion.pk}/"):
        assert rival.get(address).status_code == 404, address
    for address in ("/objections/", "/objections/?format=csv", "/objections/exclusions/", home):
        shown = rival.get(address)
        assert shown.status_code == 200, address
        assert "王试1" not in shown.content.decode(), address
        assert area.name not in shown.content.decode(), address
    assert not may_decide(scope(made.good), objection)
    assert codes(lambda: decide(scope(made.good), objection, Decision("refused", "不成立"))) == {
        "objections.not_yours"
    }
    filer = scope(made.bad)
    assert objection_of(filer, objection.pk) == objection  # the own one stays visible
    assert client_of(staff("district_bureau")).get(file).status_code == 200


def test_the_own_organisation_and_the_place_of_work_are_an_interest_too(made: Assessed) -> None:
    """Whoever works where the result is at stake is no judge in it; the office above is."""
    street = made.district.streets[0]
    official = staff("district_bureau")
    factories.grant(official, "street_staff", area=street)
    assert rounds_of_interest(scope(official)) == set()
    assessed = made.run.results.get(name="王试1")
    AssessedResult.objects.filter(pk=assessed.pk).update(assessee_id=street.code, area=street, person=None)
    assert rounds_of_interest(scope(official)) == {made.run.round_id}
    body, other = factories.organisation(), staff("district_bureau")
    assert rounds_of_interest(scope(other)) == set()
    factories.grant(other, "organisation_user", organisation=body)
    AssessedResult.objects.filter(pk=assessed.pk).update(assessee_id=f"O{body.pk:06d}")
    assert rounds_of_interest(scope(other)) == {made.run.round_id}


def test_a_word_that_the_scheme_does_not_know_is_no_decision(made: Assessed) -> None:
    """Facts with choices take these words alone; counted facts take whole numbers; the list is shown."""
    word = Cell("t", "facts", {}, "text", "档次", "", allowed=(("优", "优"), ("良", "良")))
    assert word.parsed(" 优 ") == "优"
    with pytest.raises(RefusedError) as refused:
        word.parsed("特优")
    problem = refused.value.problems[0]
    assert (problem.code, problem.params["known"]) == ("objections.word_unknown", "优、良")
    count = Cell("t", "facts", {}, "value_milli", "投诉", "1", is_whole=True)
    assert count.parsed("2") == "2"
    assert codes(lambda: count.parsed("1.5")) == {"objections.value_not_whole"}
    free = Cell("t", "facts", {}, "text", "说明", "")
    assert codes(lambda: free.parsed("长" * 101)) == {"objections.word_too_long"}


def test_words_are_offered_as_a_list(made: Assessed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever decides chooses among the scheme's words; what the scheme would not take is refused."""
    facts = (
        Fact(id="grade_word", title=Bilingual(zh="档次", en="Grade"), unit="text", choices=("优", "良")),
        Fact(id="was_there", title=Bilingual(zh="到场", en="Was there"), unit="truth"),
        Fact(id="complaints", title=Bilingual(zh="投诉", en="Complaints"), unit="times"),
    )
    there = loaded(made.run.scheme, demo=True)
    scheme = there.scheme.model_copy(update={"facts": facts})
    monkeypatch.setattr(cells, "loaded", lambda *_given, **_named: replace(there, scheme=scheme))
    factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "fact"))
    shown = client_of(staff("district_bureau")).get(f"/objections/{objection.pk}/decide/").content.decode()
    assert '<option value="良">良</option>' in shown
    assert '<option value="1">是</option>' in shown
    who = made.result().assessee_id
    wanted = {"grade_word": "特优", "was_there": "2", "complaints": "0.5"}
    wrong = Decision(
        "granted", "更正", becomes={f"facts-{who}-{fact}": said for fact, said in wanted.items()}
    )
    refused = codes(lambda: decide(bureau(), objection, wrong))
    assert refused == {"objections.word_unknown", "objections.value_not_whole"}
    right = {"grade_word": "良", "was_there": "1", "complaints": "0"}
    said = {f"facts-{who}-{fact}": value for fact, value in right.items()}
    assert decide(bureau(), objection, Decision("granted", "更正", becomes=said)).remedies.count() == 3


def test_everybody_reads_how_often_somebody_objected_and_the_objector_that_it_was_decided(
    made: Assessed,
) -> None:
    """The public page tells numbers of the round before it is published, the start page the decision."""
    assert made.run.round.name not in Client().get("/published/objections/").content.decode()
    factory.previewed(made)
    objection = factory.checked(made, factory.filed(made, "automated"))
    shown = Client().get("/published/objections/").content.decode()
    assert made.run.round.name in shown
    assert "尚未决定" in shown
    assert "王试1" not in shown
    worker = client_of(made.bad)
    assert "查看您的异议决定" not in worker.get("/").content.decode()
    decide(bureau(), objection, Decision("granted", "已人工复核，计算无误"))
    assert f"/objections/{objection.pk}/" in worker.get("/").content.decode()
    assert "尚未决定" not in Client().get("/published/objections/").content.decode()
