"""Tables of the shared mechanisms: the deployment, change sets with undo, proposals for a second person.

Actors are kept by id and by a label of that day: a name that changes later does not rewrite the record.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from minping_web.common.retention import clock_name
from minping_web.common.scope import LONGEST_PATH


class Deployment(models.Model):
    """The one row that says what this database is. A demonstration can never become a real district."""

    class Kind(models.TextChoices):
        """Whether the people in it are invented."""

        DEMO = "demo", _("Demonstration")
        REAL = "real", _("Real district")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name of the district"), max_length=80)
    created_at = models.DateTimeField(_("set up at"))

    class Meta:
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_deployment")]

    def __str__(self) -> str:
        return self.name


class ChangeSet(models.Model):
    """One act of editing: what it changed, by whom, and how to take it back."""

    class State(models.TextChoices):
        """A change set is applied at once; a preview is a plan that nobody stored."""

        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")

    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.APPLIED)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    actor_label = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField(_("made at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    deleted = models.PositiveIntegerField(_("deleted"), default=0)

    class Meta:
        verbose_name = _("change set")
        verbose_name_plural = _("change sets")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind"])]

    @property
    def done_by(self) -> str:
        """Who did it, as of that day; what the program did by itself says so."""
        by_itself = self.actor_id is None and self.actor_label == "system"
        return gettext("the system") if by_itself else self.actor_label

    def __str__(self) -> str:
        return self.title


class ChangePlace(models.Model):
    """One area of an act, before or after; the path follows the area (`changes.follow_paths`)."""

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="places")
    area_id = models.PositiveBigIntegerField(db_index=True)
    path = models.CharField(max_length=LONGEST_PATH)

    class Meta:
        verbose_name = _("place of a change")
        verbose_name_plural = _("places of changes")
        constraints = [models.UniqueConstraint(fields=["change_set", "area_id"], name="change_place_once")]

    def __str__(self) -> str:
        return f"{self.change_set_id} @ {self.area_id}"


class Change(models.Model):
    """One row before and after, as JSON of its concrete fields; null means absent."""

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="changes")
    model = models.CharField(max_length=60)
    object_id = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["pk"]
        indexes = [models.Index(fields=["model", "object_id"])]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}"


class ImportDraft(models.Model):
    """A file that waits for its preview to be confirmed: encrypted, its owner's alone, gone after a day."""

    kind = models.CharField(_("kind"), max_length=60)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.CASCADE, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"), db_index=True)

    class Meta:
        verbose_name = _("waiting import")
        verbose_name_plural = _("waiting imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name


class Proposal(models.Model):
    """An act that needs a second person: proposed by one, approved by another with a fresh second factor."""

    class State(models.TextChoices):
        """Proposals end in one of four ways; executed is the only one with an effect."""

        OPEN = "open", _("waiting for a second person")
        EXECUTED = "executed", _("approved and carried out")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("expired")

    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    reason = models.TextField(_("reason"))
    payload = models.JSONField()
    area_path = models.CharField(max_length=LONGEST_PATH, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("proposed by"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    expires_at = models.DateTimeField(_("expires at"))
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decider__isnull=True)
                | ~models.Q(state="executed")
                | ~models.Q(decider=models.F("proposer")),
                name="second_person_is_another",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Erasure(models.Model):
    """What a retention clock erased: which clock, how many rows, never whose. Added and never changed."""

    at = models.DateTimeField(_("when"))
    clock = models.CharField(_("clock"), max_length=60, db_index=True)
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.clock} {self.rows}"

    @classmethod
    def of(cls, app: str = "") -> models.QuerySet[Erasure]:
        """Those of one app's clocks, or all; newest first."""
        return cls.objects.filter(clock__startswith=f"{app}.") if app else cls.objects.all()

    @property
    def what(self) -> str:
        """What was erased, in words."""
        return clock_name(self.clock)
