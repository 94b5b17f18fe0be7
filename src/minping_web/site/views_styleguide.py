"""The living style guide: every class of the style sheet in real markup, and the colours with their contrast.

Public, since it holds nothing but samples; all names are invented. The decisions behind it stand in
docs/reference/design-language.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from minping_web.common import look
from minping_web.common.differences import Difference
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine
from minping_web.common.templatetags.minping import icon_names

STATES = ("ok", "warn", "bad", "info", "off")


class SampleForm(forms.Form):
    """One field of each kind, with two faults."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=40, help_text=gettext_lazy("As in the register.")
    )
    households = forms.IntegerField(label=gettext_lazy("Households"), min_value=300, max_value=500)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of grid"),
        choices=[("general", gettext_lazy("general")), ("exclusive", gettext_lazy("exclusive"))],
        widget=forms.RadioSelect,
    )
    street = forms.ChoiceField(
        label=gettext_lazy("Street"), choices=[("", "–"), ("e", "东街道"), ("w", "西街道")], required=False
    )
    day = forms.DateField(
        label=gettext_lazy("Valid from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    sure = forms.BooleanField(label=gettext_lazy("The area has been walked"), required=False)


class SampleFilters(forms.Form):
    """A row of filters."""

    q = forms.CharField(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    level = forms.ChoiceField(
        label=gettext_lazy("Level"),
        required=False,
        choices=[("", gettext_lazy("all")), ("grid", gettext_lazy("grid"))],
    )


@dataclass(frozen=True)
class SampleJob:
    """What the partial of a job reads."""

    title: str
    state: str
    done: int
    total: int
    note: str = ""
    error: str = ""

    @property
    def get_state_display(self) -> str:
        """The state in words."""
        words = {"done": pgettext("job", "done"), "failed": pgettext("job", "failed")}
        return words.get(self.state, pgettext("job", "stopped"))


@page(public=True)
def styleguide(request: ScopedRequest) -> HttpResponse:
    """All samples."""
    return render(request, "site/styleguide.html", _samples())


def _samples() -> dict[str, object]:
    return {
        "form": SampleForm({"name": "", "households": "812", "kind": "general"}, auto_id="sample_%s"),
        "filters": SampleFilters(auto_id="filter_%s"),
        "page_obj": _sample_page(),
        "problem_lines": _problems(),
        "differences": _differences(),
        "jobs": _jobs(),
        "themes": [(name, _pairs(name)) for name in look.THEMES],
        "chart_colours": look.CHART,
        "sequence": look.SEQUENCE,
        "icons": sorted(icon_names()),
        "states": STATES,
    }


def _sample_page() -> Page[int]:
    return Paginator(range(1, 1077), 50).page(7)


def _pairs(theme: str) -> list[tuple[look.Pair, float]]:
    colours = look.tokens(theme)
    return [(pair, look.contrast(colours[pair.over], colours[pair.under])) for pair in look.PAIRS]


def _problems() -> list[ProblemLine]:
    return [
        ProblemLine(
            _("row 12, column Households"),
            _("812 households are more than one person can serve."),
            _("Divide the grid, or give the reason in the column Note."),
            True,
            "sample.too_many",
        ),
        ProblemLine(
            _("row 31"),
            _("The code 0412 stands there for the second time."),
            _("Correct one of the two codes."),
            False,
            "sample.twice",
        ),
    ]


def _differences() -> list[Difference]:
    return [
        Difference("places.area", "1", "和平社区第一网格", {"name": "第1网格"}, {"name": "第一网格"}),
        Difference("places.area", "2", "新村社区第三网格", None, {"name": "第三网格", "code": "0203"}),
        Difference("places.area", "3", "河湾社区第四网格", {"name": "第四网格", "code": "0304"}, None),
    ]


def _jobs() -> list[SampleJob]:
    return [
        SampleJob(_("Import households"), "stopped", 182_400, 400_000, _("stopped by a person")),
        SampleJob(_("Import households"), "done", 400_000, 400_000),
        SampleJob(_("Rotate keys"), "failed", 0, 0, error=_("The key of 2025 is missing in the key folder.")),
    ]
