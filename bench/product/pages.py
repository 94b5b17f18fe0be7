"""Main pages of a full district through Django's test client, as the accounts that use them daily.

Each page is asked once to warm up, once to count its queries, then timed. Server time is all between
request and response: middleware, rights, queries, template.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from bench.product.meter import Figure, spent_on

BUREAU, AUDITOR, MANAGER = "demo-district-bureau", "demo-auditor", "demo-survey-manager"
AIM_MS = 100
USERS, ACCESSES, JOBS = 1000, 5000, 2000


@dataclass(frozen=True)
class Asked:
    """A page: what it is called, its address, whose page it is ("" = a program with a key)."""

    name: str
    address: str
    who: str = BUREAU


def crowd() -> None:
    """Accounts with roles, accesses to contacts and jobs, as after a year of use."""
    from django.utils.timezone import now

    from minping_web.access.models import Grant
    from minping_web.accounts.models import User
    from minping_web.common.scope import entered, system_scope
    from minping_web.frames.models import ContactAccess, Frame
    from minping_web.jobs.models import Job
    from minping_web.places.models import Area

    areas = list(Area.objects.filter(level="community"))
    users = User.objects.bulk_create(
        [
            User(username=f"bench{n}", password="!", display_name=f"受测账号{n}", date_joined=now())
            for n in range(USERS)
        ]
    )
    Grant.objects.bulk_create(
        [
            Grant(
                user=who, role="community_staff", area=areas[n % len(areas)], granted_at=now(),
                valid_from=now().date() - timedelta(days=30),
            )
            for n, who in enumerate(users)
        ]
    )  # fmt: skip
    with entered(system_scope()):
        ContactAccess.objects.bulk_create(
            [
                ContactAccess(
                    at=now(), actor=users[n % USERS], actor_label="受测账号", act="viewed", rows=1,
                    frame=Frame.objects.latest("pk") if n == 0 else None, area=areas[n % len(areas)],
                    fields="phone", reason="回访核实",
                )
                for n in range(ACCESSES)
            ]
        )  # fmt: skip
    Job.objects.bulk_create(
        [Job(task="frames.check", title="核对", arguments={}, state="done", run_at=now(), queued_at=now())
         for _ in range(JOBS)]
    )  # fmt: skip


def asked_pages(frame: int, deep: int) -> Iterator[Asked]:
    """All pages that are timed; `deep` is a page far down the list of units."""
    from minping_web.common.models import ChangeSet
    from minping_web.organisations.models import Contract
    from minping_web.people.models import Person
    from minping_web.places.models import Area

    district = Area.objects.get(level="district")
    street, community = (
        Area.objects.filter(level=level).order_by("path")[3] for level in ("street", "community")
    )
    person = Person.objects.order_by("pk")[500]
    units = f"/frames/{frame}/units/"
    yield Asked("start page", "/")
    yield Asked("places", "/places/")
    yield Asked("places, page 20", "/places/?page=20")
    yield Asked("places, search", "/places/?q=网格")
    yield Asked("an area: the district", f"/places/{district.pk}/")
    yield Asked("an area: a street", f"/places/{street.pk}/")
    yield Asked("an area: a community", f"/places/{community.pk}/")
    yield Asked("map of tiles", "/places/map/")
    yield Asked("map of tiles of the district", f"/places/map/?under={district.pk}")
    yield Asked("household rule", "/places/household-rule/")
    yield Asked("figures of areas", "/places/figures/")
    yield Asked("published map", "/map/")
    yield Asked("people", "/people/")
    yield Asked("people, page 20", "/people/?page=20")
    yield Asked("people, search", "/people/?q=王")
    yield Asked("a person", f"/people/{person.pk}/")
    yield Asked("load of owners", "/people/load/")
    yield Asked("vacancies", "/people/vacancies/")
    yield Asked("postings", "/people/postings/")
    yield Asked("certificates", "/people/certificates/")
    yield Asked("skills", "/people/skills/")
    yield Asked("organisations", "/organisations/")
    yield Asked("contracts", "/organisations/contracts/")
    yield Asked("a contract", f"/organisations/contracts/{Contract.objects.order_by('pk')[0].pk}/")
    yield Asked("frames", "/frames/")
    yield Asked("coverage of a frame", f"/frames/{frame}/")
    yield Asked("coverage, every grid", f"/frames/{frame}/?all=1")
    yield Asked("units", units)
    yield Asked("units, page 20", f"{units}?page=20")
    yield Asked("units, last page that is offered", f"{units}?page={deep}")
    yield Asked("units of a community, one questionnaire", f"{units}?area={community.pk}&instrument=elderly")
    yield Asked("units without contact", f"{units}?reach=no")
    yield Asked("units, rare kind", f"{units}?kind=member")
    yield Asked("units as survey manager", units, MANAGER)
    yield Asked("log of access", "/frames/log/", AUDITOR)
    yield Asked("accounts", "/accounts/users/", AUDITOR)
    yield Asked("grants", "/access/grants/", AUDITOR)
    yield Asked("changes", "/changes/")
    yield Asked("a change of all areas", f"/changes/{ChangeSet.objects.order_by('pk')[0].pk}/")
    yield Asked("jobs", "/jobs/")
    yield Asked("ledger", "/ledger/", AUDITOR)
    yield Asked("ledger, entries", "/ledger/entries/", AUDITOR)
    yield Asked("search", "/search/?q=网格")
    yield Asked("API: areas", "/api/v1/areas?limit=200", "")
    yield Asked("API: people", "/api/v1/people?limit=200", "")
    yield Asked("API: units", f"/api/v1/frames/{frame}/units?limit=200", "")


def measure_pages(frame: int, deep: int, runs: int) -> list[Figure]:
    """All of them."""
    clients = {who: _signed_in(who) for who in (BUREAU, AUDITOR, MANAGER)} | {"": _program()}
    return [_measured(clients[asked.who], asked, runs) for asked in asked_pages(frame, deep)]


def measure_scope(runs: int) -> list[Figure]:
    """Working out what an account may do, which every request does once."""
    from minping_web.access.selectors import scope_of
    from minping_web.accounts.models import User

    users = {
        "bureau": User.objects.get(username=BUREAU),
        "one community": User.objects.get(username="bench1"),
    }
    return [
        Figure(
            f"rights of an account, {name}",
            tuple(spent_on(partial(scope_of, who)) for _ in range(runs)),
        )
        for name, who in users.items()
    ]


def _signed_in(who: str) -> Any:
    from django.test import Client

    from minping_web.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(username=who))
    return client


def _program() -> Any:
    from django.conf import settings
    from django.test import Client

    from minping_web.access.selectors import scope_of
    from minping_web.access.services.keys import make_api_key
    from minping_web.accounts.models import User
    from minping_web.common.clock import today

    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    owner = User.objects.get(username=BUREAU)
    rights = ["places.view", "people.view", "frames.view"]
    ends = today() + timedelta(days=30)
    _, secret = make_api_key(scope_of(owner), "bench", permissions=rights, expires_on=ends)
    return Client(headers={"authorization": f"Bearer {secret}"})


def _measured(client: Any, asked: Asked, runs: int) -> Figure:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def get() -> None:
        answer = client.get(asked.address)
        if answer.status_code != 200:
            raise RuntimeError(f"{asked.name}: {asked.address} answered {answer.status_code}")

    get()
    with CaptureQueriesContext(connection) as captured:
        get()
    queries = sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT")) for query in captured)
    return Figure(asked.name, tuple(spent_on(get) for _ in range(runs)), queries)
