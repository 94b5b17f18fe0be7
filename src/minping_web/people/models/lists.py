"""The lists of the district: positions with versions of their description, ranks, skills (S65, S70, S101)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


def spoken(zh: str, en: str) -> str:
    """The name in the language of the page; Chinese where there is no English one."""
    return en if en and (get_language() or "zh").startswith("en") else zh


class Position(models.Model):
    """A kind of work with a job description (S65); the description has versions."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    ended_on = models.DateField(_("not used since"), null=True, blank=True)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["code"]

    def __str__(self) -> str:
        return spoken(self.name, self.name_en)


class JobDescription(models.Model):
    """One version of what a position's holder has to do; versions are added, never edited."""

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="descriptions")
    version = models.PositiveSmallIntegerField(_("version"))
    in_force_from = models.DateField(_("in force from"))
    purpose = models.TextField(_("purpose"))
    duties = models.TextField(_("duties, one per line"))
    limits = models.TextField(_("what is not part of it, one per line"), blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("job description")
        verbose_name_plural = _("job descriptions")
        ordering = ["position", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["position", "version"], name="job_description_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.position} v{self.version}"


class Rank(models.Model):
    """A step of one of the two ladders (S101): profession, or leadership."""

    class Ladder(models.TextChoices):
        """A worker climbs both, independently."""

        PROFESSION = "profession", _("Professional ladder")
        LEADERSHIP = "leadership", _("Leadership ladder")

    ladder = models.CharField(_("ladder"), max_length=12, choices=Ladder)
    step = models.PositiveSmallIntegerField(pgettext_lazy("ladder", "step"))
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("rank")
        verbose_name_plural = _("ranks")
        ordering = ["ladder", "step"]
        constraints = [models.UniqueConstraint(fields=["ladder", "step"], name="rank_step_once")]

    def __str__(self) -> str:
        return spoken(self.name, self.name_en)


class Skill(models.Model):
    """Something an all-round worker (全科社工, S70) can do for a resident."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("not used since"), null=True, blank=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return spoken(self.name, self.name_en)
