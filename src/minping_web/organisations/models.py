"""Organisations and contracts: who acts in the district, for whom, by which contract.

Persons to talk to are sealed (`OrganisationContact`) and lie apart, so that lists never load them. A
contract may hang on a main contract: lead contractor and sub-contractors are a tree (S45).
"""

from __future__ import annotations

import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Organisation(models.Model):
    """A body that acts in the district; without an area it belongs to the district as a whole."""

    class Kind(models.TextChoices):
        """What it is to the district."""

        BUREAU = "bureau", _("District bureau")
        DEPARTMENT = "department", _("Department")
        STREET_OFFICE = "street_office", _("Street office")
        COMMUNITY_COMMITTEE = "community_committee", _("Residents' committee")
        SURVEY_FIRM = "survey_firm", _("Survey firm")
        SOCIAL_ORGANISATION = "social_organisation", _("Social organisation")
        CONTRACTOR = "contractor", _("Contractor")
        PROPERTY_COMPANY = "property_company", _("Property company")
        UNIT = "unit", _("Resident unit")

    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    area = models.ForeignKey(
        "places.Area",
        verbose_name=_("area"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="branches",
    )
    public_phone = models.CharField(_("public phone"), max_length=40, blank=True)
    valid_from = models.DateField(_("active since"), null=True, blank=True)
    valid_to = models.DateField(_("active until"), null=True, blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["code"]
        indexes = [models.Index(fields=["kind"])]

    def __str__(self) -> str:
        return self.name


class OrganisationContact(models.Model):
    """Somebody to talk to. `sealed` is JSON of name, phone and e-mail under the row's own id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="contacts")
    purpose = models.CharField(_("for what"), max_length=60, blank=True)
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("contact of an organisation")
        verbose_name_plural = _("contacts of organisations")
        ordering = ["purpose", "id"]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.purpose}"

    @property
    def about(self) -> str:
        """What the seal is bound to."""
        return f"organisations_organisationcontact.sealed|{self.pk}"


class Contract(models.Model):
    """What a principal has bought from a contractor, where, for how long, for how much."""

    code = models.CharField(_("contract number"), max_length=40, unique=True)
    subject = models.CharField(_("subject"), max_length=200)
    principal = models.ForeignKey(
        Organisation, verbose_name=_("principal"), on_delete=models.PROTECT, related_name="contracts_given"
    )
    contractor = models.ForeignKey(
        Organisation, verbose_name=_("contractor"), on_delete=models.PROTECT, related_name="contracts_taken"
    )
    main = models.ForeignKey(
        "self",
        verbose_name=_("main contract"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="subs",
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    amount_fen = models.BigIntegerField(_("amount in fen"), validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="contract_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gte=0), name="contract_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(principal=models.F("contractor")), name="contract_between_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}"

    @property
    def change_paths(self) -> list[str]:
        """Where the principal is: who looks after the principal changes its contracts."""
        area = self.principal.area
        return [str(area.path)] if area else []


class ContractPlace(models.Model):
    """Where a contract is carried out; a contract without places holds for the whole district."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="places")
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("place of a contract")
        verbose_name_plural = _("places of contracts")
        ordering = ["area_id"]
        constraints = [models.UniqueConstraint(fields=["contract", "area"], name="contract_place_once")]

    def __str__(self) -> str:
        return f"{self.contract_id} @ {self.area_id}"

    @property
    def change_paths(self) -> list[str]:
        """Those of the contract."""
        return self.contract.change_paths
