"""Forms of people, postings, moves and their papers: codes become rows of the scope, drafts come out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.organisations.forms import CodeField, DayField, ListedInput
from minping_web.people.models import (
    Certificate,
    CorrectionRequest,
    Person,
    PersonSkill,
    Position,
    Rank,
    Skill,
    StandIn,
)
from minping_web.people.rules import PostingRole
from minping_web.people.selectors import (
    EDIT,
    areas_for_posting,
    areas_to_post,
    organisation_for_person,
    person_by_code,
)
from minping_web.people.services import CertificateDraft, DescriptionDraft, Move, PersonDraft, PostingDraft
from minping_web.people.services.moves import MoveKind
from minping_web.places.models import Area
from minping_web.places.rules.levels import Level


class ScopedForm(forms.Form):
    """A form whose codes are looked up where the scope may edit people."""

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        lookups = {
            "person": lambda code: person_by_code(scope, EDIT, code),
            "other": lambda code: person_by_code(scope, EDIT, code),
            "deputy": lambda code: person_by_code(scope, EDIT, code),
            "area": lambda words: _the_area(scope, words),
            "employer": lambda code: organisation_for_person(scope, code),
        }
        for name, field in self.fields.items():
            if isinstance(field, CodeField):
                field.lookup = lookups[name]
        if "area" in self.fields:
            self.fields["area"].widget = ListedInput("areas-to-post", lambda: _areas_offered(scope))
            self.fields["area"].widget.is_required = self.fields["area"].required


MOST_OFFERED = 300
"""Areas that a list to pick from holds; whoever answers for more types a code or a name."""


def area_words(area: Area) -> str:
    """A name with what is around it, up to the community: grids of many communities share their names."""
    around = [step.name for step in reversed(area.around) if step.level in {Level.COMMUNITY, Level.GRID}]
    return " · ".join([area.name, *around])


def _areas_offered(scope: Scope) -> list[tuple[str, str]]:
    areas = list(areas_to_post(scope).order_by("path")[: MOST_OFFERED + 1])
    return [(area.code, area_words(area)) for area in areas] if len(areas) <= MOST_OFFERED else []


def _the_area(scope: Scope, words: str) -> Area | None:
    """The one area that is meant; several are listed with their communities and codes."""
    found = areas_for_posting(scope, words)
    if len(found) > 1:
        listed = [f"{area_words(area)} ({area.code})" for area in found]
        told = _("Several areas have this name. Type the code of the one you mean: %(areas)s")
        raise forms.ValidationError(told, code="several", params={"areas": "; ".join(listed)})
    return found[0] if found else None


class PersonForm(ScopedForm):
    """All fields of a person but the work phone, which has a form of its own."""

    code = forms.CharField(label=_("Staff number"), max_length=40, help_text=_("No identity number."))
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), choices=Person.Kind.choices)
    employer = CodeField(
        label=_("Code of the employer"),
        required=False,
        help_text=_("Street staff must name an employer of their own street."),
    )
    position = forms.ModelChoiceField(
        Position.objects.filter(ended_on__isnull=True), label=_("Position"), required=False
    )
    profession_rank = forms.ModelChoiceField(
        Rank.objects.filter(ladder=Rank.Ladder.PROFESSION), label=_("Professional rank"), required=False
    )
    leadership_rank = forms.ModelChoiceField(
        Rank.objects.filter(ladder=Rank.Ladder.LEADERSHIP), label=_("Leadership rank"), required=False
    )
    office_phone = forms.CharField(
        label=_("Office phone"),
        max_length=40,
        required=False,
        help_text=_("May be published on the grid map; never a private number."),
    )
    started_on = DayField(label=_("Joined on"), required=False)
    left_on = DayField(
        label=pgettext_lazy("service", "Last day"),
        required=False,
        help_text=_("Better use “Leave the service”."),
    )

    def draft(self) -> PersonDraft:
        """What was typed."""
        return PersonDraft(**self.cleaned_data)


def initial_of(person: Person) -> dict[str, Any]:
    """Values of a person for the form."""
    return {name: getattr(person, name) for name in PersonForm.base_fields}


class PhoneForm(forms.Form):
    """The work phone."""

    phone = forms.CharField(
        label=_("Work phone"), max_length=40, required=False, help_text=_("Empty erases it.")
    )


class PostingForm(ScopedForm):
    """A posting."""

    person = CodeField(label=_("Staff number or name"))
    area = CodeField(label=_("Code or name of the area"))
    role = forms.ChoiceField(label=_("Role"), choices=PostingRole.choices)
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until (last day)"), required=False)
    share_percent = forms.IntegerField(
        label=_("Share in percent"),
        min_value=1,
        max_value=100,
        initial=100,
        help_text=_("Less than 100 only where several people share the area."),
    )
    talents = forms.CharField(
        label=_("Talents"),
        max_length=100,
        required=False,
        help_text=_("For a specialist of an L1 or L2 grid: what for, such as law or counselling."),
    )

    def draft(self) -> PostingDraft:
        """What was typed."""
        return PostingDraft(**self.cleaned_data)


MOVED_TO = [(role.value, role.label) for role in PostingRole if role != PostingRole.SPECIALIST]
"""Specialists are appointed beside their other work, with their talents: by a posting."""


class MoveForm(ScopedForm):
    """A staff move; the person is the page's."""

    kind = forms.ChoiceField(label=_("What happens"), choices=MoveKind.choices)
    day = DayField(label=_("Effective on"), help_text=_("First day of the new state."))
    area = CodeField(
        label=_("New area (code or name)"),
        required=False,
        help_text=_("For a transfer, or to take on an area."),
    )
    role = forms.ChoiceField(
        label=_("Role there"), choices=MOVED_TO, initial=PostingRole.RESPONSIBLE, required=False
    )
    other = CodeField(
        label=_("Other person (staff number or name)"),
        required=False,
        help_text=_("With whom to exchange, or who takes over."),
    )

    def clean(self) -> dict[str, Any]:
        """Each kind needs its own fields."""
        found = super().clean() or {}
        needs = {MoveKind.TRANSFER: "area", MoveKind.JOIN: "area", MoveKind.EXCHANGE: "other"}
        name = needs.get(found.get("kind", ""))
        if name and not found.get(name) and name not in self.errors:
            self.add_error(name, _("Needed for this kind of move."))
        return found

    def move(self, person: Person) -> Move:
        """What was typed."""
        values = dict(self.cleaned_data)
        values["role"] = values["role"] or PostingRole.RESPONSIBLE
        return Move(person=person, **values)


