"""How many queries a main page takes depends on the page, not on how many rows there are (60 or 1,100)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from minping_web.access.models import ApiKey, Grant
from minping_web.access.services.keys import make_api_key
from minping_web.accounts.models import User
from minping_web.common.clock import today
from minping_web.common.models import ChangeSet, Proposal
from minping_web.common.scope import entered, system_scope
from minping_web.frames.models import ContactAccess, Frame, ResidentRequest
from minping_web.frames.services.loading import NewUnit, load_frame
from minping_web.jobs.models import Job
from minping_web.ledger.models import StagedEntry
from minping_web.organisations.models import Contract, Organisation
from minping_web.people.models import Person, Posting
from minping_web.places.models import HEX, Area
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, grant, scope_with, user

FEW, MORE, MANY = 60, 300, 1_100
LONG_AGO = date(2024, 1, 1)
pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]

STAFF = {
    "/": ("district_bureau", 42),
    "/places/": ("district_bureau", 18),
    "/places/?page=2": ("district_bureau", 18),
    "/places/map/": ("district_bureau", 16),
    "/places/household-rule/": ("district_bureau", 18),
    "/people/": ("district_bureau", 16),
    "/people/postings/": ("district_bureau", 14),
    "/people/load/": ("district_bureau", 14),
    "/people/vacancies/": ("district_bureau", 14),
    "/people/skills/": ("district_bureau", 17),
    "/people/certificates/": ("district_bureau", 14),
    "/organisations/": ("district_bureau", 14),
    "/organisations/contracts/": ("district_bureau", 15),
    "/frames/": ("district_bureau", 15),
    "/frames/requests/": ("district_bureau", 14),
    "/frames/log/": ("auditor", 14),
    "/accounts/users/": ("auditor", 14),
    "/access/grants/": ("auditor", 16),
    "/access/keys/": ("district_bureau", 14),
    "/changes/": ("district_bureau", 15),
    "/approvals/": ("auditor", 16),
    "/jobs/": ("auditor", 15),
    "/ledger/": ("auditor", 18),
    "/ledger/entries/": ("auditor", 15),
    "/search/?q=试": ("district_bureau", 16),
}
"""Page -> who looks, and the most queries it may take, those of session, rights and frame included."""


@dataclass
class Register:
    """Rows of all kinds around one small district; `grow` brings each list to a number of rows."""

    district: SmallDistrict
    owner: User
    size: int = 0

    def grow(self, size: int) -> None:
        """Up to that many rows of each kind."""
        for kind in (
            self._areas, self._people, self._bodies, self._accounts, self._logs, self._work, self._frames
        ):  # fmt: skip
            kind(self.size, size)
        self.size = size

    def _areas(self, first: int, last: int) -> None:
        home = self.district.grids[0]
        made = Area.objects.bulk_create(
            Area(
                level="responsibility_area", name=f"{n}号试验田", parent=home, code=f"Q{n:05}", path=f"x{n}",
                households=400,
            )
            for n in range(first, last)
        )  # fmt: skip
        for area in made:
            area.path = f"{home.path}{area.pk:0{HEX}x}"
        Area.objects.bulk_update(made, ["path"], batch_size=500)

    def _people(self, first: int, last: int) -> None:
        people = Person.objects.bulk_create(
            Person(code=f"Q{n:05}", name=f"试验{n}", started_on=LONG_AGO) for n in range(first, last)
        )
        areas = dict(Area.objects.filter(code__startswith="Q").values_list("code", "pk"))
        Posting.objects.bulk_create(
            Posting(
                person=one, area_id=areas[one.code], role="responsible" if n % 2 else "deputy",
                starts_on=LONG_AGO,
            )
            for n, one in enumerate(people)
        )  # fmt: skip

    def _bodies(self, first: int, last: int) -> None:
        made = Organisation.objects.bulk_create(
            Organisation(
                kind="survey_firm", name=f"试验公司{n}", code=f"Q{n:05}", area=self.district.district
            )
            for n in range(first, last)
        )
        principal = Organisation.objects.get_or_create(kind="office", name="试验局", code="QQ")[0]
        Contract.objects.bulk_create(
            Contract(
                code=one.code, subject="试验", principal=principal, contractor=one, starts_on=LONG_AGO,
                ends_on=LONG_AGO + timedelta(days=3000), amount_fen=1,
            )
            for one in made
        )  # fmt: skip

    def _accounts(self, first: int, last: int) -> None:
        users = User.objects.bulk_create(
            User(username=f"q{n}", display_name=f"试验{n}", date_joined=timezone.now())
            for n in range(first, last)
        )
        Grant.objects.bulk_create(
            Grant(
                user=who, role="community_staff", area=self.district.communities[n % 3],
                valid_from=LONG_AGO, granted_at=timezone.now(), granted_by=self.owner,
            )
            for n, who in enumerate(users)
        )  # fmt: skip
        ApiKey.objects.bulk_create(
            ApiKey(
                name=f"试验{n}", owner=self.owner, permissions=["places.view"], prefix=f"mp_{n:06}",
                made_at=timezone.now(), digest=n.to_bytes(32, "big"), expires_on=today() + timedelta(days=9),
            )
            for n in range(first, last)
        )  # fmt: skip

    def _logs(self, first: int, last: int) -> None:
        at, home = timezone.now(), self.district.communities[0]
        ContactAccess.objects.bulk_create(
            ContactAccess(at=at, actor=self.owner, actor_label="试验", act="viewed", area=home, reason="试验")
            for _ in range(first, last)
        )
        StagedEntry.objects.bulk_create(
            StagedEntry(step_id=f"q/{n}", kind="test.step", commitment=b"x" * 32, staged_at=at)
            for n in range(first, last)
        )
        ChangeSet.objects.bulk_create(
            ChangeSet(kind="places.areas", title="试验", actor=self.owner, actor_label="试验", made_at=at)
            for _ in range(first, last)
        )

    def _work(self, first: int, last: int) -> None:
        at = timezone.now()
        Job.objects.bulk_create(
            Job(task="frames.check", title="试验", state="done", run_at=at, queued_at=at, actor=self.owner)
            for _ in range(first, last)
        )
        Proposal.objects.bulk_create(
            Proposal(
                kind="frames.seal", title="试验", reason="试验", payload={"frame": 0, "version": 0},
                proposer=self.owner, proposed_at=at, expires_at=at + timedelta(days=3),
            )
            for _ in range(first, last)
        )  # fmt: skip

    def _frames(self, first: int, last: int) -> None:
        Frame.objects.bulk_create(
            Frame(name=f"试验{n}", as_of=LONG_AGO, needed_until=LONG_AGO, made_by=self.owner, state="draft",
                  made_at=timezone.now())
            for n in range(first, last)
        )  # fmt: skip
        ResidentRequest.objects.bulk_create(
            ResidentRequest(
                kind="access", channel="letter", identity_check="id_shown", phone_blind=b"x" * 32,
                received_on=LONG_AGO, due_on=LONG_AGO, made_by=self.owner,
            )
            for _ in range(first, last)
        )  # fmt: skip


@pytest.fixture
def register(district: SmallDistrict) -> Register:
    """A district with no more than its areas."""
    return Register(district, user())


def queries_of(client: Client, address: str) -> int:
    """Queries of one request, after one that warmed the caches of the process."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in captured)


