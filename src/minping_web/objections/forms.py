"""Forms of objections, reviews, decisions and exclusions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from minping_web.objections.rules.terms import KINDS_OF_FILE
from minping_web.objections.rules.words import DECIDED, OF_PLACES, Cause, Left, Outcome, Side, Subject
from minping_web.objections.selectors.cells import Choices
from minping_web.objections.services.evidence import File
from minping_web.objections.services.reviewing import Decision
from minping_web.places.models import Area

ENDINGS = ",".join(f".{ending}" for ending in KINDS_OF_FILE)


class FilesInput(forms.FileInput):
    """Takes several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """All of them."""
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FilesField(forms.FileField):
    """Several files; `clean` gives a list."""

    def __init__(self, **options: Any) -> None:
        widget = FilesInput(attrs={"accept": ENDINGS, "multiple": True})
        super().__init__(widget=widget, required=False, **options)

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        """Name and bytes of each."""
        given: Iterable[UploadedFile[Any]] = [one for one in (data or []) if one]
        return [File(one.name or "", one.read()) for one in given]


def _files() -> FilesField:
    return FilesField(
        label=_("Evidence"),
        help_text=_(
            "PDF, PNG, JPEG, DOCX or XLSX, at most five files of 5 MB. Leave out what names residents."
        ),
    )


class ObjectionForm(forms.Form):
    """What is wrong with a result."""

    subject = forms.ChoiceField(label=_("What do you object to?"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What is wrong, and what would be right?"), max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    evidence = _files()

    def __init__(self, *args: Any, own: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        subjects = tuple(Subject) if own else OF_PLACES
        field = self.fields["subject"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, one.label) for one in subjects]


class PlaceForm(ObjectionForm):
    """The same for a place or an organisation."""

    about = forms.ChoiceField(label=pgettext_lazy("objection", "For"))
    field_order = ("about", "subject", "text", "evidence")

    def __init__(self, *args: Any, options: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, own=False, **more)
        field = self.fields["about"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = options


class EvidenceForm(forms.Form):
    """More files."""

    evidence = _files()


class CheckForm(forms.Form):
    """A node that checks the evidence."""

    findings = forms.CharField(
        label=_("What did you find?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 5})
    )
    advises = forms.ChoiceField(
        label=_("What do you advise?"), required=False,
        choices=[("", _("no advice")), *((one.value, one.label) for one in DECIDED)],
    )  # fmt: skip


class ReopenForm(forms.Form):
    """Why somebody else decides anew."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class DecisionForm(forms.Form):
    """The last node: outcome, reasons, and what changes. Fields of cells are made from what may change."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("objection", "Decision"), widget=forms.RadioSelect,
        choices=[(one.value, Outcome(one).label) for one in DECIDED],
    )  # fmt: skip
    reasons = forms.CharField(
        label=_("Reasons"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The objector reads them. Name no resident and no single answer."),
    )  # fmt: skip
    cause = forms.ChoiceField(
        label=_("Cause of leaving out"), required=False, choices=[("", "—"), *Cause.choices],
        help_text=_("Only where batches or an area are left out. A second person signs it."),
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offered = offered
        for cell in offered.cells:
            if cell.column:
                self.fields[f"cell {cell.token}"] = forms.CharField(required=False, max_length=200)
            if cell.may_remove:
                self.fields[f"gone {cell.token}"] = forms.BooleanField(required=False)
        for batch in offered.batches:
            if batch.may_go:
                self.fields[f"batch {batch.number}"] = forms.BooleanField(required=False)
        for code, _name in offered.areas:
            self.fields[f"area {code}"] = forms.BooleanField(required=False)
        if not (offered.batches or offered.areas):
            del self.fields["cause"]

    @property
    def main(self) -> list[forms.BoundField]:
        """Fields above the tables."""
        return [self[name] for name in ("outcome", "reasons")]

    @property
    def cell_rows(self) -> list[dict[str, Any]]:
        """Cells with their two fields."""
        return [
            {
                "cell": cell,
                "value": self[f"cell {cell.token}"] if cell.column else None,
                "gone": self[f"gone {cell.token}"] if cell.may_remove else None,
            }
            for cell in self.offered.cells
        ]

    @property
    def batch_rows(self) -> list[dict[str, Any]]:
        """Batches with their box; small ones have none."""
        return [
            {"batch": one, "box": self[f"batch {one.number}"] if one.may_go else None}
            for one in self.offered.batches
        ]

    @property
    def area_rows(self) -> list[dict[str, Any]]:
        """Areas with their box."""
        return [{"name": name, "box": self[f"area {code}"]} for code, name in self.offered.areas]

    def decision(self) -> Decision:
        """What was chosen."""
        given = self.cleaned_data
        said = {kind: _chosen(given, kind) for kind in ("cell", "gone", "batch", "area")}
        return Decision(
            given["outcome"], given["reasons"],
            becomes={token: value for token, value in said["cell"].items() if token not in said["gone"]},
            removes=tuple(said["gone"]), batches=tuple(int(number) for number in said["batch"]),
            areas=tuple(said["area"]), cause=given.get("cause", ""),
        )  # fmt: skip


def _chosen(given: dict[str, Any], kind: str) -> dict[str, Any]:
    found = {name.partition(" ")[2]: value for name, value in given.items() if name.startswith(f"{kind} ")}
    return {name: value for name, value in found.items() if value}


class ExclusionForm(forms.Form):
    """Something that does not count."""

    leaves_out = forms.ChoiceField(label=_("Left out"), choices=Left.choices, widget=forms.RadioSelect)
    area = forms.ChoiceField(label=_("Place"), required=False)
    batches = forms.MultipleChoiceField(
        label=_("Batches of interviews"), required=False, widget=forms.CheckboxSelectMultiple
    )
    cause = forms.ChoiceField(label=pgettext_lazy("exclusion", "Cause"), choices=Cause.choices)
    reason = forms.CharField(
        label=_("What was found, and how"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, areas: list[Area], batches: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        place, some = self.fields["area"], self.fields["batches"]
        assert isinstance(place, forms.ChoiceField)
        assert isinstance(some, forms.ChoiceField)
        place.choices = [("", "—"), *((area.code, area.name) for area in areas)]
        some.choices = [(str(number), words) for number, words in batches]
        if not batches:
            del self.fields["batches"]


class AppealForm(forms.Form):
    """Who appeals and why."""

    side = forms.ChoiceField(label=_("Who appeals"), choices=Side.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=pgettext_lazy("objection", "What is wrong"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AnswerForm(forms.Form):
    """The answer to an appeal."""

    answer = forms.CharField(label=_("Answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    follows = forms.BooleanField(label=_("The appeal is followed"), required=False)
