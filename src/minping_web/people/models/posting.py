"""Who serves which area from when to when."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.people.models.person import Person
from minping_web.people.rules import SINGLE_ROLES, PostingRole


class Posting(models.Model):
    """Who serves which area in which role, from when to when; `share` divides an area among its servers."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="postings"
    )
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), on_delete=models.PROTECT, related_name="postings"
    )
    role = models.CharField(
        _("role"), max_length=12, choices=PostingRole.choices, default=PostingRole.RESPONSIBLE
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until (last day)"), null=True, blank=True)
    share_percent = models.PositiveSmallIntegerField(
        _("share in percent"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    talents = models.CharField(_("talents"), max_length=100, blank=True)
    """What a specialist is appointed for (S89)."""

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["area_id", "starts_on"]
        indexes = [models.Index(fields=["area", "starts_on"]), models.Index(fields=["person", "starts_on"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="posting_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(share_percent__gte=1, share_percent__lte=100),
                name="posting_share_in_percent",
            ),
            models.UniqueConstraint(
                fields=["area"],
                condition=models.Q(ends_on__isnull=True, role__in=sorted(SINGLE_ROLES)),
                name="one_open_owner_per_area",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.area}"

    @property
    def role_told(self) -> str:
        """The role, with a specialist's talents."""
        role = str(self.get_role_display())
        return f"{role} ({self.talents})" if self.talents else role
