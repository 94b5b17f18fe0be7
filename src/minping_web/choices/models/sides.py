"""Both sides of a two-way choice with their lists: people who take part, and grids that are posted.

A list is kept twice: the draft that its owner works on, and what was handed in and counts. Lists are tiers
of ids, best first. Nobody reads another's list before the matching, and nobody reads a draft at all.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.choices.models.choice import TwoWayChoice
from minping_web.choices.rules import ranking
from minping_web.people.models import Certificate
from minping_web.people.rules import SINGLE_ROLES, PostingRole

MOST_SEATS = 20


class Candidate(models.Model):
    """Somebody who chooses."""

    choice = models.ForeignKey(TwoWayChoice, on_delete=models.CASCADE, related_name="candidates")
    person = models.ForeignKey(
        "people.Person", verbose_name=_("person"), on_delete=models.PROTECT, related_name="+"
    )
    draft: Any = models.JSONField(default=list)
    tiers: Any = models.JSONField(default=list)
    handed_in_at = models.DateTimeField(_("handed in at"), null=True)

    class Meta:
        verbose_name = _("person who chooses")
        verbose_name_plural = _("people who choose")
        ordering = ["choice_id", "person__code"]
        constraints = [models.UniqueConstraint(fields=["choice", "person"], name="choice_candidate_once")]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def engine_id(self) -> str:
        """As the engine knows her."""
        return f"P{self.pk:07d}"

    @property
    def has_changes(self) -> bool:
        """Whether the draft differs from what was handed in."""
        return ranking.read(self.draft) != ranking.read(self.tiers)


class PostedGrid(models.Model):
    """A grid or responsibility area that is offered, as it was on the day of posting."""

    choice = models.ForeignKey(TwoWayChoice, on_delete=models.CASCADE, related_name="grids")
    area = models.ForeignKey(
        "places.Area", verbose_name=_("grid"), on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(
        _("role"), max_length=12, choices=PostingRole.choices, default=PostingRole.RESPONSIBLE
    )
    seats = models.PositiveSmallIntegerField(
        _("seats"), default=1, validators=[MinValueValidator(0), MaxValueValidator(MOST_SEATS)]
    )
    owner = models.ForeignKey(
        "people.Person", verbose_name=_("present owner"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    difficulties = models.CharField(_("what is hard there"), max_length=300, blank=True)
    certificate = models.CharField(
        _("certificate"), max_length=24, choices=Certificate.Kind.choices, blank=True
    )
    skill = models.ForeignKey(
        "people.Skill", verbose_name=_("skill"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    talents = models.CharField(_("talents wanted"), max_length=100, blank=True)
    """What a specialist is wanted for (S89); stands with the posting."""
    party_member = models.BooleanField(_("Party members only"), default=False)
    language = models.CharField(_("language of the place"), max_length=40, blank=True)
    draft: Any = models.JSONField(default=dict)
    """{"tiers": [...], "unsuitable": {...}} as the community works on it."""
    tiers: Any = models.JSONField(default=list)
    unsuitable: Any = models.JSONField(default=dict)
    """Candidate -> reason."""
    handed_in_at = models.DateTimeField(_("handed in at"), null=True)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("posted grid")
        verbose_name_plural = _("posted grids")
        ordering = ["choice_id", "area__path"]
        constraints = [
            models.UniqueConstraint(fields=["choice", "area"], name="choice_grid_once"),
            models.CheckConstraint(
                condition=models.Q(seats__lte=1) | ~models.Q(role__in=sorted(SINGLE_ROLES)),
                name="choice_one_owner_per_grid",
            ),
        ]

    def __str__(self) -> str:
        return str(self.area)

    @property
    def engine_id(self) -> str:
        """As the engine knows it."""
        return f"G{self.pk:07d}"

    @property
    def has_conditions(self) -> bool:
        """Whether not everybody may choose it."""
        return bool(self.certificate or self.skill_id or self.party_member or self.language)

    @property
    def placed(self) -> str:
        """The name with the areas around it: grids of all communities are numbered alike."""
        around = [area.name for area in self.area.around]
        return " · ".join([self.area.name, *reversed(around)])
