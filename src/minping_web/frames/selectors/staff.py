"""Work phones of staff, opened in memory to find them among the phones of households."""

from __future__ import annotations

import re

from minping_web.common.crypto import keyring
from minping_web.people.models import Person, PersonContact


def staff_phones() -> frozenset[str]:
    """Digits of all phones that staff are known by."""
    ring = keyring()
    sealed = [ring.open(contact.sealed, contact.about) for contact in PersonContact.objects.all()]
    office = Person.objects.exclude(office_phone="").values_list("office_phone", flat=True)
    return frozenset(filter(None, (re.sub(r"[^0-9]", "", phone) for phone in (*sealed, *office))))
