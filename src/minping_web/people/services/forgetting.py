"""What one person of the register may have deleted before its time (PIPL 15 and 47).

Every app says with its retention clocks what that is; here stands who may do it. The record of postings and
published results stay: employer and residents need them, and no consent carries them.
"""

from __future__ import annotations

from django.db import transaction

from minping_web.common.scope import Scope
from minping_web.ledger.services.erasing import forget_person
from minping_web.people.models import Person
from minping_web.people.services.people import require_edit_of


@transaction.atomic
def delete_on_request(scope: Scope, person: Person) -> int:
    """Delete it; how many rows. Nobody does it for herself, the office does when asked."""
    require_edit_of(scope, person)
    return forget_person(person.pk)
