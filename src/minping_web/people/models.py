"""People who serve, what they are for, and where they were posted when.

Kept is what assessment and handover need, and no more: no birth date, no identity number, no photo, no
membership of a party, no home address. A work phone is sealed and lies in a table of its own, so that
lists never load it; the office phone is the one a district may publish.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from minping_web.people.rules import SINGLE_ROLES, PostingRole

SOON = timedelta(days=90)
"""So long before a certificate expires it is time to renew it."""


def spoken(zh: str, en: str) -> str:
    """The name in the language of the page; Chinese where there is no English one."""
    return en if en and (get_language() or "zh").startswith("en") else zh


class Position(models.Model):
    """A kind of work with a job description (S65); the description has versions."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    ended_on = models.DateField(_("not used since"), null=True, blank=True)

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["code"]

    def __str__(self) -> str:
        return spoken(self.name, self.name_en)


class JobDescription(models.Model):
    """One version of what a position's holder has to do; versions are added, never edited."""

    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="descriptions")
    version = models.PositiveSmallIntegerField(_("version"))
    in_force_from = models.DateField(_("in force from"))
    purpose = models.TextField(_("purpose"))
    duties = models.TextField(_("duties, one per line"))
    limits = models.TextField(_("what is not part of it, one per line"), blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("job description")
        verbose_name_plural = _("job descriptions")
        ordering = ["position", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["position", "version"], name="job_description_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.position} v{self.version}"


class Rank(models.Model):
    """A step of one of the two ladders (S101): profession, or leadership."""

    class Ladder(models.TextChoices):
        """A worker climbs both, independently."""

        PROFESSION = "profession", _("Professional ladder")
        LEADERSHIP = "leadership", _("Leadership ladder")

    ladder = models.CharField(_("ladder"), max_length=12, choices=Ladder)
    step = models.PositiveSmallIntegerField(pgettext_lazy("ladder", "step"))
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("rank")
        verbose_name_plural = _("ranks")
        ordering = ["ladder", "step"]
        constraints = [models.UniqueConstraint(fields=["ladder", "step"], name="rank_step_once")]

    def __str__(self) -> str:
        return spoken(self.name, self.name_en)


class Person(models.Model):
    """Somebody who serves residents; the user account, if any, is another table."""

    class Kind(models.TextChoices):
        """In which capacity. Wardens of exclusive grids come from three sides (S54)."""

        COMMUNITY_WORKER = "community_worker", _("Community worker")
        SECRETARY = "secretary", _("Community secretary")
        GRID_HEAD = "grid_head", _("Grid head")
        WARDEN_COMMUNITY = "warden_community", _("Exclusive-grid warden (community staff)")
        WARDEN_UNIT = "warden_unit", _("Exclusive-grid warden (security or administration of a unit)")
        WARDEN_PROPERTY = "warden_property", _("Exclusive-grid warden (property manager)")
        OTHER = "other", _("Other")

    code = models.CharField(_("staff number"), max_length=40, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="person"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.COMMUNITY_WORKER)
    employer = models.ForeignKey(
        "organisations.Organisation",
        verbose_name=_("employer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="staff",
    )
    position = models.ForeignKey(
        Position,
        verbose_name=_("position"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="holders",
    )
    profession_rank = models.ForeignKey(
        Rank,
        verbose_name=_("professional rank"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    leadership_rank = models.ForeignKey(
        Rank,
        verbose_name=_("leadership rank"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    office_phone = models.CharField(_("office phone (may be published)"), max_length=40, blank=True)
    started_on = models.DateField(_("joined on"), null=True, blank=True)
    left_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["code"]
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name

    @property
    def change_path(self) -> str | None:
        """Where a change of this record happens: at the employer's area, where there is one."""
        area = self.employer.area if self.employer else None
        return area.path if area else None


class PersonContact(models.Model):
    """The work phone, sealed; shown to holders of `people.contact`."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="contact")
    sealed = models.BinaryField()

    class Meta:
        verbose_name = _("work phone")
        verbose_name_plural = _("work phones")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def about(self) -> str:
        """What the seal is bound to."""
        return f"people_personcontact.sealed|{self.pk}"


class Posting(models.Model):
    """Who serves which area in which role, from when to when; `share` divides an area among its servers."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="postings"
    )
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), on_delete=models.PROTECT, related_name="postings"
    )
    role = models.CharField(
        _("role"), max_length=12, choices=PostingRole.choices, default=PostingRole.RESPONSIBLE
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until (last day)"), null=True, blank=True)
    share_percent = models.PositiveSmallIntegerField(
        _("share in percent"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["area_id", "starts_on"]
        indexes = [models.Index(fields=["area", "starts_on"]), models.Index(fields=["person", "starts_on"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="posting_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=models.Q(share_percent__gte=1, share_percent__lte=100),
                name="posting_share_in_percent",
            ),
            models.UniqueConstraint(
                fields=["area", "role"],
                condition=models.Q(ends_on__isnull=True, role__in=sorted(SINGLE_ROLES)),
                name="one_open_owner_per_area",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.area}"


class Certificate(models.Model):
    """A professional certificate. Of its number only the last signs are kept: enough to recognise it."""

    class Kind(models.TextChoices):
        """Those that pay tables and ranks ask for."""

        ASSISTANT_SOCIAL_WORKER = "assistant_social_worker", _("Assistant social worker certificate")
        SOCIAL_WORKER = "social_worker", _("Social worker certificate")
        SENIOR_SOCIAL_WORKER = "senior_social_worker", _("Senior social worker certificate")
        COUNSELLOR = "counsellor", _("Psychological counsellor certificate")
        MEDIATOR = "mediator", _("People's mediator certificate")
        FIRST_AID = "first_aid", _("First-aid certificate")
        OTHER = "other", _("Other certificate")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    title = models.CharField(_("title, if other"), max_length=80, blank=True)
    number_tail = models.CharField(_("last signs of the number"), max_length=4)
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("verified by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["person_id", "kind", "issued_on"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "title", "issued_on"], name="certificate_once")
        ]

    def __str__(self) -> str:
        return self.title or str(self.get_kind_display())

    @staticmethod
    def in_state(
        queryset: models.QuerySet[Certificate], state: str, day: date
    ) -> models.QuerySet[Certificate]:
        """valid (by default), soon = expires within `SOON`, over, unverified, all."""
        over, lasting = models.Q(expires_on__lt=day), models.Q(expires_on__isnull=True)
        states = {
            "soon": models.Q(expires_on__gte=day, expires_on__lte=day + SOON),
            "over": over,
            "unverified": models.Q(verified_on__isnull=True),
            "all": models.Q(),
        }
        return queryset.filter(states.get(state, lasting | ~over))


class Skill(models.Model):
    """Something an all-round worker (全科社工, S70) can do for a resident."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    ended_on = models.DateField(_("not used since"), null=True, blank=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return spoken(self.name, self.name_en)


class PersonSkill(models.Model):
    """How well somebody does it."""

    class Grade(models.IntegerChoices):
        """Three steps are enough to plan a counter."""

        LEARNING = 1, _("learning")
        ALONE = 2, _("works alone")
        TEACHES = 3, _("can teach it")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="held_by")
    grade = models.PositiveSmallIntegerField(_("grade"), choices=Grade)

    class Meta:
        verbose_name = _("skill of a person")
        verbose_name_plural = _("skills of people")
        ordering = ["person_id", "skill_id"]
        constraints = [models.UniqueConstraint(fields=["person", "skill"], name="person_skill_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.skill_id}"


class StandIn(models.Model):
    """The B to somebody's A (AB岗): who takes over at the counter or in the grid when A is away."""

    class Place(models.TextChoices):
        """Where."""

        COUNTER = "counter", _("at the counter")
        GRID = "grid", _("in the grid")

    person = models.ForeignKey(
        Person, verbose_name=_("A"), on_delete=models.PROTECT, related_name="stand_ins"
    )
    deputy = models.ForeignKey(
        Person, verbose_name=_("B, who stands in"), on_delete=models.PROTECT, related_name="stands_in_for"
    )
    place = models.CharField(_("where"), max_length=8, choices=Place)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until (last day)"), null=True, blank=True)

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        ordering = ["person_id", "place", "starts_on"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(person=models.F("deputy")), name="stand_in_is_another")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} ← {self.deputy_id}"


class Handover(models.Model):
    """What one person passes on to another when an area changes hands; closed when both have confirmed."""

    giver = models.ForeignKey(
        Person, verbose_name=_("giver"), on_delete=models.PROTECT, related_name="handed_over"
    )
    taker = models.ForeignKey(
        Person,
        verbose_name=_("taker"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="taken_over",
    )
    area = models.ForeignKey(
        "places.Area", verbose_name=_("area"), on_delete=models.PROTECT, related_name="+"
    )
    day = models.DateField(_("effective on"))
    giver_confirmed_at = models.DateTimeField(_("confirmed by the giver"), null=True, blank=True)
    taker_confirmed_at = models.DateTimeField(_("confirmed by the taker"), null=True, blank=True)

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-day", "-pk"]

    def __str__(self) -> str:
        return f"{self.area} {self.day}"

    @property
    def closed(self) -> bool:
        """Whether both sides have confirmed."""
        return bool(self.giver_confirmed_at and self.taker_confirmed_at)


class HandoverItem(models.Model):
    """One open matter of a handover."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(_("matter"), max_length=200)
    note = models.CharField(_("note"), max_length=300, blank=True)
    done = models.BooleanField(_("passed on"), default=False)

    class Meta:
        verbose_name = _("matter of a handover")
        verbose_name_plural = _("matters of handovers")
        ordering = ["handover_id", "number"]
        constraints = [models.UniqueConstraint(fields=["handover", "number"], name="handover_item_once")]

    def __str__(self) -> str:
        return self.text


class CorrectionRequest(models.Model):
    """A worker says that something kept about them is wrong; the office answers."""

    class About(models.TextChoices):
        """Which part of the own page."""

        PERSON = "person", _("my data")
        POSTING = "posting", _("my postings")
        CERTIFICATE = "certificate", _("my certificates")
        SKILL = "skill", _("my skills or stand-ins")

    class State(models.TextChoices):
        """An answer is final; a new request may follow."""

        OPEN = "open", _("waiting for an answer")
        CORRECTED = "corrected", pgettext_lazy("decision", "corrected")
        DECLINED = "declined", _("not corrected")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="correction_requests")
    about = models.CharField(_("about"), max_length=12, choices=About)
    text = models.TextField(_("what is wrong, and how it should read"), max_length=1000)
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for correction")
        verbose_name_plural = _("requests for correction")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"
