"""What a resident asks is carried out in every frame, those of today and of tomorrow included."""

from __future__ import annotations

from datetime import timedelta

import pytest

from minping_web.common.clock import now, today
from minping_web.common.crypto import add_index_key, index_key_id_of, keyring
from minping_web.common.scope import entered
from minping_web.frames import rules
from minping_web.frames.models import Frame, ResidentRequest, Unit, UnitContact
from minping_web.frames.selectors.areas import areas_for_units
from minping_web.frames.services.loading import begin_frame, finish_frame, write_chunk
from minping_web.frames.services.requests import correct, delete, open_request, refuse, show_held
from minping_web.frames.services.retention import erase_what_is_due, remove_torso
from minping_web.frames.services.rotation import key_report, move_to_newest
from minping_web.frames.services.sealed_contacts import PHONE_PURPOSE, Contact
from tests.web.frames import factory
from tests.web.frames.conftest import World
from tests.web.frames.test_guarding import request_for
from tests.web.frames.test_loading import Reports

pytestmark = pytest.mark.sqlite


def newer_frame(world: World) -> Frame:
    return factory.frame(world.bureau, world.district.responsibility_areas, name="后来的抽样框")


def begun_load(world: World) -> Frame:
    """A load whose first chunk is written."""
    with entered(world.bureau):
        frame = begin_frame(world.bureau, "正在导入", as_of=factory.AS_OF)
        areas = areas_for_units(world.bureau, "frames.edit")
        write_chunk(frame, list(factory.new_units(world.district.responsibility_areas)), areas)
    return frame


def contacts_of(world: World, number: int) -> int:
    blinds = keyring().blinds(factory.phone(number), PHONE_PURPOSE)
    with entered(world.bureau):
        return UnitContact.objects.filter(phone_blind__in=blinds).count()


@pytest.mark.parametrize("frame_of", [newer_frame, begun_load])
def test_deletion_reaches_frames_that_came_after_the_request(world: World, frame_of: object) -> None:
    with entered(world.bureau):
        made = request_for(world, "deletion", 1)
    frame_of(world)  # type: ignore[operator]
    with entered(world.bureau):
        assert delete(world.bureau, made.pk) == 2
    assert contacts_of(world, 1) == 0


def test_rows_that_a_load_wrote_meanwhile_are_forgotten_when_it_ends(world: World) -> None:
    """The last chunk was prepared before the deletion and written after it."""
    with entered(world.bureau):
        made = request_for(world, "deletion", 1)
        frame = begin_frame(world.bureau, "正在导入", as_of=factory.AS_OF)
        delete(world.bureau, made.pk)
        ResidentRequest.objects.filter(pk=made.pk).update(state="open")  # what the load still saw
        areas = areas_for_units(world.bureau, "frames.edit")
        write_chunk(frame, list(factory.new_units(world.district.responsibility_areas)), areas)
        ResidentRequest.objects.filter(pk=made.pk).update(state="done")
    assert contacts_of(world, 1) == 1
    with entered(world.bureau):
        finish_frame(frame)
        forgotten = Unit.objects.get(frame=frame, do_not_contact=True)
    assert (contacts_of(world, 1), forgotten.house_code, forgotten.salt) == (0, "", None)


def test_newer_frames_are_shown_and_corrected_too(world: World) -> None:
    with entered(world.bureau):
        seen, wrong = request_for(world, "access", 1), request_for(world, "correction", 2)
    newer_frame(world)
    with entered(world.bureau):
        assert len(show_held(world.bureau, seen.pk)) == 2
        assert correct(world.bureau, wrong.pk, Contact(phone=factory.phone(900))) == 2
    assert (contacts_of(world, 2), contacts_of(world, 900)) == (0, 2)


def test_an_answered_request_is_not_searched_anew(world: World) -> None:
    with entered(world.bureau):
        seen = request_for(world, "access", 1)
        show_held(world.bureau, seen.pk)
    newer_frame(world)
    with entered(world.bureau):
        assert len(show_held(world.bureau, seen.pk)) == 1


def test_a_load_that_is_given_up_takes_links_of_requests_with_it(world: World) -> None:
    frame = begun_load(world)
    with entered(world.bureau):
        made = request_for(world, "access", 1)
        assert made.found.count() == 2
        remove_torso(frame)
        assert made.found.count() == 1


def answered_long_ago(world: World) -> None:
    """A deletion, a view and a refused deletion, answered before the clock of phones ran out."""
    with entered(world.bureau):
        delete(world.bureau, request_for(world, "deletion", 1).pk)
        show_held(world.bureau, request_for(world, "access", 2).pk)
        refuse(world.bureau, request_for(world, "deletion", 3).pk, reason="法定保存期限未满")
    days = rules.clock("request_phones").days + 1
    ResidentRequest.objects.update(answered_at=now() - timedelta(days=days))


def test_phone_and_index_go_together_and_a_deletion_keeps_both(world: World) -> None:
    answered_long_ago(world)
    with entered(world.bureau):
        assert erase_what_is_due()["request_phones"] == 2
    held = {(r.kind, r.state): (r.phone, r.phone_blind) for r in ResidentRequest.objects.all()}
    assert held[("access", "done")] == held[("deletion", "refused")] == (None, None)
    assert all(held[("deletion", "done")])


def test_an_old_index_key_can_leave_and_deletions_still_hold(world: World) -> None:
    answered_long_ago(world)
    with entered(world.bureau):
        erase_what_is_due()
    newest = add_index_key(keyring().folder)
    move_to_newest(Reports(world.bureau))  # type: ignore[arg-type]
    assert all(is_newest for *_rest, is_newest in key_report())
    kept = ResidentRequest.objects.get(phone__isnull=False)
    assert index_key_id_of(kept.phone_blind or b"") == newest
    again = newer_frame(world)
    with entered(world.bureau):
        assert Unit.objects.filter(frame=again, do_not_contact=True).count() == 1


def test_a_request_received_tomorrow_is_refused(world: World) -> None:
    with entered(world.bureau), pytest.raises(Exception, match=r"frame\.received_later"):
        open_request(
            world.bureau, "access", factory.phone(1), channel="counter", identity_check="called_back",
            received_on=today() + timedelta(days=1),
        )  # fmt: skip
