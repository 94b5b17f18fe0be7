"""The log in the database: what was staged in a step's own transaction, its index, what was published."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

Told = dict[str, object] | None
"""A problem as it is kept: code and parameters."""


class Log(models.Model):
    """One log: an origin and its key. A second one opens only where the first was lost for good.

    `size` counts the entries that have an index, written before any file is; `published_size` and
    `published_root` repeat the last checkpoint that was put into place. Files that show more than `size`
    mean that the database was set back.
    """

    number = models.PositiveIntegerField(_("number"), unique=True)
    origin = models.CharField(_("origin"), max_length=200, unique=True)
    verifier = models.CharField(_("verifier key"), max_length=400)
    size = models.PositiveBigIntegerField(_("entries"), default=0)
    published_size = models.PositiveBigIntegerField(_("published"), default=0)
    published_root = models.BinaryField(max_length=32, default=bytes)
    checkpoint = models.TextField(_("checkpoint"), blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    class Meta:
        verbose_name = _("log")
        verbose_name_plural = _("logs")
        ordering = ["number"]

    def __str__(self) -> str:
        return self.origin


class StagedEntry(models.Model):
    """A commitment waiting for its index; `step_id` makes a repeated step harmless.

    The record and its nonce stay here after sequencing (`index` set); deleting both is the deletion of
    personal data, and the proof stays valid. `is_lost` marks what a recovery took over from the published
    log: the step itself was lost with the database, so a new step of the same name is another one.
    """

    step_id = models.CharField(_("step"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    commitment = models.BinaryField(max_length=32)
    nonce = models.BinaryField(max_length=32, null=True)
    record = models.JSONField(null=True)
    is_lost = models.BooleanField(_("lost in a restore"), default=False)
    staged_at = models.DateTimeField(_("staged at"))
    log = models.ForeignKey(Log, null=True, on_delete=models.PROTECT, related_name="entries")
    index = models.PositiveBigIntegerField(_("index"), null=True)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["log", "index"], name="one_entry_per_index"),
            models.CheckConstraint(
                condition=models.Q(log__isnull=True, index__isnull=True)
                | models.Q(log__isnull=False, index__isnull=False),
                name="index_belongs_to_a_log",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(index__isnull=True), name="ledger_waiting"),
            models.Index(fields=["kind", "-id"]),
            models.Index(fields=["kind", "index"], condition=models.Q(is_lost=True), name="ledger_lost"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.step_id}"


class KeptWords(models.Model):
    """What somebody typed about a step whose app has no row for it; its entry holds a salted hash only."""

    step_id = models.CharField(_("step"), max_length=120)
    name = models.CharField(max_length=40)
    """What they are: `reason`, as in the record."""
    text = models.TextField(_("words"))
    kept_at = models.DateTimeField(_("kept since"))

    class Meta:
        verbose_name = _("words about a step")
        verbose_name_plural = _("words about steps")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["step_id", "name"], name="one_text_of_a_step")]

    def __str__(self) -> str:
        return f"{self.step_id} {self.name}"


class LogCheck(models.Model):
    """One full recheck of a log: all entries hashed again, files against database."""

    log = models.ForeignKey(Log, on_delete=models.CASCADE, related_name="checks")
    checked_at = models.DateTimeField(_("checked at"))
    size = models.PositiveBigIntegerField(_("entries"), default=0)
    files = models.PositiveBigIntegerField(_("files"), default=0)
    is_sound = models.BooleanField(_("sound"))
    problems = models.JSONField(default=list)
    seconds = models.FloatField(_("seconds"), default=0)

    class Meta:
        verbose_name = _("check of the log")
        verbose_name_plural = _("checks of the log")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.log} {self.checked_at:%Y-%m-%d %H:%M}"


class Witness(models.Model):
    """Another body that signs checkpoints if the log only grew; a removed one stays as a row.

    `line` is its newest cosignature as it came, `known_size` what it has signed by its own word. `problem`
    is why it did not sign the last time (code and parameters of its text), None where all is well.
    """

    name = models.CharField(_("name"), max_length=200)
    verifier = models.CharField(_("verifier key"), max_length=400)
    address = models.CharField(_("address"), max_length=300, blank=True)
    """Empty: its signatures are brought by hand."""
    reason = models.CharField(_("reason"), max_length=300)
    added_at = models.DateTimeField(_("added at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    log_number = models.PositiveIntegerField(default=0)
    """Of which log the sizes below are."""
    known_size = models.PositiveBigIntegerField(default=0)
    signed_size = models.PositiveBigIntegerField(_("entries signed"), default=0)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    line = models.TextField(blank=True)
    asked_at = models.DateTimeField(_("asked at"), null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    problem: models.JSONField[Told, Told] = models.JSONField(null=True)

    class Meta:
        verbose_name = _("witness")
        verbose_name_plural = _("witnesses")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(removed_at__isnull=True), name="one_witness_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """Which witnesses there are and how many must have signed, as a file; the newest one holds."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    quorum = models.PositiveIntegerField(_("must have signed"))
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("policy of witnesses")
        verbose_name_plural = _("policies of witnesses")
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class Timestamp(models.Model):
    """What a timestamp authority (RFC 3161) said of one checkpoint; without an answer it is still asked."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="timestamps")
    size = models.PositiveBigIntegerField(_("entries"))
    note = models.TextField()
    """The signed checkpoint; its text is what was stamped."""
    request = models.BinaryField()
    answer = models.BinaryField(null=True)
    stated_at = models.DateTimeField(_("time stated"), null=True, blank=True)
    authority = models.CharField(_("authority"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    next_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    problem: models.JSONField[Told, Told] = models.JSONField(null=True)

    class Meta:
        verbose_name = _("timestamp")
        verbose_name_plural = _("timestamps")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="one_timestamp_per_size")]

    def __str__(self) -> str:
        return f"{self.log} {self.size}"
