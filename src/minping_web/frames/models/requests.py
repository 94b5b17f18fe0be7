"""What residents ask about their own data: to see it, correct it, delete it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.frames.models.unit import Unit


class ResidentRequest(models.Model):
    """One request with its clock. The phone by which the household is found is sealed like a contact.

    After the clock ran out phone and blind index go together. Only a deletion that was carried out keeps
    both: they keep the household out of later files, and the sealed phone lets the index move to new keys.
    """

    class Kind(models.TextChoices):
        """Rights of PIPL 45 to 47."""

        ACCESS = "access", _("See what is held")
        CORRECTION = "correction", _("Correct it")
        DELETION = "deletion", _("Delete it")

    class Channel(models.TextChoices):
        """How it came."""

        COUNTER = "counter", _("At the counter")
        PHONE = "phone", _("By telephone")
        LETTER = "letter", _("By letter")

    class Check(models.TextChoices):
        """How the office made sure who asks."""

        CALLED_BACK = "called_back", _("Called back on the number that is held")
        DOCUMENT_SEEN = "document_seen", _("Document seen, nothing copied")
        VISITED = "visited", _("Visited at the address")

    class State(models.TextChoices):
        """Open until carried out or refused."""

        OPEN = "open", _("open")
        DONE = "done", _("carried out")
        NOTHING_HELD = "nothing_held", _("nothing is held")
        REFUSED = "refused", pgettext_lazy("request", "refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("asks to"), max_length=12, choices=Kind)
    channel = models.CharField(_("came"), max_length=10, choices=Channel)
    identity_check = models.CharField(_("identity"), max_length=16, choices=Check)
    phone = models.BinaryField(null=True)
    phone_blind = models.BinaryField(max_length=32, null=True, db_index=True)
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("taken by"), on_delete=models.PROTECT, related_name="+"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request of a resident")
        verbose_name_plural = _("requests of residents")
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return str(self.pk)[:8].upper()


class RequestedUnit(models.Model):
    """A unit that the phone of a request led to. The link goes with the unit."""

    request = models.ForeignKey(ResidentRequest, on_delete=models.CASCADE, related_name="found")
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("requested unit")
        verbose_name_plural = _("requested units")
        constraints = [models.UniqueConstraint(fields=["request", "unit"], name="unit_once_per_request")]

    def __str__(self) -> str:
        return f"{self.request} {self.unit_id}"
