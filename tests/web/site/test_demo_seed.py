"""The demonstration's district: whole by its own rules, and full on the pages that people open first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from minping_engine.demo import DemoParameters, make_district
from minping_web.access.models import Grant
from minping_web.access.rules import Role
from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.crypto import make_keys
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import Frame, UnitContact
from minping_web.frames.services.sealed_contacts import open_contact
from minping_web.ledger.models import StagedEntry
from minping_web.organisations.models import Contract
from minping_web.people.models import Certificate, Handover, Person, Posting, StandIn
from minping_web.people.rules import SINGLE_ROLES, PostingRole
from minping_web.people.selectors import vacancies
from minping_web.places.models import Area
from minping_web.site.demo.accounts import ACCOUNTS
from minping_web.site.demo.seed import fill
from minping_web.site.demo.service_seed import story_worker
from minping_web.site.demo.works_seed import FIRM

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
HOUSEHOLDS = 400


def fill_small(seed: int = 1) -> None:
    make_keys(settings.KEY_FOLDER)
    with override_settings(DEMO=True):
        fill(make_district(DemoParameters.small(), seed), households=HOUSEHOLDS, tell=lambda line: None)


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Filled once for the module, and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        fill_small()
        yield
        transaction.set_rollback(True)


def test_each_area_has_one_owner_at_a_time_and_secretaries_own_one_as_well(filled: None) -> None:
    """S10."""
    held = Q(postings__role__in=SINGLE_ROLES, postings__ends_on__isnull=True)
    owned = Area.objects.filter(level="responsibility_area").annotate(owners=Count("postings", filter=held))
    assert owned.count() > 10
    assert set(owned.values_list("owners", flat=True)) == {0, 1}
    assert owned.filter(owners=0).count() == 2
    secretaries = Person.objects.filter(kind=Person.Kind.SECRETARY)
    posted = Posting.objects.filter(role=PostingRole.RESPONSIBLE, ends_on__isnull=True)
    assert secretaries.exists()
    assert all(posted.filter(person=secretary).exists() for secretary in secretaries)


def test_two_areas_are_vacant_and_a_handover_is_open(filled: None) -> None:
    scope = system_scope()
    assert vacancies(scope, today()).filter(level="responsibility_area").count() == 2
    assert vacancies(scope, today() - timedelta(days=30)).filter(level="responsibility_area").count() == 0
    handover = Handover.objects.get(taker=story_worker())
    assert not handover.closed
    assert set(handover.items.values_list("done", flat=True)) == {True, False}


def test_the_workers_own_page_is_full(filled: None, client: Client) -> None:
    """S65, S70, S71: description, certificates, skills, stand-in, load, a request that waits."""
    worker = story_worker()
    assert worker.position is not None
    assert worker.profession_rank is not None
    assert worker.certificates.count() == 2
    assert worker.skills.exists()
    assert StandIn.objects.filter(person=worker, ends_on__isnull=True).count() == 1
    assert worker.correction_requests.filter(state="open").count() == 1
    client.force_login(User.objects.get(username="demo-worker"))
    page = client.get("/people/mine/")
    assert page.status_code == 200
    assert worker.name in page.content.decode()


def test_certificates_are_verified_waiting_and_about_to_expire(filled: None) -> None:
    day = today()
    for state in ("soon", "unverified", "valid"):
        assert Certificate.in_state(Certificate.objects.all(), state, day).exists(), state
    assert Certificate.objects.filter(verified_on=day).exists()


def test_one_invented_account_for_each_role_without_a_password(filled: None) -> None:
    users = User.objects.filter(is_invented=True)
    assert users.count() == len(ACCOUNTS) == len(Role) + 2
    assert not any(user.has_usable_password() for user in users)
    assert set(Grant.objects.values_list("role", flat=True)) == set(Role)


def test_staff_of_the_survey_firm_belong_to_it(filled: None) -> None:
    roles = (Role.SURVEY_MANAGER, Role.SUPERVISOR, Role.INTERVIEWER, Role.PHONE_AGENT)
    for role in roles:
        user = User.objects.get(username=f"demo-{role.value.replace('_', '-')}")
        assert Person.objects.filter(user=user, employer__code=FIRM).exists(), role


def test_contracts_run_today_and_one_has_a_sub_contract(filled: None) -> None:
    """S45."""
    running = Contract.objects.filter(starts_on__lte=today(), ends_on__gte=today())
    assert running.count() == Contract.objects.count()
    assert running.filter(main__isnull=False).count() == 1


def test_a_frame_is_a_draft_and_an_older_one_is_sealed_and_in_the_ledger(filled: None) -> None:
    states = sorted(Frame.objects.values_list("state", flat=True))
    assert states == ["draft", "sealed"]
    assert StagedEntry.objects.filter(kind="frame.sealed").count() == 1


def test_no_telephone_could_be_anybodys(filled: None) -> None:
    with entered(system_scope()):
        opened = [open_contact(one).phone for one in UnitContact.objects.exclude(phone=None)[:2000]]
    assert len(opened) > 300
    assert all(number.startswith(("102", "025-0001")) for number in opened)
    office = Person.objects.exclude(office_phone="").values_list("office_phone", flat=True)
    assert all(number.startswith("025-0002") for number in office)
