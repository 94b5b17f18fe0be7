"""Somebody who serves residents; the work phone is sealed and lies in a table of its own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.common.clock import today
from minping_web.people.models.lists import Position, Rank


class Person(models.Model):
    """Somebody who serves residents; the user account, if any, is another table."""

    class Kind(models.TextChoices):
        """In which capacity. Wardens of exclusive grids come from three sides (S54)."""

        COMMUNITY_WORKER = "community_worker", _("Community worker")
        SECRETARY = "secretary", _("Community secretary")
        GRID_HEAD = "grid_head", _("Grid head")
        WARDEN_COMMUNITY = "warden_community", _("Exclusive-grid warden (community staff)")
        WARDEN_UNIT = "warden_unit", _("Exclusive-grid warden (security or administration of a unit)")
        WARDEN_PROPERTY = "warden_property", _("Exclusive-grid warden (property manager)")
        OTHER = "other", _("Other")

    code = models.CharField(_("staff number"), max_length=40, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="person",
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.COMMUNITY_WORKER)
    employer = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("employer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="staff",
    )
    position = models.ForeignKey(
        Position,
        verbose_name=_("position"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="holders",
    )
    profession_rank = models.ForeignKey(
        Rank,
        verbose_name=_("professional rank"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    leadership_rank = models.ForeignKey(
        Rank,
        verbose_name=_("leadership rank"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    office_phone = models.CharField(_("office phone (may be published)"), max_length=40, blank=True)
    started_on = models.DateField(_("joined on"), null=True, blank=True)
    left_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["code"]
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def change_paths(self) -> list[str]:
        """Where a change of this record happens: at the employer's area and where the person serves."""
        area = self.employer.area if self.employer else None
        served = self.postings.exclude(ends_on__lt=today()).values_list("area__path", flat=True)
        return [*([area.path] if area else []), *served]


class PersonContact(models.Model):
    """The work phone, sealed; shown to holders of `people.contact`."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="contact")
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("work phone")
        verbose_name_plural = _("work phones")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def about(self) -> str:
        """What the seal is bound to."""
        return f"people_personcontact.sealed|{self.pk}"