class CertificateForm(forms.Form):
    """A certificate; only the last signs of its number are kept."""

    kind = forms.ChoiceField(label=_("Certificate"), choices=Certificate.Kind.choices)
    title = forms.CharField(label=_("Title, if other"), max_length=80, required=False)
    number = forms.CharField(
        label=_("Number"), max_length=60, help_text=_("Only its last four signs are kept.")
    )
    issued_on = DayField(label=_("Issued on"))
    expires_on = DayField(label=_("Valid until"), required=False)

    def draft(self) -> CertificateDraft:
        """What was typed."""
        return CertificateDraft(**self.cleaned_data)


class GradeForm(forms.Form):
    """How well somebody does something."""

    skill = forms.ModelChoiceField(Skill.objects.filter(ended_on__isnull=True), label=_("Skill"))
    grade = forms.TypedChoiceField(
        label=_("Grade"),
        choices=[("", _("none")), *PersonSkill.Grade.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )


class StandInForm(ScopedForm):
    """Who stands in."""

    deputy = CodeField(label=_("B: staff number or name"))
    place = forms.ChoiceField(label=pgettext_lazy("stand-in", "Where"), choices=StandIn.Place.choices)
    starts_on = DayField(label=_("From"), initial=today)
    ends_on = DayField(label=_("Until (last day)"), required=False)


class DescriptionForm(forms.Form):
    """A new version of a job description."""

    in_force_from = DayField(label=_("In force from"))
    purpose = forms.CharField(label=_("Purpose"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)
    duties = forms.CharField(
        label=_("Duties, one per line"), widget=forms.Textarea(attrs={"rows": 8}), max_length=4000
    )
    limits = forms.CharField(
        label=_("What is not part of it, one per line"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        required=False,
    )
    source = forms.CharField(label=_("Source"), max_length=200, required=False)

    def draft(self) -> DescriptionDraft:
        """What was typed."""
        return DescriptionDraft(**self.cleaned_data)


class PositionForm(forms.Form):
    """A position's names."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=80, required=False)
    ended_on = DayField(label=_("Not used since"), required=False)


class RankForm(forms.Form):
    """A step of a ladder."""

    ladder = forms.ChoiceField(label=_("Ladder"), choices=Rank.Ladder.choices)
    step = forms.IntegerField(label=pgettext_lazy("ladder", "Step"), min_value=1, max_value=99)
    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=80, required=False)


class SkillForm(forms.Form):
    """A column of the matrix."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=80, required=False)
    order = forms.IntegerField(label=_("Order"), min_value=0, max_value=999)
    ended_on = DayField(label=_("Not used since"), required=False)


class CorrectionForm(forms.Form):
    """A worker asks for a correction."""

    about = forms.ChoiceField(label=_("About"), choices=CorrectionRequest.About.choices)
    text = forms.CharField(
        label=_("What is wrong, and how it should read"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )


class AnswerForm(forms.Form):
    """The office answers."""

    corrected = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("yes", pgettext_lazy("decision", "corrected")), ("no", _("not corrected"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(label=_("Answer"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)
