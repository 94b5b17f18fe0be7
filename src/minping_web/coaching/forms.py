"""Forms of coaching; codes of people become rows where the scope may edit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.coaching.rules.words import (
    LATEST_EVENING,
    LONGEST_REMARK,
    MOST_MINUTES,
    CauseState,
    CourseLevel,
    EndedAs,
    Known,
    Level,
    StepKind,
)
from minping_web.coaching.selectors.plans import EDIT
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.organisations.forms import CodeField, DayField
from minping_web.organisations.models import Organisation
from minping_web.people.models import Person
from minping_web.people.selectors.directory import person_by_code
from minping_web.places.selectors.areas import areas_by_code
from minping_web.schemes.models import SchemeVersion

NOTHING = ("", "—")


def _anybody(code: str) -> Person | None:
    """A colleague of any place by staff number: she is asked and may decline."""
    return Person.objects.filter(code=code.strip(), left_on__isnull=True).first()


def _time(label: Any, **options: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **options
    )


class OpenForm(forms.Form):
    """A plan that an office opens."""

    person = CodeField(label=_("Staff number or name"))
    level = forms.ChoiceField(label=_("Who helps"), choices=Level.choices)
    why = forms.CharField(
        label=pgettext_lazy("coaching", "Why"),
        max_length=200,
        help_text=_("In words that the worker will read. Help is no punishment."),
    )

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, CodeField)
        field.lookup = lambda code: person_by_code(scope, EDIT, code)


class FrameForm(forms.Form):
    """Who helps, and from when to when."""

    level = forms.ChoiceField(label=_("Who helps"), choices=Level.choices)
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=pgettext_lazy("coaching", "Last day"))


class TalkForm(forms.Form):
    """The secretary's talk."""

    talk_on = DayField(label=_("Day of the talk"))
    talk_by = forms.CharField(label=_("Who talked"), max_length=60)
    is_known = forms.ChoiceField(
        label=_("Is the face known to residents?"), choices=[NOTHING, *Known.choices], required=False
    )
    invites = forms.ChoiceField(
        label=_("Are residents asked to activities?"), choices=[NOTHING, *Known.choices], required=False
    )
    is_prompt = forms.ChoiceField(
        label=_("Are requests answered promptly?"), choices=[NOTHING, *Known.choices], required=False
    )
    talk_note = forms.CharField(
        label=_("What was said"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A few words; the worker reads them too. No resident's name."),
    )  # fmt: skip


class GoalForm(forms.Form):
    """A question and the points wanted for it, or words."""

    dimension = forms.ChoiceField(label=_("Question"), required=False)
    label = forms.CharField(label=_("Goal"), max_length=120)
    target = forms.DecimalField(
        label=_("Points wanted (of 100)"), required=False, min_value=0, max_value=100, decimal_places=2
    )

    def __init__(self, *args: Any, questions: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["dimension"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [NOTHING, *questions]


class StepForm(forms.Form):
    """A measure, as often as it takes place."""

    kind = forms.ChoiceField(label=_("Measure"), choices=StepKind.choices)
    text = forms.CharField(label=_("What exactly"), max_length=120, required=False)
    due_on = DayField(label=pgettext_lazy("coaching step", "By"), required=False)
    times = forms.IntegerField(label=_("How often"), min_value=1, max_value=12, initial=1)
    minutes = forms.IntegerField(
        label=_("Minutes each time"), min_value=0, max_value=MOST_MINUTES, initial=60,
        help_text=_("What it takes of the worker's time."),
    )  # fmt: skip
    from_time = _time(pgettext_lazy("time of day", "From"))
    to_time = _time(
        pgettext_lazy("time of day", "To"),
        help_text=_("Evening hours only; by %(latest)s at the latest.")
        % {"latest": f"{LATEST_EVENING:%H:%M}"},
    )


class PartnerForm(forms.Form):
    """Whom to ask."""

    partner = CodeField(label=_("Staff number of the colleague"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["partner"]
        assert isinstance(field, CodeField)
        field.lookup = _anybody


class EndForm(forms.Form):
    """What came of it."""

    ended_as = forms.ChoiceField(label=_("Result"), choices=EndedAs.choices)
    result = forms.CharField(
        label=_("What came of it"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    """Why not, in a few words."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class RemarkForm(forms.Form):
    """At most a few words."""

    remark = forms.CharField(max_length=LONGEST_REMARK, required=False)


class CauseForm(forms.Form):
    """What is not the worker's."""

    text = forms.CharField(
        label=_("What is in the way"), max_length=200,
        help_text=_("The matter and the place; no name of the worker or of residents."),
    )  # fmt: skip
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Whose it is"), required=False)

    def __init__(self, *args: Any, owners: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = owners


class CauseAnswerForm(forms.Form):
    """Passed on, or solved."""

    state = forms.ChoiceField(label=_("State"), choices=CauseState.choices)
    answer = forms.CharField(label=_("Answer of the department"), max_length=200, required=False)


class CourseForm(forms.Form):
    """All fields of a course."""

    code = forms.CharField(label=_("Code"), max_length=40)
    title = forms.CharField(label=_("Title"), max_length=100)
    level = forms.ChoiceField(label=_("For whom"), choices=CourseLevel.choices)
    scheme_id = forms.ChoiceField(label=_("Scheme"))
    dimensions = forms.CharField(
        label=_("Questions that it answers"), max_length=200,
        help_text=_("Ids of the scheme's questions, with blanks between: q4 q5"),
    )  # fmt: skip
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=pgettext_lazy("coaching", "Last day"))
    held_at = forms.CharField(label=_("Where it is held"), max_length=100, required=False)
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=2000)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=0, max_value=6000, initial=90)
    area = CodeField(
        label=_("Code of the area that it is held for"), required=False,
        help_text=_("Empty: for the whole district."),
    )  # fmt: skip
    cancelled = forms.BooleanField(label=_("Cancelled"), required=False)

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        area, scheme = self.fields["area"], self.fields["scheme_id"]
        assert isinstance(area, CodeField)
        assert isinstance(scheme, forms.ChoiceField)
        area.lookup = lambda code: areas_by_code(scope, EDIT, [code]).get(code)
        known = SchemeVersion.objects.order_by("scheme_id", "-pk").values_list("scheme_id", "title_zh")
        scheme.choices = [(key, f"{title} ({key})") for key, title in dict(known).items()]


class SeatForm(forms.Form):
    """Somebody of the own place."""

    person = CodeField(label=_("Staff number or name"))

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, CodeField)
        field.lookup = lambda code: person_by_code(scope, EDIT, code)


class StoryForm(forms.Form):
    """A few sentences about what somebody did for residents."""

    title = forms.CharField(label=_("Title"), max_length=60)
    text = forms.CharField(
        label=_("Story"), max_length=600, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "What was the matter, what was done, what came of it. No resident's name, telephone, address."
        ),
    )  # fmt: skip
    happened_on = DayField(label=_("When it happened"))
    consents = forms.BooleanField(
        label=_("Colleagues and residents concerned know of the story and agree"), required=False
    )


class OfficeStoryForm(StoryForm):
    """The same about somebody of the own place."""

    person = CodeField(label=_("Staff number or name"))
    field_order = ("person", "title", "text", "happened_on", "consents")

    def __init__(self, *args: Any, scope: Scope, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["person"]
        assert isinstance(field, CodeField)
        field.lookup = lambda code: person_by_code(scope, EDIT, code)


class PledgeForm(forms.Form):
    """In own words."""

    text = forms.CharField(label=_("My pledge"), max_length=600, widget=forms.Textarea(attrs={"rows": 5}))


class StatementForm(forms.Form):
    """What came of it."""

    statement = forms.CharField(
        label=_("My statement for the year"), max_length=1000, widget=forms.Textarea(attrs={"rows": 6})
    )


def this_year() -> int:
    """The year that pledges are made for."""
    return today().year
