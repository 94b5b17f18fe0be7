"""Courses and seats in them. Attendance is for planning; it is no basis of any score (G1)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.coaching.rules.words import CourseLevel, EnrolmentState


class Course(models.Model):
    """A course that answers questions of one scheme."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=100)
    level = models.CharField(pgettext_lazy("course", "for whom"), max_length=12, choices=CourseLevel)
    scheme_id = models.CharField(_("scheme"), max_length=60)
    dimensions = models.CharField(_("questions that it answers"), max_length=200)
    """Ids of items, separated by blanks."""
    starts_on = models.DateField(pgettext_lazy("coaching", "first day"))
    ends_on = models.DateField(pgettext_lazy("coaching", "last day"))
    held_at = models.CharField(_("where it is held"), max_length=100, blank=True)
    seats = models.PositiveSmallIntegerField(_("seats"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)
    area = models.ForeignKey(
        "places.Area", verbose_name=_("held for"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    """Empty: for the whole district."""
    cancelled = models.BooleanField(_("cancelled"), default=False)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["-starts_on", "code"]

    def __str__(self) -> str:
        return self.title

    @property
    def items(self) -> tuple[str, ...]:
        """Ids of the questions."""
        return tuple(self.dimensions.split())

    @property
    def change_paths(self) -> list[str]:
        """Where a change of it happens."""
        return [self.area.path] if self.area else []


class Enrolment(models.Model):
    """One person's seat."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="enrolments")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=EnrolmentState, default=EnrolmentState.ENROLLED
    )
    made_at = models.DateTimeField(_("enrolled at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("seat in a course")
        verbose_name_plural = _("seats in courses")
        ordering = ["person__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["course", "person"], name="coaching_one_seat")]

    def __str__(self) -> str:
        return f"{self.course_id} {self.person_id}"
