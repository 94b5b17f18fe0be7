"""One two-way choice of a street or the district, from posting to new postings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.choices.rules.phases import SHOWING_LISTS, Dates, Phase, State, phase_of, tone_of
from minping_web.common.clock import now
from minping_web.common.models import ChangeSet
from minping_web.jobs.models import Job

BROKEN = (Job.State.FAILED, Job.State.CANCELLED)


class Proposing(models.TextChoices):
    """Which side goes to the other: it gets the best that any stable result gives it."""

    PEOPLE = "people", _("people (recommended: nobody gains by an untrue list)")
    POSITIONS = "positions", _("grids")


class TieRule(models.TextChoices):
    """What decides among those who are liked equally."""

    SENIORITY = "seniority", _("who joined earlier goes first, then the lower staff number")
    DRAW = "draw", _("a public draw that is named beforehand")


class TwoWayChoice(models.Model):
    """Dates and rules are fixed when it is posted; results are pairs of ids of candidates and grids."""

    name = models.CharField(_("name"), max_length=80)
    area = models.ForeignKey(
        "places.Area", verbose_name=_("street or district"), on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    choose_from = models.DateTimeField(_("people choose from"))
    choose_until = models.DateTimeField(_("people choose until"))
    choose_back_until = models.DateTimeField(_("communities choose back until"))
    takes_effect_on = models.DateField(_("new postings from"))
    proposing = models.CharField(
        _("who proposes"), max_length=10, choices=Proposing, default=Proposing.PEOPLE
    )
    ties = models.CharField(_("ties"), max_length=10, choices=TieRule, default=TieRule.SENIORITY)
    seed_source = models.CharField(_("public draw"), max_length=200, blank=True)
    seed_on = models.DateField(_("day of the public draw"), null=True, blank=True)
    seed_form = models.CharField(_("spelling of the value"), max_length=60, blank=True)
    seed_value = models.CharField(_("drawn value"), max_length=60, blank=True)
    value_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    value_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))
    posted_at = models.DateTimeField(_("posted at"), null=True)
    posted_sha256 = models.CharField(_("hash of the posting"), max_length=64, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """What matches, later what writes the postings."""
    paper_job = models.ForeignKey(
        "jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    matched_at = models.DateTimeField(_("matched at"), null=True)
    lists_sha256 = models.CharField(_("hash of all lists"), max_length=64, blank=True)
    first_pairs: Any = models.JSONField(default=list)
    """[candidate, grid] as the engine found them."""
    pairs: Any = models.JSONField(default=list)
    """As they are after the mediations that came into force."""
    agreed_at = models.DateTimeField(_("agreed at"), null=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    protocol_sha256 = models.CharField(_("hash of the protocol"), max_length=64, blank=True)
    change_set = models.ForeignKey(
        "common.ChangeSet", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    """Why it was called off."""

    class Meta:
        verbose_name = _("two-way choice")
        verbose_name_plural = _("two-way choices")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def step_id(self) -> str:
        """Beginning of the names of its steps in the ledger."""
        return f"choice-{self.pk}"

    @property
    def dates(self) -> Dates:
        """For the rules of phases."""
        return Dates(self.choose_from, self.choose_until, self.choose_back_until)

    @property
    def phase(self) -> Phase:
        """Where it stands now."""
        if self.is_undone or (self.state == State.CARRYING and self.is_broken):
            return Phase.AGREED
        mediating = self.state == State.MATCHED and self.mediations.filter(state="open").exists()
        return phase_of(self.state, self.dates, now(), mediating=mediating)

    @property
    def tone(self) -> str:
        """Colour of the phase."""
        return tone_of(self.phase)

    @property
    def is_undone(self) -> bool:
        """Whether the postings were taken back after they were written."""
        if self.state != State.CARRIED_OUT or self.change_set is None:
            return False
        return self.change_set.state == ChangeSet.State.UNDONE

    @property
    def is_broken(self) -> bool:
        """Whether its job was cancelled or failed for good: nothing was written, and it may be asked anew."""
        at_work = self.state in (State.MATCHING, State.CARRYING)
        return at_work and (self.job is None or self.job.state in BROKEN)

    @property
    def has_result(self) -> bool:
        """Whether lists have become pairs."""
        return self.state in SHOWING_LISTS

    @property
    def waits_for_value(self) -> bool:
        """A public draw decides ties, and nobody has entered its value."""
        return self.ties == TieRule.DRAW and not self.seed_value