def test_queries_of_pages_do_not_grow_with_rows(register: Register) -> None:
    clients = {}
    for role in ("district_bureau", "auditor"):
        who = user()
        grant(who, role, area=register.district.district)
        clients[role] = sign_in(Client(), who)
    register.grow(FEW)
    few = {address: queries_of(clients[role], address) for address, (role, _) in STAFF.items()}
    register.grow(MANY)
    many = {address: queries_of(clients[role], address) for address, (role, _) in STAFF.items()}
    assert many == few
    assert {address: count for address, count in many.items() if count > STAFF[address][1]} == {}


def test_queries_of_one_area_one_person_and_a_frame_do_not_grow_with_rows(register: Register) -> None:
    who = user()
    grant(who, "district_bureau", area=register.district.district)
    client = sign_in(Client(), who)
    register.grow(FEW)
    frames = [_frame(register, each) for each in (2, 40)]
    person = Person.objects.get(code="Q00001").pk
    shown = [f"/places/{register.district.grids[0].pk}/", f"/people/{person}/", "/search/?q=Q0000"]
    few = [queries_of(client, address) for address in shown]
    register.grow(MORE)
    assert [queries_of(client, address) for address in shown] == few
    assert max(few) <= 28
    for page in ("", "units/", "units/?instrument=elderly"):
        small, large = (queries_of(client, f"/frames/{frame.pk}/{page}") for frame in frames)
        assert small == large <= 20


def _frame(register: Register, each: int) -> Frame:
    areas = register.district.responsibility_areas
    rows = [NewUnit(area.code, f"{area.code}-{n}") for area in areas for n in range(each)]
    scope = scope_with("district_bureau", area=register.district.district)
    return load_frame(scope, f"试验 {each}", rows, as_of=LONG_AGO)


def test_queries_of_the_api_do_not_grow_with_rows(register: Register) -> None:
    owner = scope_with("district_bureau", area=register.district.district, fresh=True)
    register.grow(FEW)
    frame = _frame(register, 40)
    rights = ["places.view", "people.view", "organisations.view", "frames.view"]
    with entered(system_scope()):
        _, secret = make_api_key(owner, "试验", permissions=rights, expires_on=today() + timedelta(days=9))
    client = Client(headers={"authorization": f"Bearer {secret}"})
    shown = [f"/api/v1/{what}?limit=200" for what in ("areas", "people", "organisations", "frames")]
    shown.append(f"/api/v1/frames/{frame.pk}/units?limit=200")
    few = {address: queries_of(client, address) for address in shown}
    register.grow(MORE)
    many = {address: queries_of(client, address) for address in shown}
    assert many == few
    assert max(many.values()) <= 16
