"""Frames, the imports that fill them, and what stays of a sealed frame for outsiders."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Frame(models.Model):
    """A list of units at one day. While rows arrive it is loading and shows nowhere; once sealed it stays."""

    seen_units: int = 0
    """Units in the places of the scope that the frame was read for; not stored."""

    class State(models.TextChoices):
        """Drafts may be edited, sealed ones only superseded."""

        LOADING = "loading", _("being loaded")
        DRAFT = "draft", _("draft")
        SEALING = "sealing", _("being sealed")
        SEALED = "sealed", _("sealed")
        SUPERSEDED = "superseded", _("superseded")

    name = models.CharField(_("name"), max_length=80)
    as_of = models.DateField(_("as of"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LOADING)
    units = models.PositiveIntegerField(_("units"), default=0)
    counts = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    """Grows with every change of the frame or its units: what two persons decide on must not move."""
    needed_until = models.DateField(_("contacts needed until"))
    replaces = models.ForeignKey(
        "self", verbose_name=_("replaces"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("made at"))
    sealing_job = models.ForeignKey(
        "jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    root = models.BinaryField(max_length=32, null=True)
    sealed_at = models.DateTimeField(_("sealed at"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)
    contacts_erased_at = models.DateTimeField(_("contacts erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("frame")
        verbose_name_plural = _("frames")
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="sealed") | models.Q(root__isnull=False, sealed_at__isnull=False),
                name="sealed_frame_has_root",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sealing_ended(self) -> bool:
        """Whether it is marked as being sealed while no job does it any more."""
        return self.state == self.State.SEALING and not (self.sealing_job and self.sealing_job.is_open)


class SealedUnit(models.Model):
    """One leaf of a sealed frame's tree. It says nothing alone, so it outlives the deletion of its unit."""

    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="leaves")
    position = models.PositiveIntegerField()
    unit_id = models.UUIDField()
    commitment = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("sealed unit")
        verbose_name_plural = _("sealed units")
        ordering = ["frame", "position"]
        constraints = [models.UniqueConstraint(fields=["frame", "position"], name="one_leaf_per_position")]

    def __str__(self) -> str:
        return f"{self.frame_id} {self.position}"


class FrameImport(models.Model):
    """An uploaded file on its way: checked without writing, then loaded into a new frame at a word."""

    class State(models.TextChoices):
        """The file is deleted as soon as the import ends, in whatever way."""

        CHECKING = "checking", _("being checked")
        REFUSED = "refused", _("has errors")
        CHECKED = "checked", _("checked, waiting for your word")
        LOADING = "loading", _("being loaded")
        LOADED = "loaded", _("loaded")
        DROPPED = "dropped", _("dropped")

    name = models.CharField(_("name of the frame"), max_length=80)
    as_of = models.DateField(_("as of"))
    needed_until = models.DateField(_("contacts needed until"))
    replaces = models.ForeignKey(Frame, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(_("file"), max_length=200)
    stored_as = models.CharField(max_length=60, blank=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CHECKING)
    report = models.JSONField(default=dict)
    job = models.ForeignKey("jobs.Job", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    frame = models.ForeignKey(Frame, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    made_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("frame import")
        verbose_name_plural = _("frame imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def may_be_dropped(self) -> bool:
        """Whether it can be given up: not while a job loads it, nor afterwards."""
        if self.state == self.State.LOADING:
            return not (self.job and self.job.is_open)
        return self.state in (self.State.CHECKING, self.State.CHECKED, self.State.REFUSED)
