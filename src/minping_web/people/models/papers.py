"""What a person can show: certificates, skills, and who stands in."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.people.models.lists import Skill
from minping_web.people.models.person import Person

SOON = timedelta(days=90)
"""So long before a certificate expires it is time to renew it."""


class Certificate(models.Model):
    """A professional certificate. Of its number only the last signs are kept: enough to recognise it."""

    class Kind(models.TextChoices):
        """Those that pay tables and ranks ask for."""

        ASSISTANT_SOCIAL_WORKER = "assistant_social_worker", _("Assistant social worker certificate")
        SOCIAL_WORKER = "social_worker", _("Social worker certificate")
        SENIOR_SOCIAL_WORKER = "senior_social_worker", _("Senior social worker certificate")
        COUNSELLOR = "counsellor", _("Psychological counsellor certificate")
        MEDIATOR = "mediator", _("People's mediator certificate")
        FIRST_AID = "first_aid", _("First-aid certificate")
        OTHER = "other", _("Other certificate")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    title = models.CharField(_("title, if other"), max_length=80, blank=True)
    number_tail = models.CharField(_("last signs of the number"), max_length=4)
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("verified by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["person_id", "kind", "issued_on"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "title", "issued_on"], name="certificate_once")
        ]

    def __str__(self) -> str:
        return self.title or str(self.get_kind_display())

    @property
    def change_paths(self) -> list[str]:
        """Where the person is."""
        return self.person.change_paths

    @staticmethod
    def in_state(
        queryset: models.QuerySet[Certificate], state: str, day: date
    ) -> models.QuerySet[Certificate]:
        """valid (by default), soon = expires within `SOON`, over, unverified, all."""
        over, lasting = models.Q(expires_on__lt=day), models.Q(expires_on__isnull=True)
        states = {
            "soon": models.Q(expires_on__gte=day, expires_on__lte=day + SOON),
            "over": over,
            "unverified": models.Q(verified_on__isnull=True),
            "all": models.Q(),
        }
        return queryset.filter(states.get(state, lasting | ~over))


class PersonSkill(models.Model):
    """How well somebody does it."""

    class Grade(models.IntegerChoices):
        """Three steps are enough to plan a counter."""

        LEARNING = 1, _("learning")
        ALONE = 2, _("works alone")
        TEACHES = 3, _("can teach it")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="held_by")
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade)

    class Meta:
        verbose_name = _("skill of a person")
        verbose_name_plural = _("skills of people")
        ordering = ["person_id", "skill_id"]
        constraints = [models.UniqueConstraint(fields=["person", "skill"], name="person_skill_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.skill_id}"

    @property
    def change_paths(self) -> list[str]:
        """Where the person is."""
        return self.person.change_paths


class StandIn(models.Model):
    """The B to somebody's A (AB岗): who takes over at the counter or in the grid when A is away."""

    class Place(models.TextChoices):
        """Where."""

        COUNTER = "counter", _("at the counter")
        GRID = "grid", _("in the grid")

    person = models.ForeignKey(
        Person, verbose_name=_("A"), on_delete=models.PROTECT, related_name="stand_ins"
    )
    deputy = models.ForeignKey(
        Person, verbose_name=_("B, who stands in"), on_delete=models.PROTECT, related_name="stands_in_for"
    )
    place = models.CharField(_("where"), max_length=8, choices=Place)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until (last day)"), null=True, blank=True)

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        ordering = ["person_id", "place", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(person=models.F("deputy")), name="stand_in_is_another")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} ← {self.deputy_id}"

    @property
    def change_paths(self) -> list[str]:
        """Where the person is."""
        return self.person.change_paths
