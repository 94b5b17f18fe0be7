"""Coaching plans: why, what was talked about, goals, steps that the pair ticks off, the end.

Personal data: a plan is erased some years after its end (`services.forgetting`). Scores are not copied here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.coaching.rules.states import Facts
from minping_web.coaching.rules.words import (
    OPEN,
    CauseState,
    EndedAs,
    Known,
    Level,
    PartnerState,
    PlanState,
    StepKind,
    of_language,
)


class CoachingPlan(models.Model):
    """Help for one person, or for the team of one area. At most one of an assessee is open."""

    assessee_id = models.CharField(max_length=60)
    """As results know it."""
    name = models.CharField(pgettext_lazy("coaching", "name"), max_length=100)
    person = models.ForeignKey(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="coaching_plans"
    )
    area = models.ForeignKey(
        "places.Area", verbose_name=_("place"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    publication = models.ForeignKey(
        "publications.Publication", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    """The result that it was proposed for; None where an office opened it."""
    state = models.CharField(_("state"), max_length=10, choices=PlanState, default=PlanState.PROPOSED)
    level = models.CharField(_("who helps"), max_length=10, choices=Level, default=Level.COMMUNITY)
    reasons: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    ladder: models.JSONField[list[dict[str, str]], list[dict[str, str]]] = models.JSONField(default=list)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    talk_on = models.DateField(_("day of the talk"), null=True, blank=True)
    talk_by = models.CharField(_("who talked"), max_length=60, blank=True)
    is_known = models.CharField(_("Is the face known to residents?"), max_length=6, choices=Known, blank=True)
    invites = models.CharField(
        _("Are residents asked to activities?"), max_length=6, choices=Known, blank=True
    )
    is_prompt = models.CharField(
        _("Are requests answered promptly?"), max_length=6, choices=Known, blank=True
    )
    talk_note = models.CharField(_("what was said"), max_length=300, blank=True)

    partner = models.ForeignKey(
        "people.Person", verbose_name=_("experienced colleague"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    partner_state = models.CharField(max_length=10, choices=PartnerState, blank=True)
    partner_reason = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField(pgettext_lazy("coaching", "first day"), null=True, blank=True)
    ends_on = models.DateField(pgettext_lazy("coaching", "last day"), null=True, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_on_paper = models.BooleanField(default=False)
    """The worker has no account and answered in the talk."""
    answer_reason = models.CharField(_("reason"), max_length=200, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_as = models.CharField(_("result"), max_length=12, choices=EndedAs, blank=True)
    result = models.CharField(_("what came of it"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("coaching plan")
        verbose_name_plural = _("coaching plans")
        ordering = ["-opened_at", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessee_id"], condition=models.Q(state__in=OPEN), name="coaching_one_open_plan"
            )
        ]
        indexes = [models.Index(fields=["state", "level"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether something may still be changed."""
        return self.state in OPEN

    @property
    def facts(self) -> Facts:
        """What the rules of states ask about."""
        return Facts(
            self.state, self.goals.count(), self.steps.count(), self.starts_on, self.ends_on,
            offered=self.offered_at is not None, partner_asked=self.partner_state == PartnerState.ASKED,
        )  # fmt: skip

    @property
    def why(self) -> list[str]:
        """Reasons in the language of the page, the newest first; with periods where there are several."""
        several = len({one.get("period", "") for one in self.reasons}) > 1
        said = [(one.get("period", "") if several else "", of_language(one["text"])) for one in self.reasons]
        return [f"{period} · {text}" if period else text for period, text in reversed(said)]

    @property
    def rung(self) -> list[str]:
        """The ladder's words in the language of the page."""
        return [of_language(one) for one in self.ladder]

    def took_place(self, since: date, until: date) -> bool:
        """Whether help went on at some time between two days."""
        began = self.starts_on is not None and self.starts_on <= until
        return began and (self.ended_on is None or self.ended_on > since)


class Goal(models.Model):
    """A question of the instrument and the points wanted for it; or a goal in words."""

    plan = models.ForeignKey(CoachingPlan, on_delete=models.CASCADE, related_name="goals")
    dimension = models.CharField(_("question"), max_length=60, blank=True)
    label = models.CharField(_("goal"), max_length=120)
    before = models.FloatField(_("points before"), null=True, blank=True)
    target = models.DecimalField(_("points wanted"), max_digits=7, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.label


class Step(models.Model):
    """One thing that the pair does, ticked off with at most a few words."""

    plan = models.ForeignKey(CoachingPlan, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(_("measure"), max_length=14, choices=StepKind)
    text = models.CharField(_("what exactly"), max_length=120, blank=True)
    due_on = models.DateField(pgettext_lazy("coaching step", "by"), null=True, blank=True)
    from_time = models.TimeField(_("from"), null=True, blank=True)
    to_time = models.TimeField(_("to"), null=True, blank=True)
    course = models.ForeignKey(
        "coaching.Course", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=0)
    """What it takes of the worker's time; the plan shows the sum (G2)."""
    done_on = models.DateField(_("done on"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    remark = models.CharField(_("a few words"), max_length=60, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("coaching", "step")
        verbose_name_plural = _("steps")
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class PlanEvent(models.Model):
    """What happened to a plan, when and by whom; rows are added and never changed."""

    plan = models.ForeignKey(CoachingPlan, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.CharField(max_length=80, blank=True)
    what = models.CharField(max_length=20)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("event of a plan")
        verbose_name_plural = _("events of plans")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.what


class OtherCause(models.Model):
    """What keeps the score low and is not the worker's: for the department that owns it (S12, D2).

    Lists for departments name the place and the matter, never the worker.
    """

    plan = models.ForeignKey(CoachingPlan, null=True, on_delete=models.SET_NULL, related_name="causes")
    area = models.ForeignKey("places.Area", null=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(_("what is in the way"), max_length=200)
    organisation = models.ForeignKey(
        "organisations.Organisation", verbose_name=_("whose it is"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=10, choices=CauseState, default=CauseState.OPEN)
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    noted_at = models.DateTimeField(_("noted at"))
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("cause that is not the worker's")
        verbose_name_plural = _("causes that are not the workers'")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.text
