"""Survey rounds: their design, the drawn units, invitations and their tokens, what happened by accident.

An invitation stands for one household: the row is locked and marked in the vote's own transaction, so one
household has one vote whatever channel it uses. Tokens are random and never stored, only `HMAC(K1, token)`;
no row of a token has a time. Units are named by id without a key: the frame may forget them.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.frames.rules import Instrument
from minping_web.rounds.rules.words import AccidentKind, Channel, Found, Purpose, TokenState


class SurveyRound(models.Model):
    """One round from draft to closing. `design` is read by `rules.design` only."""

    class State(models.TextChoices):
        """Each state is entered once; an accident may stop an open round or cancel it for good."""

        DRAFT = "draft", _("being prepared")
        FIXING = "fixing", _("being fixed")
        FIXED = "fixed", _("fixed, waiting for the public draw")
        DRAWING = "drawing", _("being drawn")
        DRAWN = "drawn", _("drawn")
        OPEN = "open", pgettext_lazy("round", "open")
        STOPPED = "stopped", _("stopped")
        CLOSING = "closing", _("being closed")
        CLOSED = "closed", pgettext_lazy("round", "closed")
        CANCELLED = "cancelled", _("cancelled")

    name = models.CharField(_("name"), max_length=80)
    period = models.CharField(_("assessment period"), max_length=12)
    scheme = models.ForeignKey(
        "schemes.SchemeVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    scheme_id_wanted = models.CharField(_("scheme"), max_length=60)
    frame = models.ForeignKey(
        "frames.Frame", verbose_name=_("frame"), on_delete=models.PROTECT, related_name="+"
    )
    level = models.CharField(_("level that is rated"), max_length=24)
    subject = models.CharField(_("who is rated"), max_length=24)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    is_pilot = models.BooleanField(_("pilot"), default=False)
    is_taken_over = models.BooleanField(_("held elsewhere"), default=False)
    """Drawn, asked and counted before the product came: its snapshot was brought."""
    is_without_survey = models.BooleanField(default=False)
    """Nobody was drawn or asked: its scheme reads marks and facts only. It is no survey round on any list."""
    design: Any = models.JSONField(default=dict)
    opens_at = models.DateTimeField(_("opens at"))
    closes_at = models.DateTimeField(_("closes at"))
    seed_source = models.CharField(_("public draw that gives the seed"), max_length=200, blank=True)
    seed_on = models.DateField(_("day of the public draw"), null=True, blank=True)
    seed_form = models.CharField(_("spelling of the value"), max_length=60, blank=True)
    seed_fallback = models.CharField(_("if that draw does not take place"), max_length=200, blank=True)
    seed_fallback_form = models.CharField(_("spelling of the other value"), max_length=60, blank=True)
    seed_is_fallback = models.BooleanField(default=False)
    seed_protocol = models.CharField(_("protocol"), max_length=500, blank=True)
    plan: Any = models.JSONField(default=dict)
    """The engine's `DrawPlan`, as the ledger holds it since the round was fixed."""
    seed_value = models.CharField(_("drawn value"), max_length=200, blank=True)
    seed = models.BinaryField(max_length=32, null=True)
    draw_sha256 = models.CharField(max_length=64, blank=True)
    draw_report: Any = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    """Grows with every edit of the draft: what two persons decide on must not move."""
    rerun_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """The round of which it asks one area again."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))
    fixed_at = models.DateTimeField(_("fixed at"), null=True, blank=True)
    drawn_at = models.DateTimeField(_("drawn at"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("survey round")
        verbose_name_plural = _("survey rounds")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def step_id(self) -> str:
        """Beginning of the names of its steps in the ledger."""
        return f"round-{self.pk}"


class RoundInstrument(models.Model):
    """Which version of which questionnaire an audience of the frame gets (S21)."""

    round = models.ForeignKey(SurveyRound, on_delete=models.CASCADE, related_name="instruments")
    audience = models.CharField(_("for whom"), max_length=24)
    version = models.ForeignKey("instruments.InstrumentVersion", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("questionnaire of a round")
        verbose_name_plural = _("questionnaires of a round")
        constraints = [
            models.UniqueConstraint(fields=["round", "audience"], name="one_instrument_per_audience")
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.audience}"

    @property
    def audience_word(self) -> str:
        """For whom, in words."""
        return str(Instrument(self.audience).label) if self.audience in Instrument.values else self.audience


class RoundArea(models.Model):
    """One rated area of a round: how many units it has and how many were drawn."""

    round = models.ForeignKey(SurveyRound, on_delete=models.CASCADE, related_name="areas")
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+")
    wanted = models.PositiveIntegerField(_("wanted"), null=True)
    eligible = models.PositiveIntegerField(_("eligible"), default=0)
    drawn = models.PositiveIntegerField(_("drawn"), default=0)
    rested = models.PositiveIntegerField(_("resting units taken"), default=0)
    short = models.PositiveIntegerField(_("missing in small strata"), default=0)
    stopped = models.BooleanField(_("stopped"), default=False)
    """Takes no more votes; those given count unless it is voided."""
    voided = models.BooleanField(_("not counted"), default=False)
    """Its ballots are left out at closing: the area is asked again."""

    class Meta:
        verbose_name = _("area of a round")
        verbose_name_plural = _("areas of a round")
        constraints = [models.UniqueConstraint(fields=["round", "area"], name="one_row_per_round_area")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.area_id}"


class RoundStratum(models.Model):
    """Eligible and drawn units of an area by stratum and frame cell: the snapshot's table `sample`."""

    round = models.ForeignKey(SurveyRound, on_delete=models.CASCADE, related_name="strata")
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    stratum = models.PositiveSmallIntegerField()
    name = models.CharField(_("stratum"), max_length=40)
    frame_cell = models.CharField(max_length=40, blank=True)
    eligible = models.PositiveIntegerField(_("eligible"), default=0)
    drawn = models.PositiveIntegerField(_("drawn"), default=0)
    """Asked: grows with each replacement that is released."""

    class Meta:
        verbose_name = _("stratum of a round")
        verbose_name_plural = _("strata of a round")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "area", "stratum", "frame_cell"], name="one_row_per_cell"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.area_id} {self.name}"


