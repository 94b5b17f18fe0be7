"""Forms of places. What fits together is decided by the services; forms say what a field is for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from minping_web.common.clock import today
from minping_web.common.problems import RefusedError, lines
from minping_web.places.models import Area, AreaOutline
from minping_web.places.rules import covariates, levels
from minping_web.places.services.recuts import NewArea

MOST_PARTS = 6


class DayInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def day_field(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    """A day, typed or picked."""
    return forms.DateField(label=label, help_text=help_text, required=required, widget=DayInput())


def code_field(label: Any) -> forms.RegexField:
    """Letters, digits, signs; no spaces."""
    return forms.RegexField(
        r"^\S+$", label=label, max_length=40, help_text=_("Unique in the district, without spaces.")
    )


def refused(form: forms.Form | forms.ModelForm[Any], refusal: RefusedError) -> None:
    """Put every problem of a service beside its field, or on top."""
    for problem, line in zip(refusal.problems, lines(refusal.problems), strict=True):
        field = problem.place.key if problem.place.key in form.fields else None
        form.add_error(field, f"{line.what} {line.mend}")


class AreaForm(forms.ModelForm):  # type: ignore[type-arg]
    """Facts of an area."""

    code = code_field(_("Code"))

    class Meta:
        model = Area
        fields = (
            "level", "code", "name", "grid_level", "kind", "exclusive_type", "management", "staffing",
            "is_red", "area_class", "households", "residents", "buildings", "valid_from",
        )  # fmt: skip
        widgets = {"valid_from": DayInput()}
        help_texts = {
            "grid_level": _(
                "Grids only: L1 is the community, L2 a compound, L3 some buildings or shopfronts."
            ),
            "exclusive_type": _("Exclusive grids only: what the grid is drawn around."),
            "management": _("Exclusive grids only."),
            "area_class": _("jia, yi, bing for communities and L1 grids; A, B, C for L2 grids."),
            "valid_from": _("May be empty when not known."),
        }

    def __init__(self, *args: Any, parent: Area | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["level"]
        else:
            level = self.fields["level"]
            outer = parent.level if parent else None
            level.choices = [  # type: ignore[attr-defined]
                (value, label) for value, label in levels.Level.choices if _may_lie(value, outer)
            ]
        self.fields["households"].min_value = 0  # type: ignore[attr-defined]

    def validate_unique(self) -> None:
        """The service looks for taken codes; its words say what to do."""

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.fields}


def _may_lie(level: str, outer: str | None) -> bool:
    if outer is None:
        return level in {levels.Level.CITY, levels.Level.DISTRICT}
    return outer in levels.PARENTS[level] or (level, outer) == (levels.Level.GRID, levels.Level.STREET)


class EndForm(forms.Form):
    """When an area ends."""

    last_day = day_field(_("Last day"), _("The area is still there on this day."))
    below = forms.BooleanField(label=_("End everything inside as well"), required=False)


def reason_field() -> forms.CharField:
    """Why an act is done; it stays in the history."""
    return forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For example the document that decided it. It stays in the history."),
    )  # fmt: skip


class RenameForm(forms.Form):
    """A new official name."""

    name = forms.CharField(label=_("New name"), max_length=100)
    day = day_field(_("From the day"))
    reason = reason_field()


class ParentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """An area to lie in, told apart by the area around it."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, what is around it, code."""
        return f"{obj.name} · {obj.parent.name} ({obj.code})" if obj.parent else f"{obj.name} ({obj.code})"


class MoveForm(forms.Form):
    """Where an area goes."""

    parent = ParentField(label=_("Moves into"), queryset=Area.objects.none())
    day = day_field(_("From the day"))
    reason = reason_field()

    def __init__(self, *args: Any, parents: QuerySet[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = parents  # type: ignore[attr-defined]


class SiblingsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Areas beside one, with their households."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, code, households."""
        return f"{obj.name} ({obj.code}) · {'–' if obj.households is None else obj.households}"


class MergeForm(forms.Form):
    """Several areas become one."""

    old = SiblingsField(
        label=_("Merge with"), queryset=Area.objects.none(), widget=forms.CheckboxSelectMultiple,
        help_text=_("Areas of the same level and kind in the same area; households stand behind the code."),
    )  # fmt: skip
    code = code_field(_("Code of the new area"))
    name = forms.CharField(label=_("Name of the new area"), max_length=100)
    day = day_field(_("From the day"))
    reason = reason_field()

    def __init__(self, *args: Any, siblings: QuerySet[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old"].queryset = siblings  # type: ignore[attr-defined]


class SplitForm(forms.Form):
    """One area becomes several; every area inside is told where it goes."""

    day = day_field(_("From the day"))
    reason = reason_field()

    def __init__(self, *args: Any, area: Area, parts: int, children: list[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.area, self.parts, self.children = area, parts, children
        for part in range(parts):
            number = part + 1
            self.fields[f"code_{part}"] = code_field(_("Part %(number)s: code") % {"number": number})
            self.fields[f"name_{part}"] = forms.CharField(
                label=_("Part %(number)s: name") % {"number": number}, max_length=100
            )
            self.fields[f"households_{part}"] = forms.IntegerField(
                label=_("Part %(number)s: households") % {"number": number}, min_value=0, max_value=10**7
            )
        numbers = [(part, _("Part %(number)s") % {"number": part + 1}) for part in range(parts)]
        for child in children:
            self.fields[f"child_{child.pk}"] = forms.TypedChoiceField(
                label=_("%(name)s goes to") % {"name": child.name}, choices=numbers, coerce=int
            )

    def new_areas(self) -> list[NewArea]:
        """The parts for the service."""
        data = self.cleaned_data
        return [
            NewArea(data[f"code_{part}"], data[f"name_{part}"], {self.area.pk: data[f"households_{part}"]})
            for part in range(self.parts)
        ]

    def inside(self) -> dict[int, int]:
        """Which part each area inside goes to."""
        return {child.pk: self.cleaned_data[f"child_{child.pk}"] for child in self.children}


class FigureForm(forms.Form):
    """One figure of an area."""

    name = forms.ChoiceField(label=_("Figure"), choices=[])
    value = forms.DecimalField(
        label=_("Value"), min_value=0, max_value=10**9, max_digits=16, decimal_places=4
    )
    as_of = day_field(_("As of"))
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Title of the document, or how it was counted.")
    )

    def __init__(self, *args: Any, level: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [  # type: ignore[attr-defined]
            (one.key, f"{one.label} ({one.unit})")
            for one in covariates.COVARIATES
            if levels.ORDER[levels.Level(level)] <= levels.ORDER[levels.Level(one.smallest)]
        ]

    def clean_as_of(self) -> Any:
        """Figures are of the past."""
        day = self.cleaned_data["as_of"]
        if day > today():
            raise ValidationError(_("The day lies in the future."))
        return day


class OutlineForm(forms.Form):
    """A GeoJSON file and where it comes from."""

    file = forms.FileField(
        label=_("GeoJSON file"), help_text=_("A FeatureCollection of polygons with the property “code”.")
    )
    datum = forms.ChoiceField(
        label=_("Coordinate system"), choices=AreaOutline.Datum.choices,
        help_text=_("Ask who made the file; a wrong answer shifts the map by some hundred metres."),
    )  # fmt: skip
    source = forms.CharField(label=_("Source"), max_length=200)
    approval_number = forms.CharField(
        label=_("Map approval number"), max_length=60, required=False,
        help_text=_("Without it the outlines are never shown publicly."),
    )  # fmt: skip
