"""What help and consequences keep about persons goes in time, or when asked; the log still proves itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, override_settings
from django.utils import timezone, translation

from minping_web.coaching.models import CoachingPlan, Pledge, ServiceStory
from minping_web.coaching.models import Standing as HelpStanding
from minping_web.coaching.services import forgetting as help_clocks
from minping_web.common.clock import today
from minping_web.common.models import Erasure
from minping_web.common.retention import clocks, years_ago
from minping_web.ledger.models import StagedEntry
from minping_web.ledger.services import sequence, verify
from minping_web.people.models import Person
from minping_web.people.services.forgetting import delete_on_request
from minping_web.publications.models import Publication
from minping_web.rewards.models import Line, Sheet, Standing, Statement
from minping_web.rewards.rules.words import Family, SheetState
from minping_web.rewards.services import forgetting as reward_clocks
from tests.web import factories
from tests.web.coaching import factory
from tests.web.coaching.factory import Quarter
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def moment(years: int, days: int) -> datetime:
    """So many days after the day so many years ago."""
    day = years_ago(years) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_current_timezone())


@pytest.fixture(autouse=True)
def own_log(tmp_path: Path, settings: Any) -> None:
    """A log of this test alone."""
    for name in ("ledger", "mirror", "keys"):
        (tmp_path / name).mkdir()
    settings.LEDGER_FOLDER, settings.LEDGER_MIRROR = tmp_path / "ledger", tmp_path / "mirror"
    settings.KEY_FOLDER = tmp_path / "keys"


@pytest.fixture
def world(district: SmallDistrict) -> SimpleNamespace:
    """A published quarter with one row of everything about its first worker."""
    with override_settings(DEMO=True):
        made = factory.workers(district, 2)
        score = dict.fromkeys(range(2), 86.0)
        publication = factory.publish(
            made, Quarter("2020Q1", score, step={0: 4}, asked={0: factory.last_grade()})
        )
        person = made.people[0]
        yield SimpleNamespace(person=person, publication=publication, sheet=_sheet(publication, person))


def _sheet(publication: Publication, person: Person) -> Sheet:
    at = timezone.now()
    sheet = Sheet.objects.create(
        publication=publication, scheme_id="gulou-worker", use="pay", kind="pay", family=Family.PAY,
        period="2020Q1", made_at=at,
    )  # fmt: skip
    line = Line.objects.create(sheet=sheet, assessee_id="P1", name=person.name, person=person, fen=100)
    Statement.objects.create(line=line, text="当季住院", heard_on=today(), at=at)
    Standing.objects.create(
        publication=publication, period="2020Q1", assessee_id="P1", name=person.name, person=person
    )
    ServiceStory.objects.create(person=person, happened_on=today(), title="冬夜送药", text="…", state="shown",
                                written_at=at, decided_at=at)  # fmt: skip
    ServiceStory.objects.create(person=person, happened_on=today(), title="没有采用", text="…",
                                written_at=at)  # fmt: skip
    Pledge.objects.create(person=person, year=today().year, text="有请必到", made_at=at)
    return sheet


def test_nothing_goes_a_day_early(world: SimpleNamespace) -> None:
    assert help_clocks.erase_what_is_due() == reward_clocks.erase_what_is_due() == {}
    _aged(world, 0)
    assert help_clocks.erase_what_is_due() == reward_clocks.erase_what_is_due() == {}


def test_everything_goes_a_day_late_but_what_is_signed_and_what_is_open(world: SimpleNamespace) -> None:
    _aged(world, -1)
    assert help_clocks.erase_what_is_due() == {"pledges": 1, "standings": 2, "stories": 1, "unshown": 1}
    assert reward_clocks.erase_what_is_due() == {"standings": 1, "statements": 1}
    assert Line.objects.get().name == world.person.name, "what was signed stays"
    assert CoachingPlan.objects.count() == 1, "an open plan stays"


def _aged(world: SimpleNamespace, days: int) -> None:
    """As if all of it ended that long ago: `days` before the last day that each clock keeps it."""
    shown = Publication.objects.filter(pk=world.publication.pk)
    shown.update(published_at=moment(help_clocks.KEPT_YEARS if days == 0 else 5, days))
    signed = Sheet.objects.filter(pk=world.sheet.pk)
    signed.update(state=SheetState.SIGNED, signed_at=moment(reward_clocks.STATEMENTS_YEARS, days))
    ServiceStory.objects.filter(state="shown").update(decided_at=moment(3, days))
    ServiceStory.objects.filter(state="offered").update(written_at=moment(1, days))
    Pledge.objects.update(year=today().year - 3 + days)


def test_names_on_sheets_that_nobody_signed_go_after_a_year(world: SimpleNamespace) -> None:
    Sheet.objects.filter(pk=world.sheet.pk).update(state=SheetState.REPLACED)
    Sheet.objects.filter(pk=world.sheet.pk).update(signed_at=None, made_at=moment(1, -1))
    assert reward_clocks.erase_what_is_due() == {"drafts": 1}
    assert not Statement.objects.exists()
    assert Sheet.objects.get().lines.count() == 0


def test_erasing_is_logged_as_a_count_and_every_proof_stays_valid(world: SimpleNamespace) -> None:
    sequence()
    _aged(world, -1)
    help_clocks.erase_what_is_due()
    reward_clocks.erase_what_is_due()
    entries = StagedEntry.objects.filter(kind__in=("coaching.erased", "rewards.erased"))
    assert entries.count() == Erasure.objects.count() == 6
    assert {frozenset(entry.record) for entry in entries} == {frozenset(("clock", "rows", "on"))}
    assert sequence() == 6
    assert verify().is_sound


def test_who_asks_has_stories_and_pledges_deleted_and_who_left_the_standings_too(
    world: SimpleNamespace,
) -> None:
    """A statement stays while the pay can be disputed; published results and signed lines stay."""
    bureau = factories.scope_with("district_bureau")
    assert delete_on_request(bureau, world.person) == 3
    assert HelpStanding.objects.filter(person=world.person).exists()
    assert Statement.objects.exists()
    Person.objects.filter(pk=world.person.pk).update(left_on=today() - timedelta(days=1))
    assert delete_on_request(bureau, world.person) == 2
    assert not HelpStanding.objects.filter(person=world.person).exists()
    assert HelpStanding.objects.count() == 1, "the colleague's stays"
    assert Line.objects.filter(person=world.person).exists()
    sequence()
    assert verify().is_sound
    told = StagedEntry.objects.filter(kind__endswith=".erased").values_list("record", flat=True)
    assert not [row for row in told if set(row) - {"clock", "rows", "on"}], "nobody is named"


def test_only_who_keeps_the_record_deletes_on_request(
    world: SimpleNamespace, district: SmallDistrict
) -> None:
    for role in ("community_staff", "auditor"):
        area = district.communities[0] if role == "community_staff" else None
        with pytest.raises(PermissionDenied):
            delete_on_request(factories.scope_with(role, area=area), world.person)
    own = replace(factories.scope_with("district_bureau"), person_id=world.person.pk)
    with pytest.raises(PermissionDenied):
        delete_on_request(own, world.person)
    assert ServiceStory.objects.count() == 2


def test_every_clock_stands_on_the_page_of_clocks_with_time_and_ground(world: SimpleNamespace) -> None:
    who = factories.user()
    factories.grant(who, "district_bureau")
    client = sign_in(Client(), who)
    _aged(world, -1)
    help_clocks.erase_what_is_due()
    page = client.get("/frames/clocks/").content.decode()
    assert {one.app for one in clocks()} >= {"coaching", "rewards", "publications"}
    with translation.override("zh-hans"):
        for one in clocks():
            assert str(one.what) in page
            assert one.kept in page
    own = client.get("/coaching/retention/").content.decode()
    assert own.count("<tr>") == 2 + len(clocks("coaching")) + Erasure.of("coaching").count()


def test_the_page_says_what_goes_before_it_goes(world: SimpleNamespace) -> None:
    who = factories.user()
    factories.grant(who, "district_bureau")
    client = sign_in(Client(), who)
    page = client.get(f"/people/{world.person.pk}/forget/")
    assert "不能撤销" in page.content.decode()
    assert client.post(f"/people/{world.person.pk}/forget/", follow=True).status_code == 200
    assert not Pledge.objects.exists()
