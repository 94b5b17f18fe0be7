"""What one person of the register may have deleted before its time (PIPL 15 and 47).

Every app says with its retention clocks what that is; here stands who may do it. The record of postings and
published results stay: employer and residents need them, and no consent carries them.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_web.common.scope import Scope
from minping_web.ledger.services.erasing import forget_person
from minping_web.people.models import Person
from minping_web.people.selectors import EDIT
from minping_web.people.services.people import require_edit_of


def require_may_delete(scope: Scope, person: Person) -> None:
    """Who keeps the record; nobody does it for herself, or whoever keeps records could tidy the own one."""
    require_edit_of(scope, person)
    if scope.person_id == person.pk:
        raise PermissionDenied(EDIT)


@transaction.atomic
def delete_on_request(scope: Scope, person: Person) -> int:
    """Delete it; how many rows."""
    require_may_delete(scope, person)
    return forget_person(person.pk)
