"""Sheets: what follows from one published result by one use of its scheme, prepared, then signed.

A line never says more than the engine proposed; a person may hold it back with a reason, not change it. What
is signed stays: the database refuses to change it, and a correction is another sheet with the differences.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from minping_web.assessments.rules.words import page_language
from minping_web.rewards.rules.words import OPEN, Change, Family, LineState, Origin, SheetState


class Sheet(models.Model):
    """One use of a scheme for one publication."""

    publication = models.ForeignKey(
        "publications.Publication", on_delete=models.PROTECT, related_name="sheets"
    )
    scheme_id = models.CharField(_("scheme"), max_length=60)
    use = models.CharField(max_length=60)
    """Id of the use in the scheme; `card:<id>` for a card that the scheme shows."""
    kind = models.CharField(max_length=20)
    family = models.CharField(_("kind"), max_length=12, choices=Family)
    period = models.CharField(_("assessment period"), max_length=12)
    text_zh = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300)
    rule_zh = models.TextField()
    rule_en = models.TextField()
    """The rule in words, as the frozen scheme has it."""
    rule = models.TextField()
    """The rule as written."""
    has_money = models.BooleanField(default=False)
    """Whether its lines are paid."""
    granted_fen = models.BigIntegerField(null=True)
    """The budget that the scheme itself divides; one that the bureau enters counts before it."""
    signatures_needed = models.PositiveSmallIntegerField(_("signatures needed"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=SheetState, default=SheetState.DRAFT)
    origin = models.CharField(_("kind of sheet"), max_length=10, choices=Origin, default=Origin.FIRST)
    follows = models.ForeignKey(
        "self", verbose_name=_("follows"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="followed_by",
    )  # fmt: skip
    made_at = models.DateTimeField(_("made at"))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("prepared by"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    prepared_at = models.DateTimeField(_("prepared at"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    sha256 = models.CharField(_("hash of the sheet"), max_length=64, blank=True)
    """Of everything that is signed, from the moment when it is prepared."""
    total_fen = models.BigIntegerField(_("total in fen"), default=0)
    """Of the lines that are not withheld."""

    class Meta:
        verbose_name = _("signing sheet")
        verbose_name_plural = _("signing sheets")
        ordering = ["-period", "-pk"]
        indexes = [models.Index(fields=["scheme_id", "use", "period"]), models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.text} {self.period}"

    @property
    def text(self) -> str:
        """What the use is, in the language of the page."""
        return self.text_en if page_language() == "en" else self.text_zh

    @property
    def rule_words(self) -> str:
        """The rule in words, in the language of the page."""
        return self.rule_en if page_language() == "en" else self.rule_zh

    @property
    def is_open(self) -> bool:
        """Whether it is neither signed nor replaced."""
        return self.state in OPEN

    @property
    def is_signed(self) -> bool:
        """Whether everybody who must has signed."""
        return self.state == SheetState.SIGNED

    @cached_property
    def signed_by(self) -> list[Signature]:
        """Signatures in order."""
        return list(self.signatures.select_related("user").order_by("pk"))


class Line(models.Model):
    """What follows for one person, area or organisation."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="lines")
    assessee_id = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=100)
    number = models.CharField(_("staff number"), max_length=60, blank=True)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(
        "places.Area", verbose_name=_("place"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    result = models.ForeignKey(
        "assessments.AssessedResult", null=True, on_delete=models.PROTECT, related_name="+"
    )
    fen = models.BigIntegerField(_("amount in fen"), null=True)
    """What is signed here: of a difference sheet the difference, which may be below 0."""
    before_fen = models.BigIntegerField(_("signed before, in fen"), null=True)
    change = models.CharField(max_length=10, choices=Change, default=Change.NONE, blank=True)
    basis: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    basis_zh = models.TextField(blank=True)
    basis_en = models.TextField(blank=True)
    told_apart = models.BooleanField(null=True)
    """False where the errors of the scores also allow a rank without this money."""
    state = models.CharField(_("state"), max_length=10, choices=LineState, default=LineState.PROPOSED)
    withheld_reason = models.CharField(_("reason"), max_length=300, blank=True)
    withheld_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withheld_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["sheet", "assessee_id"], name="reward_line_once")]
        indexes = [models.Index(fields=["person", "sheet"])]

    def __str__(self) -> str:
        return self.assessee_id

    @property
    def counts(self) -> bool:
        """Whether it is signed with its sheet."""
        return self.state == LineState.PROPOSED

    @property
    def after_fen(self) -> int | None:
        """What holds when the sheet is signed."""
        return None if self.fen is None else (self.before_fen or 0) + self.fen

    @property
    def basis_words(self) -> str:
        """The numbers that it rests on."""
        return self.basis_en if page_language() == "en" else self.basis_zh


class Signature(models.Model):
    """One person's signature under a sheet as it is (`sha256`)."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="signatures")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("signed by"), on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed at"))
    sha256 = models.CharField(max_length=64)
    not_told_apart_reason = models.CharField(
        _("why the money is paid all the same"), max_length=300, blank=True
    )

    class Meta:
        verbose_name = _("signature under a sheet")
        verbose_name_plural = _("signatures under sheets")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["sheet", "user"], name="reward_signature_once")]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.user_id}"


class Step(models.Model):
    """What was done to a sheet, by whom, why: its history, which no page changes."""

    class What(models.TextChoices):
        """Acts on a sheet."""

        MADE = "made", _("drafted from the published result")
        PREPARED = "prepared", _("prepared for signing")
        RETURNED = "returned", _("sent back")
        SIGNED = "signed", _("signed")
        WITHHELD = "withheld", _("a line withheld")
        RELEASED = "released", _("a line released")
        SUPPLEMENTED = "supplemented", _("supplement made")
        EXPORTED = "exported", _("exported for payroll")
        REPLACED = "replaced", _("replaced by a correction")

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=14, choices=What)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("step of a sheet")
        verbose_name_plural = _("steps of sheets")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.what}"


class Budget(models.Model):
    """How much may be paid for one use of one scheme in one period. Entered again, the later one counts."""

    scheme_id = models.CharField(_("scheme"), max_length=60)
    use = models.CharField(max_length=60)
    period = models.CharField(_("assessment period"), max_length=12)
    fen = models.BigIntegerField(_("amount in fen"), validators=[MinValueValidator(0)])
    source = models.CharField(_("source"), max_length=200)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    entered_at = models.DateTimeField(_("entered at"))

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["scheme_id", "use", "period"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(fen__gte=0), name="reward_budget_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.use} {self.period}"


class Statement(models.Model):
    """What the person says to a consequence before it holds (D11): in writing, or heard and noted."""

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="statements")
    text = models.TextField(_("statement"), max_length=2000, blank=True)
    declined = models.BooleanField(_("invited, and did not wish to speak"), default=False)
    heard_on = models.DateField(_("heard on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    own = models.BooleanField(default=False)
    """Written by the person, not noted by the office."""
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.line_id} {self.heard_on}"
