"""The invented accounts with their grants."""

from __future__ import annotations

from minping_web.access.rules import BINDING_OF, Role
from minping_web.access.services import Wanted, grant_in_demo
from minping_web.accounts.services import create_invented
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person
from minping_web.people.services import PersonDraft, link_account, save_person
from minping_web.places.models import Area
from minping_web.site.demo.accounts import ACCOUNTS, COMMUNITY_CODE, DISTRICT_CODE, STREET_CODE, DemoAccount
from minping_web.site.demo.service_seed import seed_request, story_worker
from minping_web.site.demo.works_seed import CONTRACTOR, DEPARTMENT, FIRM, SINCE

AREA_OF = {"street": STREET_CODE, "community": COMMUNITY_CODE, "district": DISTRICT_CODE}
FIRM_ROLES = frozenset({Role.SURVEY_MANAGER, Role.SUPERVISOR, Role.INTERVIEWER, Role.PHONE_AGENT})
"""Their holders are on the staff of the survey firm."""
ORGANISATION_OF = {"office": DEPARTMENT, "contractor": CONTRACTOR}


def seed_accounts(scope: Scope) -> None:
    """One account per role."""
    for account in ACCOUNTS:
        user = create_invented(account.username, display_name=account.name)
        if account.bound == "worker":
            link_account(scope, story_worker(), user.pk)
        elif account.role in FIRM_ROLES:
            link_account(scope, _employee(scope, account), user.pk)
        grant_in_demo(scope, _wanted(account, user.pk))
    seed_request(story_worker())


def _employee(scope: Scope, account: DemoAccount) -> Person:
    code = f"{FIRM}-{sorted(FIRM_ROLES).index(account.role) + 1:02d}"
    firm = Organisation.objects.get(code=FIRM)
    return save_person(scope, PersonDraft(code, account.name, Person.Kind.OTHER, firm, started_on=SINCE))


def _wanted(account: DemoAccount, user_id: int) -> Wanted:
    binding = BINDING_OF[account.role]
    area = AREA_OF[account.bound] if binding == "area" else None
    body = ORGANISATION_OF[account.bound] if binding == "organisation" else None
    return Wanted(
        user_id,
        account.role,
        today(),
        area=Area.objects.get(code=area).pk if area else None,
        organisation=Organisation.objects.get(code=body).pk if body else None,
    )
