"""The queue: one row per job. A worker holds a lease and renews it; a lease that ran out is anyone's."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from minping_web.jobs.rules import registry


class Job(models.Model):
    """A piece of work that survives its worker. `version` grows with everything that a watcher may see."""

    class State(models.TextChoices):
        """A job that failed too often stops and waits for a person."""

        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    task = models.CharField(_("task"), max_length=60)
    title = models.CharField(_("title"), max_length=200, blank=True)
    arguments = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    key = models.CharField(max_length=120, null=True, unique=True, help_text="slot of a periodic job")
    run_at = models.DateTimeField(_("not before"))
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=80, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    max_tries = models.PositiveSmallIntegerField(default=5)
    cancel_asked = models.BooleanField(default=False)
    done = models.PositiveBigIntegerField(_("done so far"), default=0)
    total = models.PositiveBigIntegerField(_("in all"), default=0)
    note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    queued_at = models.DateTimeField(_("queued at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "run_at"]),
            models.Index(fields=["actor", "-id"]),
            models.Index(fields=["task", "-id"]),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its own title, else that of its task in the language of the page."""
        return self.title or registry.title_of(self.task)

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)
