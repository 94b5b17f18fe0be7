"""Contacts: reasons, log, limits, two persons; exclusions; sealing; residents' rights; clocks; keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.http import Http404

from minping_engine.errors import MinpingError
from minping_engine.proof import leaf_hash, root_of_hashes
from minping_web.common import approval
from minping_web.common.clock import now, today
from minping_web.common.crypto import add_field_key, add_index_key, key_id_of, keyring
from minping_web.common.models import Proposal
from minping_web.common.scope import entered
from minping_web.frames import rules
from minping_web.frames.models import (
    ContactAccess,
    ContactExport,
    Erasure,
    Frame,
    LegalHold,
    ResidentRequest,
    Unit,
    UnitContact,
)
from minping_web.frames.selectors.units import units_seen
from minping_web.frames.services.contacts import list_special, view_contact
from minping_web.frames.services.exclusions import exclude, include
from minping_web.frames.services.exporting import ask_export, open_export
from minping_web.frames.services.frames import retire_frame
from minping_web.frames.services.loading import load_frame
from minping_web.frames.services.requests import correct, delete, open_request, refuse, show_held
from minping_web.frames.services.retention import erase_what_is_due, hold
from minping_web.frames.services.rotation import key_report, move_to_newest
from minping_web.frames.services.sealed_contacts import Contact
from minping_web.frames.services.sealing import disclosed, propose_seal, seal_frame
from minping_web.ledger.models import StagedEntry
from tests.web.factories import scope_with
from tests.web.frames import factory
from tests.web.frames.conftest import World
from tests.web.frames.test_loading import Reports

pytestmark = pytest.mark.sqlite


def units_of(world: World) -> list[Unit]:
    with entered(world.bureau):
        return list(Unit.objects.filter(frame=world.frame).order_by("house_code"))


def code_of(error: pytest.ExceptionInfo[MinpingError]) -> str:
    return error.value.problems[0].code


def test_a_contact_is_shown_for_a_reason_and_logged(world: World) -> None:
    unit = units_of(world)[0]
    with entered(world.manager):
        contact = view_contact(world.manager, world.frame.pk, unit.pk, reason="核实入户地址")
    access = ContactAccess.objects.get()
    assert contact.phone == factory.phone(0)
    assert (access.unit_id, access.reason, access.actor_id) == (
        unit.pk,
        "核实入户地址",
        world.manager.user_id,
    )


@pytest.mark.parametrize("reason", ["", "  ", "x", "   y  "])
def test_without_a_reason_nothing_is_shown(world: World, reason: str) -> None:
    unit = units_of(world)[0]
    with entered(world.manager), pytest.raises(MinpingError) as refused:
        view_contact(world.manager, world.frame.pk, unit.pk, reason=reason)
    assert code_of(refused) == "frame.reason_missing"


def test_the_bureau_and_foreign_supervisors_find_no_contact(world: World) -> None:
    unit = units_of(world)[0]
    foreign = scope_with("supervisor", area=world.district.streets[1])
    for scope in (world.bureau, foreign):
        with entered(scope), pytest.raises(Http404):
            view_contact(scope, world.frame.pk, unit.pk, reason="核实入户地址")
    assert not ContactAccess.objects.exists()


def test_more_views_than_the_limit_within_an_hour_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minping_web.frames.services.contacts.VIEWS_PER_HOUR", 2)
    unit = units_of(world)[0]
    with entered(world.manager):
        for _time in range(2):
            view_contact(world.manager, world.frame.pk, unit.pk, reason="核实入户地址")
        with pytest.raises(MinpingError) as refused:
            view_contact(world.manager, world.frame.pk, unit.pk, reason="核实入户地址")
    assert code_of(refused) == "frame.too_many_views"


def test_a_row_of_the_log_cannot_be_changed_or_deleted(world: World) -> None:
    with entered(world.manager):
        list_special(world.manager, world.frame.pk, reason="准备分层抽样")
    for act in ("UPDATE frames_contactaccess SET reason = 'x'", "DELETE FROM frames_contactaccess"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(act)
    assert ContactAccess.objects.get().reason == "准备分层抽样"


def test_special_families_are_listed_within_the_scope(world: World) -> None:
    supervisor = scope_with("supervisor", area=world.district.streets[1])
    with entered(supervisor):
        assert len(list_special(supervisor, world.frame.pk, reason="准备分层抽样")) == 2


def test_a_small_export_is_permitted_at_once_and_a_large_one_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"area_id": None, "instrument": "", "reason": "电话回访"}
    with entered(world.manager):
        assert isinstance(ask_export(world.manager, world.frame.pk, **wanted), ContactExport)  # type: ignore[arg-type]
        monkeypatch.setattr("minping_web.frames.services.exporting.EXPORTED_ALONE", 5)
        assert isinstance(ask_export(world.manager, world.frame.pk, **wanted), Proposal)  # type: ignore[arg-type]


def test_an_export_by_two_is_downloaded_by_the_first_only_and_logged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minping_web.frames.services.exporting.EXPORTED_ALONE", 5)
    second = scope_with("survey_manager", area=world.district.district, fresh=True)
    with entered(world.manager):
        proposal = ask_export(world.manager, world.frame.pk, area_id=None, instrument="", reason="电话回访")
    with entered(second):
        permit = approval.approve(second, proposal.pk)
        with pytest.raises(Http404):
            open_export(second, permit.pk)  # type: ignore[attr-defined]
    with entered(world.manager):
        rows = list(open_export(world.manager, permit.pk))  # type: ignore[attr-defined]
    assert len(rows) == 24
    assert rows[0]["phone"].startswith("100")
    assert ContactAccess.objects.get(act="exported").rows == 24
    assert StagedEntry.objects.filter(step_id=f"frame-export-{permit.pk}-1").exists()  # type: ignore[attr-defined]


def test_a_permit_ends_after_its_downloads_and_its_day(world: World) -> None:
    with entered(world.manager):
        permit = ask_export(world.manager, world.frame.pk, area_id=None, instrument="", reason="电话回访")
        for _time in range(rules.EXPORT_DOWNLOADS):
            open_export(world.manager, permit.pk)
        with pytest.raises(MinpingError):
            open_export(world.manager, permit.pk)
        ContactExport.objects.update(downloads=0, expires_at=now())
        with pytest.raises(MinpingError):
            open_export(world.manager, permit.pk)


def test_few_units_are_excluded_by_one_and_many_by_two(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "EXCLUDED_ALONE_SHARE", 0.5)
    keys = [unit.pk for unit in units_of(world)]
    with entered(world.bureau):
        assert exclude(world.bureau, world.frame.pk, keys[:2], reason="vacant", note="上门两次无人") is None
        proposal = exclude(world.bureau, world.frame.pk, keys[2:4], reason="vacant", note="上门两次无人")
        assert proposal is not None
        assert Unit.objects.exclude(excluded="").count() == 2
        with pytest.raises(MinpingError):
            approval.approve(world.bureau, proposal.pk)
    with entered(world.second):
        approval.approve(world.second, proposal.pk)
        assert Unit.objects.exclude(excluded="").count() == 4
    world.frame.refresh_from_db()
    assert sum(area["excluded"] for area in world.frame.counts.values()) == 4


def test_an_excluded_unit_can_be_taken_in_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "EXCLUDED_ALONE_SHARE", 0.5)
    key = units_of(world)[0].pk
    with entered(world.bureau):
        exclude(world.bureau, world.frame.pk, [key], reason="vacant", note="上门两次无人")
        include(world.bureau, world.frame.pk, [key])
        assert Unit.objects.get(pk=key).asked


def sealed(world: World) -> Frame:
    with entered(world.bureau):
        proposal = propose_seal(world.bureau, world.frame.pk, reason="覆盖情况已核对")
    with entered(world.second):
        approval.approve(world.second, proposal.pk)
    seal_frame(world.second, world.frame.pk, Reports(world.second))  # type: ignore[arg-type]
    world.frame.refresh_from_db()
    return world.frame


def test_anyone_with_the_disclosed_list_finds_the_root(world: World) -> None:
    frame = sealed(world)
    with entered(world.bureau):
        listed = list(disclosed(frame))
    leaves = [leaf_hash(bytes.fromhex(str(row["commitment"]))) for row in listed]
    assert root_of_hashes(leaves) == bytes(frame.root or b"")
    assert [row["unit"] for row in listed] == sorted(str(row["unit"]) for row in listed)
    assert StagedEntry.objects.get(kind__contains="sealed").record["root"] == root_of_hashes(leaves).hex()  # type: ignore[index]


SEALED_EDITS = (
    "UPDATE frames_unit SET excluded = 'vacant'",
    "UPDATE frames_unit SET house_code = 'other' WHERE id = (SELECT min(id::text)::uuid FROM frames_unit)",
    "UPDATE frames_unit SET special = 'disabled'",
    "UPDATE frames_unit SET kind = 'member'",
    "DELETE FROM frames_unit WHERE has_contact",
    "UPDATE frames_frame SET root = NULL, state = 'draft'",
    "UPDATE frames_frame SET state = 'draft'",
    "UPDATE frames_frame SET name = 'x'",
    "DELETE FROM frames_sealedunit",
    "UPDATE frames_sealedunit SET position = position + 1000",
)


@pytest.mark.parametrize("edit", SEALED_EDITS)
def test_the_database_refuses_every_change_of_a_sealed_frame(world: World, edit: str) -> None:
    sealed(world)
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        edit = edit.replace("min(id::text)::uuid", "min(id)")
    with entered(world.bureau):
        UnitContact.objects.all().delete()  # else the foreign key would refuse before the guard
        with (
            pytest.raises(DatabaseError, match="frames"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(edit)


def test_a_sealed_frame_takes_no_unit(world: World) -> None:
    frame = sealed(world)
    first = units_of(world)[0]
    with pytest.raises(DatabaseError, match="frames"), entered(world.bureau), transaction.atomic():
        Unit.objects.create(
            frame=frame, area_id=first.area_id, community_id=first.community_id, house_code="late",
            kind="household", instrument="elderly", rater="owner",
        )  # fmt: skip


def request_for(world: World, kind: str, number: int) -> ResidentRequest:
    return open_request(
        world.bureau, kind, factory.phone(number), channel="counter", identity_check="document_seen",
        received_on=today(),
    )  # fmt: skip


def test_a_resident_sees_everything_that_is_held(world: World) -> None:
    with entered(world.bureau):
        made = request_for(world, "access", 1)
        (held,) = show_held(world.bureau, made.pk)
    made.refresh_from_db()
    assert (held.contact.phone, held.contact.address) == (factory.phone(1), "试验路2号")
    assert made.state == "done"
    assert list(ContactAccess.objects.order_by("pk").values_list("act", flat=True)) == ["searched", "viewed"]


def test_a_correction_is_found_under_the_new_number(world: World) -> None:
    with entered(world.bureau):
        correct(world.bureau, request_for(world, "correction", 1).pk, Contact(phone=factory.phone(901)))
        assert request_for(world, "access", 1).found.count() == 0
        assert request_for(world, "access", 901).found.count() == 1


def test_deletion_in_a_sealed_frame_leaves_its_root_provable(world: World) -> None:
    frame = sealed(world)
    with entered(world.bureau):
        before = bytes(frame.root or b"")
        assert delete(world.bureau, request_for(world, "deletion", 1).pk) == 1
        leaves = [leaf_hash(bytes.fromhex(str(row["commitment"]))) for row in disclosed(frame)]
        forgotten = Unit.objects.get(house_code="")
        assert root_of_hashes(leaves) == before
        assert (forgotten.salt, forgotten.special, forgotten.asked) == (None, "", False)
        assert not UnitContact.objects.filter(pk=forgotten.pk).exists()


def test_a_deleted_household_does_not_come_back_by_a_file(world: World) -> None:
    with entered(world.bureau):
        delete(world.bureau, request_for(world, "deletion", 1).pk)
    again = load_frame(
        world.bureau, "再次", factory.new_units(world.district.responsibility_areas), as_of=factory.AS_OF
    )
    with entered(world.bureau):
        (unit,) = Unit.objects.filter(frame=again, do_not_contact=True)
        assert not UnitContact.objects.filter(pk=unit.pk).exists()


def test_a_refusal_needs_a_reason_and_ends_the_request(world: World) -> None:
    with entered(world.bureau):
        made = request_for(world, "deletion", 1)
        with pytest.raises(MinpingError):
            refuse(world.bureau, made.pk, reason=" ")
        refuse(world.bureau, made.pk, reason="法定保存期限未满")
        with pytest.raises(MinpingError):
            delete(world.bureau, made.pk)


def test_the_clock_of_an_answer_counts_working_days() -> None:
    from datetime import date

    assert rules.due_on(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert rules.due_on(date(2026, 11, 20)) == date(2026, 12, 11)


def test_contacts_are_erased_when_their_purpose_ended_and_no_day_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = world.frame.needed_until + timedelta(days=rules.clock("contacts").days)
    for day, left in ((last - timedelta(days=1), 24), (last, 0)):
        monkeypatch.setattr("minping_web.frames.services.retention.today", lambda day=day: day)
        with entered(world.bureau):
            erase_what_is_due()
            assert UnitContact.objects.count() == left
    assert [(e.clock, e.rows) for e in Erasure.objects.all()] == [("contacts", 24)]
    with entered(world.bureau):
        assert not Unit.objects.filter(has_contact=True).exists()


def test_a_legal_hold_stops_the_clock_until_its_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with entered(world.bureau):
        retire_frame(world.bureau, world.frame.pk, reason="数据有误")
        hold(world.bureau, world.frame.pk, reason="复核争议期间", until=today() + timedelta(days=60))
        for days, left in ((40, 24), (61, 0)):
            day = today() + timedelta(days=days)
            monkeypatch.setattr("minping_web.frames.services.retention.today", lambda day=day: day)
            erase_what_is_due()
            assert UnitContact.objects.count() == left
    assert LegalHold.objects.get().lifted_at is None


def test_after_new_keys_everything_moves_and_nothing_is_lost(world: World) -> None:
    with entered(world.bureau):
        request_for(world, "access", 2)
    add_field_key(settings.KEY_FOLDER)
    add_index_key(settings.KEY_FOLDER)
    assert not any(newest for *_rest, newest in key_report())
    moved = move_to_newest(Reports(world.bureau))  # type: ignore[arg-type]
    assert moved["frames.unitcontact"] == 24
    assert all(newest for *_rest, newest in key_report())
    with entered(world.bureau):
        assert key_id_of(UnitContact.objects.all()[0].phone) == keyring().newest
        assert request_for(world, "access", 3).found.count() == 1


def test_a_broken_off_move_is_taken_up_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minping_web.frames.services.rotation.CHUNK", 7)
    add_field_key(settings.KEY_FOLDER)
    with pytest.raises(KeyboardInterrupt):
        move_to_newest(Reports(world.bureau, stop_at=14))  # type: ignore[arg-type]
    assert {newest for *_rest, newest in key_report()} == {True, False}
    assert move_to_newest(Reports(world.bureau))["frames.unitcontact"] == 10  # type: ignore[arg-type]


def test_ordinary_reads_load_neither_salt_nor_special_family(world: World) -> None:
    with entered(world.bureau):
        unit = units_seen(world.bureau, world.frame.pk)[0]
    assert {"salt", "special"} <= unit.get_deferred_fields()