class SampledUnit(models.Model):
    """A unit in the order of the draw: the sample first, then the replacements, in each area and stratum."""

    round = models.ForeignKey(SurveyRound, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit_id = models.UUIDField()
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    stratum = models.PositiveSmallIntegerField(default=0)
    place = models.PositiveIntegerField()
    is_reserve = models.BooleanField(default=False)
    released = models.BooleanField(default=False)
    audience = models.CharField(max_length=24)
    frame_cell = models.CharField(max_length=40, blank=True)
    """Levels of the cell variables that the frame knows, e.g. `tenure=1`."""
    mode = models.PositiveSmallIntegerField()
    randomised = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("sampled unit")
        verbose_name_plural = _("sampled units")
        constraints = [models.UniqueConstraint(fields=["round", "unit_id"], name="drawn_once_per_round")]
        indexes = [models.Index(fields=["round", "area", "stratum", "place"], name="sampled_in_order")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.area_id} {self.place}"


class Invitation(models.Model):
    """One invited household. `spent_token` names the token that voted first; only that one may replace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(SurveyRound, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_id = models.UUIDField()
    area = models.ForeignKey("places.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    spent_token = models.UUIDField(null=True)
    spent_mode = models.PositiveSmallIntegerField(null=True)
    spent_day = models.DateField(null=True)
    stratum = models.PositiveSmallIntegerField(default=0)
    audience = models.CharField(max_length=24)
    frame_cell = models.CharField(max_length=40, blank=True)
    mode_assigned = models.PositiveSmallIntegerField()
    randomised = models.BooleanField(default=False)
    found = models.PositiveSmallIntegerField(choices=Found, default=Found.NOTHING)
    """What fieldwork entered (AAPOR), of voters alike; who voted is complete whatever stands here."""
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.UniqueConstraint(fields=["round", "unit_id"], name="one_invitation_per_unit")]
        indexes = [models.Index(fields=["round", "area"], name="invited_by_area")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.area_id}"


class TokenBatch(models.Model):
    """Tokens that were made and sent together: a print run, a sending, one reissue. It can be revoked."""

    round = models.ForeignKey(SurveyRound, on_delete=models.PROTECT, related_name="batches")
    channel = models.PositiveSmallIntegerField(_("channel"), choices=Channel)
    title = models.CharField(_("title"), max_length=120)
    purpose = models.CharField(
        pgettext_lazy("batch of tokens", "purpose"), max_length=8, choices=Purpose, default=Purpose.INVITE
    )
    selection: Any = models.JSONField(default=dict)
    """Whom it was made for: area, modes, one invitation."""
    tokens = models.PositiveIntegerField(_("tokens"), default=0)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_ref = models.CharField(max_length=60, blank=True)
    """The sending or print run of `channels` that carries them."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))
    revoked_at = models.DateTimeField(pgettext_lazy("token", "revoked at"), null=True, blank=True)

    carrier_url = ""
    """Set by the page: where what carries it is approved, sent or downloaded."""

    class Meta:
        verbose_name = _("batch of tokens")
        verbose_name_plural = _("batches of tokens")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title


class InvitationToken(models.Model):
    """`h1 = HMAC(K1, token)`: without the key it cannot be matched to a token; no times."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    h1 = models.BinaryField(max_length=32, unique=True)
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="tokens")
    batch = models.ForeignKey(TokenBatch, on_delete=models.PROTECT, related_name="+")
    channel = models.PositiveSmallIntegerField(choices=Channel)
    state = models.PositiveSmallIntegerField(choices=TokenState, default=TokenState.LIVE)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")

    def __str__(self) -> str:
        return str(self.pk)


class Accident(models.Model):
    """Something that was done to a round out of the ordinary, with its reason; rows are never changed."""

    round = models.ForeignKey(SurveyRound, on_delete=models.PROTECT, related_name="accidents")
    kind = models.CharField(_("what was done"), max_length=16, choices=AccidentKind)
    area = models.ForeignKey("places.Area", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(TokenBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    before: Any = models.JSONField(default=dict)
    after: Any = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("accident")
        verbose_name_plural = _("accidents")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.round_id} {self.kind}"
