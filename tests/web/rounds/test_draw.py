"""From draft to drawn: who decides what when, and that outsiders can redo it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from minping_engine.proof import verifier_key
from minping_engine.sampling import SEED_NAMED, read_draw
from minping_engine.snapshot import json_sha256
from minping_engine.verification import verify_draw
from minping_web.common.approval import approve
from minping_web.common.clock import now, today
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import entered
from minping_web.frames.models import Unit
from minping_web.frames.services.forgetting import forget_units
from minping_web.instruments.models import Instrument, InstrumentVersion
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry
from minping_web.ledger.selectors import current_log, folder_of
from minping_web.ledger.services import export_opened, sequence
from minping_web.rounds.models import RoundArea, RoundStratum, SampledUnit, SurveyRound
from minping_web.rounds.rules.design import AUDIENCES, Design
from minping_web.rounds.rules.words import Channel
from minping_web.rounds.services.drafting import make_round, set_design, set_questionnaires
from minping_web.rounds.services.drawing import draw_round
from minping_web.rounds.services.fixing import carry_fix, fix_again, fix_problems, fix_round, propose_fix
from minping_web.rounds.services.folders import draw_folder
from minping_web.rounds.services.valuing import ACT, describe, propose_value
from minping_web.schemes.services import end_pilot, freeze_version
from tests.web.frames import factory as frames
from tests.web.rounds.conftest import (
    VALUE,
    Unseen,
    World,
    basics,
    draft,
    drawn,
    fixed,
    value_approved,
)


def codes(refused: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


@pytest.mark.sqlite
def test_a_round_is_drawn_by_its_plan_and_the_ledger_tells_it_in_order(world: World) -> None:
    made = drawn(world)
    assert made.state == SurveyRound.State.DRAWN
    asked = SampledUnit.objects.filter(round=made, released=True)
    assert asked.count() == 60
    assert not asked.filter(is_reserve=True).exists()
    assert set(RoundArea.objects.values_list("drawn", "eligible")) == {(10, 30)}
    kinds = list(StagedEntry.objects.order_by("pk").values_list("kind", flat=True))
    wanted = ["frame.sealed", "scheme.frozen", "draw.seed_named", "round.fixed", "draw.made"]
    assert [kind for kind in kinds if kind in wanted] == wanted


@pytest.mark.sqlite
def test_the_disclosed_folder_says_what_was_drawn(world: World) -> None:
    made = drawn(world)
    told = read_draw(draw_folder(made.pk))
    assert told.problems == ()
    assert told.head.outcome.drawn_sha256 == made.draw_sha256
    assert told.head.plan.frame_root == bytes(world.frame.root or b"").hex()
    sample = {one.unit for one in told.drawn if one.role == "sample"}
    kept = SampledUnit.objects.filter(round=made, released=True).values_list("unit_id", flat=True)
    assert sample == {unit.hex for unit in kept}


def test_an_outsider_redoes_the_draw_and_finds_it_in_the_log(
    world: World, settings: Any, tmp_path: Path
) -> None:
    settings.LEDGER_FOLDER = tmp_path / "ledger"
    settings.KEY_FOLDER = tmp_path / "keys"
    made = drawn(world)
    sequence()
    log = current_log()
    assert log is not None
    opened = tmp_path / "opened.jsonl"
    opened.write_bytes(export_opened(world.auditor, reason="核对抽样"))
    report = verify_draw(
        draw_folder(made.pk), folder_of(log.number), verifier_key(log.verifier), opened=opened
    )
    assert [problem for problem in report.problems if problem.severity == "error"] == []
    assert (report.is_sound, report.sample, report.units) == (True, 60, 180)
    assert report.entries["frame.sealed"] < report.entries["draw.seed_named"] < report.entries["draw.made"]


def test_a_folder_that_was_changed_is_found_out(world: World) -> None:
    folder = draw_folder(drawn(world).pk)
    rows = (folder / "drawn.csv").read_text().splitlines(keepends=True)
    place = next(number for number, row in enumerate(rows) if ",reserve," in row)
    rows[1], rows[place] = (row.replace("reserve", "x").replace("sample", "reserve").replace("x", "sample")
                            for row in (rows[1], rows[place]))  # fmt: skip
    (folder / "drawn.csv").write_text("".join(rows))
    report = verify_draw(folder)
    assert not report.is_sound
    assert {problem.place.row for problem in report.problems if problem.place.file == "drawn.csv"} >= {2}


def test_strata_cells_and_audiences_follow_the_frame(world: World) -> None:
    """S22: each class of raters gets its own form."""
    made = drawn(world)
    rows = RoundStratum.objects.filter(round=made)
    assert sum(rows.values_list("eligible", flat=True)) == 180
    assert {row.name for row in rows} == {"ordinary", "special"}
    assert sum(row.drawn for row in rows if row.name == "special") == 2 * 6
    with entered(world.bureau):
        elderly = set(Unit.objects.filter(instrument="elderly").values_list("pk", flat=True))
    for unit in SampledUnit.objects.filter(round=made):
        assert (unit.audience == "elderly") is (unit.unit_id in elderly)
        assert unit.frame_cell == "tenure=0"


def test_households_rest_after_a_round_until_the_frame_is_too_small(world: World) -> None:
    first = drawn(world)
    second = drawn(world, name="下一轮")
    asked = [set(SampledUnit.objects.filter(round=one, released=True).values_list("unit_id", flat=True))
             for one in (first, second)]  # fmt: skip
    rested = set(SampledUnit.objects.filter(round=second, released=True, stratum=0)
                 .values_list("unit_id", flat=True)) & asked[0]  # fmt: skip
    assert rested == set()
    third = drawn(world, Design(per_area=25, wanted=5), name="再下一轮")
    assert third.draw_report["rested"] > 0
    assert third.draw_report["rested_areas"]
    assert sum(RoundArea.objects.filter(round=third).values_list("rested", flat=True)) > 0


def test_a_part_of_the_units_gets_its_first_mode_by_chance(world: World) -> None:
    design = Design(per_area=20, wanted=5, modes=(Channel.SMS, Channel.QR), randomised_percent=50)
    units = SampledUnit.objects.filter(round=drawn(world, design), released=True)
    by_chance = units.filter(randomised=True)
    assert 30 < by_chance.count() < 90
    assert set(by_chance.values_list("mode", flat=True)) == {Channel.SMS, Channel.QR}
    assert set(units.filter(randomised=False).values_list("mode", flat=True)) == {Channel.SMS}


def test_one_area_alone_can_be_drawn(world: World) -> None:
    area = world.district.responsibility_areas[0]
    made = drawn(world, Design(per_area=10, wanted=5, areas=(area.pk,)))
    assert set(SampledUnit.objects.filter(round=made).values_list("area_id", flat=True)) == {area.pk}


def test_a_wider_level_is_rated_by_the_units_below_it(world: World) -> None:
    made = drawn(world, level="community")
    assert set(RoundArea.objects.filter(round=made).values_list("area_id", flat=True)) == {
        area.pk for area in world.district.communities
    }
    assert set(RoundArea.objects.filter(round=made).values_list("eligible", flat=True)) == {60}


def test_everything_that_is_missing_is_said_at_once(world: World) -> None:
    unsealed = frames.frame(world.bureau, world.district.responsibility_areas, 2, name="小框")
    made = make_round(world.bureau, basics(unsealed, scheme_id="no-such"))
    told = {problem.code for problem in fix_problems(world.bureau, made)}
    assert told == {
        "round.no_questionnaire", "round.frame_not_sealed", "round.seed_missing", "round.scheme_unknown"
    }  # fmt: skip
    with pytest.raises(RefusedError) as refused:
        propose_fix(world.bureau, made.pk, reason="试一试")
    assert codes(refused) == told


def test_a_questionnaire_that_the_scheme_cannot_score_is_refused_before_it_is_asked(world: World) -> None:
    """The right one fits; a stranger, another version, other points do not, and it is said once."""
    made = draft(world)
    assert fix_problems(world.bureau, made) == []
    good = InstrumentVersion.objects.get().content
    items = [*good["items"][:-1], good["items"][-1] | {"answers": good["items"][-1]["answers"][:-1]}]
    for number, (told, code) in enumerate((
        ({"id": "stranger"}, "not_of_scheme"), ({"version": "2"}, "version_of_scheme"),
        ({"items": items}, "item_of_scheme"),
    )):  # fmt: skip
        asked = Instrument.objects.create(code=f"wrong-{number}", title="问卷")
        wrong = InstrumentVersion.objects.create(
            instrument=asked, version=told.get("version", "1"), content=good | told, made_at=now(),
            state=InstrumentVersion.State.FROZEN, sha256=json_sha256(good | told), frozen_at=now(),
        )  # fmt: skip
        set_questionnaires(world.bureau, made.pk, dict.fromkeys(AUDIENCES, wrong.pk))
        found = [one for one in fix_problems(world.bureau, made) if one.code.startswith("instruments.")]
        assert [(one.code, one.place.key) for one in found] == [(f"instruments.{code}", "questionnaires")]
        with pytest.raises(RefusedError) as refused:
            propose_fix(world.bureau, made.pk, reason="试一试")
        assert codes(refused) == {f"instruments.{code}"}


def test_a_scheme_on_trial_serves_trial_rounds_only_until_its_pilot_ends(world: World) -> None:
    """S20."""
    version = freeze_version(world.bureau, "gulou-worker", "2019.1", pilot=True)
    earnest, trial = draft(world), draft(world, is_pilot=True, name="试点轮次")
    assert {one.code for one in fix_problems(world.bureau, earnest)} == {"round.scheme_is_pilot"}
    assert fix_problems(world.bureau, trial) == []
    end_pilot(world.bureau, version.pk)
    assert fix_problems(world.bureau, earnest) == []


def test_fixing_freezes_scheme_and_questionnaire_and_ends_editing(world: World) -> None:
    """D4: nobody rewrites a form once two persons have fixed the round."""
    made = fixed(world)
    assert made.scheme is not None
    assert made.scheme.scheme_id == "gulou-worker"
    assert set(InstrumentVersion.objects.values_list("state", flat=True)) == {"frozen"}
    with pytest.raises(RefusedError) as refused:
        set_design(world.bureau, made.pk, Design())
    assert codes(refused) == {"round.not_draft"}


def test_what_moved_after_the_proposal_is_not_fixed(world: World) -> None:
    made = draft(world)
    proposal = propose_fix(world.bureau, made.pk, reason="按计划开展")
    set_design(world.bureau, made.pk, Design(per_area=12))
    with entered(world.second), pytest.raises(RefusedError) as refused:
        carry_fix(world.second, proposal.payload)
    assert codes(refused) == {"round.moved_since"}


def test_a_questionnaire_that_was_rewritten_after_the_proposal_is_not_frozen(world: World) -> None:
    made = draft(world)
    proposal = propose_fix(world.bureau, made.pk, reason="按计划开展")
    for version in InstrumentVersion.objects.filter(state="draft"):
        version.content["title"] = {"zh": "另一份问卷", "en": "Another questionnaire"}
        version.save(update_fields=["content"])
    with entered(world.second), pytest.raises(RefusedError) as refused:
        carry_fix(world.second, proposal.payload)
    assert codes(refused) == {"round.moved_since"}
    assert not InstrumentVersion.objects.filter(state="frozen").exists()


def approved(world: World) -> SurveyRound:
    """Two persons have decided; the job that lists the frame waits."""
    made = draft(world)
    proposal = propose_fix(world.bureau, made.pk, reason="按计划开展")
    with entered(world.second):
        carry_fix(world.second, proposal.payload)
    made.refresh_from_db()
    return made


@pytest.mark.sqlite
def test_the_frame_is_listed_by_a_job_and_nothing_moves_meanwhile(world: World) -> None:
    made = approved(world)
    assert (made.state, made.fixed_at, made.plan) == (SurveyRound.State.FIXING, None, {})
    assert not StagedEntry.objects.filter(kind=SEED_NAMED).exists()
    with pytest.raises(RefusedError) as refused:
        set_design(world.bureau, made.pk, Design(per_area=12))
    assert codes(refused) == {"round.not_draft"}
    assert fix_round(world.second, made.pk, Unseen(world.second))["listed"] == 180
    made.refresh_from_db()
    assert made.state == SurveyRound.State.FIXED
    assert StagedEntry.objects.filter(kind=SEED_NAMED).count() == 1
    assert fix_round(world.second, made.pk, Unseen(world.second)) == {}  # killed before its end was noted
    assert StagedEntry.objects.filter(kind=SEED_NAMED).count() == 1


def test_a_round_that_cannot_be_listed_becomes_a_draft_again(world: World) -> None:
    """The day of the public draw came while the job waited: naming it now would be too late."""
    made = approved(world)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    with pytest.raises(RefusedError) as refused:
        fix_round(world.second, made.pk, Unseen(world.second))
    assert codes(refused) == {"round.seed_day_past"}
    made.refresh_from_db()
    assert (made.state, made.fixed_at) == (SurveyRound.State.DRAFT, None)
    assert not StagedEntry.objects.filter(kind=SEED_NAMED).exists()


def test_a_fixing_that_broke_off_is_begun_once_more_and_only_then(world: World) -> None:
    made = approved(world)
    with pytest.raises(RefusedError) as refused:
        fix_again(world.bureau, made.pk)  # its job waits
    assert codes(refused) == {"round.not_fixing"}
    Job.objects.filter(pk=made.job_id).update(state=Job.State.FAILED)
    assert fix_again(world.bureau, made.pk).job_id != made.job_id
    assert fix_round(world.second, made.pk, Unseen(world.second))["listed"] == 180


def test_a_draw_of_a_past_day_cannot_be_named(world: World) -> None:
    made = draft(world)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    made.refresh_from_db()
    assert {one.code for one in fix_problems(world.bureau, made)} == {"round.seed_day_past"}


def test_a_value_counts_on_its_day_and_in_its_spelling_only(world: World) -> None:
    made = fixed(world)
    for days, value, code in ((1, VALUE, "too_early"), (0, "7 11 15 22 28 31 09", "form"), (0, "", "form")):
        SurveyRound.objects.filter(pk=made.pk).update(seed_on=today() + timedelta(days=days))
        with pytest.raises(RefusedError) as refused:
            propose_value(world.bureau, made.pk, value)
        assert codes(refused) == {f"round.value_{code}"}
    with pytest.raises(RefusedError) as refused:
        propose_value(world.bureau, made.pk, "123456", is_fallback=True)
    assert codes(refused) == {"round.protocol_missing"}
    value_approved(world, made.pk)
    with pytest.raises(RefusedError) as refused:
        propose_value(world.bureau, made.pk, VALUE)
    assert codes(refused) == {"round.not_fixed"}


@pytest.mark.sqlite
def test_no_value_counts_before_an_auditor_has_approved_it(world: World) -> None:
    made = fixed(world)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    proposal = propose_value(world.bureau, made.pk, VALUE)
    for scope in (world.bureau, world.second, world.manager):
        with pytest.raises(PermissionDenied):
            approve(scope, proposal.pk)
    made.refresh_from_db()
    assert (made.state, made.seed_value, made.job) == (SurveyRound.State.FIXED, "", None)
    assert not StagedEntry.objects.filter(kind="round.value").exists()
    approve(world.auditor, proposal.pk)
    made.refresh_from_db()
    assert (made.state, made.seed_value) == (SurveyRound.State.DRAWING, VALUE)
    record = StagedEntry.objects.get(kind="round.value").record
    assert (record["by"], record["approved_by"]) == (world.bureau.user_id, world.auditor.user_id)
    assert draw_round(world.auditor, made.pk, Unseen(world.auditor))["sample"] == 60


def test_the_auditor_reads_what_was_named_and_every_value_that_was_tried(world: World) -> None:
    made = fixed(world)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    tried = ("111111", "222222")
    for value in tried:
        propose_value(world.bureau, made.pk, value, is_fallback=True, protocol="开奖取消，现场掷骰子")
    last = propose_value(world.bureau, made.pk, VALUE)
    told = {str(text) for line in describe(last.payload) for text in line}
    assert {"双色球第2026135期", VALUE, "111111, 222222"} <= told
    first = Proposal.objects.filter(kind=ACT).earliest("pk")
    assert "开奖取消，现场掷骰子" in {str(text) for line in describe(first.payload) for text in line}


def test_the_second_of_two_proposed_values_comes_too_late(world: World) -> None:
    made = fixed(world)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    other = propose_value(world.bureau, made.pk, "01 02 03 04 05 06 07")
    value_approved(world, made.pk)
    with pytest.raises(RefusedError) as refused:
        approve(world.auditor, other.pk)
    assert codes(refused) == {"round.not_fixed"}
    made.refresh_from_db()
    assert made.seed_value == VALUE


@pytest.mark.sqlite
def test_a_household_forgotten_between_naming_and_draw_leaves_the_draw_as_named(world: World) -> None:
    made = fixed(world)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    with entered(world.bureau):
        forget_units(Unit.objects.filter(frame=world.frame, area=world.district.responsibility_areas[0]))
    value_approved(world, made.pk)
    draw_round(world.bureau, made.pk, Unseen(world.bureau))
    assert set(RoundArea.objects.values_list("drawn", flat=True)) == {10}
    assert not SampledUnit.objects.filter(audience="").exists()


def test_a_frame_sealed_after_the_naming_is_refused(world: World) -> None:
    made = fixed(world)
    SurveyRound.objects.filter(pk=made.pk).update(seed_on=today())
    value_approved(world, made.pk)
    SurveyRound.objects.filter(pk=made.pk).update(fixed_at=world.frame.sealed_at - timedelta(minutes=1))
    with pytest.raises(Exception, match=r"round\.frame_root_differs"):
        draw_round(world.bureau, made.pk, Unseen(world.bureau))
    assert not SampledUnit.objects.exists()


def test_the_job_may_run_twice(world: World) -> None:
    made = drawn(world)
    assert draw_round(world.bureau, made.pk, Unseen(world.bureau)) == {}
    before = set(SampledUnit.objects.values_list("unit_id", "place"))
    SurveyRound.objects.filter(pk=made.pk).update(state=SurveyRound.State.DRAWING)
    StagedEntry.objects.filter(kind="draw.made").delete()
    with pytest.raises(FileNotFoundError):  # the named list went into the disclosed draw
        draw_round(world.bureau, made.pk, Unseen(world.bureau))
    assert set(SampledUnit.objects.values_list("unit_id", "place")) == before


def test_who_may_not_prepare_rounds_makes_none(world: World) -> None:
    for scope in (world.manager, world.auditor):
        with pytest.raises(PermissionDenied):
            make_round(scope, basics(world.frame))


def test_auditors_and_firms_propose_no_value(world: World) -> None:
    made: Any = fixed(world)
    for scope in (world.manager, world.auditor):
        with pytest.raises(PermissionDenied):
            propose_value(scope, made.pk, VALUE)


def test_the_list_that_a_killed_job_left_goes_with_the_next_run(world: World) -> None:
    made = drawn(world)
    left = draw_folder(made.pk).with_name(f"round-{made.pk}.named.csv")
    assert not left.exists()
    left.write_text("position,unit", encoding="utf-8")
    assert draw_round(world.bureau, made.pk, Unseen(world.bureau)) == {}
    assert not left.exists()
