"""Units and, in a table of their own, how to reach them.

Ordinary pages read `Unit` and never load a contact. Both tables carry the community that the area lies in
now: PostgreSQL shows and takes only rows of the communities of the scope that was entered. It follows when
areas move (`services.moving`), in sealed frames too, and as a key it keeps a community with rows from being
deleted: rows of a community that is gone would be hidden from everybody, the retention clocks included.
The id of a unit is random and new in every frame, so it may stand in a disclosed list.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.frames.models.frame import Frame
from minping_web.frames.rules import ExclusionReason, Instrument, Kind, Rater, Special


class Unit(models.Model):
    """A household, resident organisation or member who may be asked. No name, birth date or ID number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="rows", db_index=False)
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    community = models.ForeignKey(
        "places.Area",
        verbose_name=_("community"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    house_code = models.CharField(_("house code"), max_length=60)
    building = models.CharField(_("building"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    instrument = models.CharField(_("questionnaire"), max_length=24, choices=Instrument)
    rater = models.CharField(_("who rates"), max_length=24, choices=Rater)
    special = models.CharField(_("special family"), max_length=20, choices=Special, blank=True)
    has_contact = models.BooleanField(_("can be reached"), default=False)
    do_not_contact = models.BooleanField(_("not to be contacted"), default=False)
    excluded = models.CharField(_("excluded because"), max_length=20, choices=ExclusionReason, blank=True)
    excluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    excluded_at = models.DateTimeField(_("excluded at"), null=True, blank=True)
    salt = models.BinaryField(max_length=32, null=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        # No other index begins with the frame: SQLite would take it and read a whole frame, in random order,
        # where it needs one area.
        indexes = [models.Index(fields=["frame", "area", "house_code"], name="unit_by_place")]
        constraints = [
            models.UniqueConstraint(
                fields=["frame", "house_code"],
                condition=~models.Q(house_code=""),
                name="one_unit_per_house_code",
            )
        ]

    def __str__(self) -> str:
        return self.house_code or str(_("forgotten unit"))

    @property
    def asked(self) -> bool:
        """Whether it belongs to the population of the draw."""
        return not self.excluded and not self.do_not_contact


class UnitContact(models.Model):
    """Phones and address, sealed; phones can be found by a keyed blind index."""

    unit = models.OneToOneField(Unit, primary_key=True, on_delete=models.CASCADE, related_name="contact")
    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    phone = models.BinaryField(null=True)
    phone_blind = models.BinaryField(max_length=32, null=True, db_index=True)
    second_phone = models.BinaryField(null=True)
    second_phone_blind = models.BinaryField(max_length=32, null=True, db_index=True)
    address = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return str(self.pk)
