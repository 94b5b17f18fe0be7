"""What frames need to know of staff: their phones, opened in memory; a lock on who acts, for limits."""

from __future__ import annotations

import re

from django.contrib.auth import get_user_model

from minping_web.common.crypto import keyring
from minping_web.people.models import Person, PersonContact


def staff_phones() -> frozenset[str]:
    """Digits of all phones that staff are known by."""
    ring = keyring()
    sealed = [ring.open(contact.sealed, contact.about) for contact in PersonContact.objects.all()]
    office = Person.objects.exclude(office_phone="").values_list("office_phone", flat=True)
    return frozenset(filter(None, (re.sub(r"[^0-9]", "", phone) for phone in (*sealed, *office))))


def lock_user(user_id: int | None) -> None:
    """One act of a person at a time, where acts count against a limit; until the transaction ends."""
    if user_id is not None:
        get_user_model().objects.select_for_update().filter(pk=user_id).values_list("pk").first()
