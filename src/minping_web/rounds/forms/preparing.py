"""Forms of a round that is prepared: list, basics, questionnaires, sample, seed, drawn value."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_engine.terms import AssesseeKind, label
from minping_web.common.scope import Scope
from minping_web.frames.models import Frame
from minping_web.frames.rules import Instrument
from minping_web.instruments.models import InstrumentVersion
from minping_web.places.models import Area
from minping_web.rounds.forms.fields import (
    ANY,
    MODES,
    DayInput,
    FrameField,
    MomentInput,
    count,
)
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import MOST_PER_AREA, MOST_REST, Design
from minping_web.rounds.rules.words import Reserves
from minping_web.rounds.services.drafting import Basics
from minping_web.schemes.selectors import library
from minping_web.schemes.selectors.library import page_language

LEVELS = ("responsibility_area", "grid", "community", "street")


class RoundFilterForm(forms.Form):
    """The list of rounds."""

    search = forms.CharField(label=_("Name"), required=False, max_length=80)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*ANY, *SurveyRound.State.choices])


class BasicsForm(forms.Form):
    """What a round is about."""

    name = forms.CharField(label=_("Name"), max_length=80)
    period = forms.RegexField(
        r"^\d{4}(Q[1-4]|H[12]|-\d\d)?$|^\w{1,12}$", label=_("Assessment period"), max_length=12,
        help_text=_("For example 2026Q4, 2026-11, 2026H2, 2026."),
    )  # fmt: skip
    scheme_id = forms.ChoiceField(label=_("Scheme"))
    frame = FrameField(
        label=_("Frame"), queryset=Frame.objects.none(),
        help_text=_("Only a sealed frame can be chosen: two persons seal it on the page of frames."),
    )  # fmt: skip
    level = forms.ChoiceField(label=_("Level that is rated"))
    subject = forms.ChoiceField(label=_("Who is rated"))
    opens_at = forms.DateTimeField(label=_("Votes from"), widget=MomentInput)
    closes_at = forms.DateTimeField(label=_("Votes until"), widget=MomentInput)
    is_pilot = forms.BooleanField(
        label=_("Pilot"), required=False,
        help_text=_("A trial in some places: its results are kept apart and decide nothing."),
    )  # fmt: skip

    def __init__(self, scope: Scope, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        schemes = [(one.id, one.title) for one in library(scope, state="questionnaire") if one.loaded]
        states = (Frame.State.SEALED, Frame.State.SEALING, Frame.State.DRAFT)
        fields: Any = self.fields
        fields["scheme_id"].choices = schemes
        fields["frame"].queryset = Frame.objects.filter(state__in=states).order_by("-pk")
        fields["level"].choices = [(one.value, one.label) for one in Area.Level if one.value in LEVELS]
        fields["subject"].choices = [(kind.value, label(kind, page_language())) for kind in AssesseeKind]

    @property
    def basics(self) -> Basics:
        """As the service takes it."""
        return Basics(**self.cleaned_data)


class QuestionnairesForm(forms.Form):
    """One questionnaire for each audience."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        versions = InstrumentVersion.objects.select_related("instrument").order_by("instrument__code", "-pk")
        for audience in Instrument:
            self.fields[audience.value] = forms.ModelChoiceField(
                label=audience.label, queryset=versions, required=False, empty_label=str(_("nobody asked"))
            )

    @property
    def versions(self) -> dict[str, int | None]:
        """Audience -> version."""
        return {name: one.pk if one else None for name, one in self.cleaned_data.items()}


class DesignForm(forms.Form):
    """How many are drawn, whom, and how they are asked."""

    everybody = forms.BooleanField(label=_("Ask every unit"), required=False)
    per_area = count(_("Units drawn in each area"), 1, MOST_PER_AREA, required=False)
    wanted = count(_("Answers wanted in each area"), 1, MOST_PER_AREA)
    audiences = forms.MultipleChoiceField(
        label=_("Whom"), choices=Instrument.choices, widget=forms.CheckboxSelectMultiple
    )
    special_ratio = count(
        _("Ordinary families to one special"), 0, 100,
        help_text=_("4 is the usual ratio; 0 draws them together."),
    )  # fmt: skip
    rest_rounds = count(
        _("Rest after being drawn, in rounds"), 0, MOST_REST,
        help_text=_("A household drawn in one of the last rounds comes last; where the area is too small for "
                    "that, the draw says so."),
    )  # fmt: skip
    randomised_percent = count(
        _("First way of asking by chance, per cent"), 0, 100,
        help_text=_("A small share by chance shows later what the way of asking itself changes in answers."),
    )  # fmt: skip
    reserves = forms.ChoiceField(label=_("Replacements"), choices=Reserves.choices)
    budget = forms.DecimalField(
        label=_("Budget for asking, yuan"), min_value=0, max_digits=12, decimal_places=2, required=False
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for audience in Instrument:
            self.fields[f"quota_{audience.value}"] = count(
                _("Quota: %(who)s") % {"who": audience.label}, 0, MOST_PER_AREA, required=False
            )
        for mode in MODES:
            self.fields[f"order_{mode.value}"] = forms.ChoiceField(
                label=mode.label, required=False, choices=[("", "–"), *((n, n) for n in range(1, 7))]
            )
            self.fields[f"response_{mode.value}"] = count(
                _("%(way)s: answers, per cent") % {"way": mode.label}, 0, 100
            )
            self.fields[f"price_{mode.value}"] = forms.DecimalField(
                label=_("%(way)s: price of one attempt, yuan") % {"way": mode.label},
                min_value=0, max_digits=8, decimal_places=2,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Either all, or a number; places in the order taken once."""
        found: dict[str, Any] = super().clean() or {}
        if not found.get("everybody") and not found.get("per_area"):
            self.add_error("per_area", _("Enter a number, or ask every unit."))
        places = [found.get(f"order_{mode.value}") for mode in MODES]
        taken = [place for place in places if place]
        if len(set(taken)) < len(taken):
            self.add_error(None, _("Two ways of asking have the same place in the order."))
        if not taken:
            self.add_error(None, _("Give at least one way of asking a place in the order."))
        return found

    def design(self, areas: tuple[int, ...] = ()) -> Design:
        """As the service takes it; `areas` stay as they were."""
        told = self.cleaned_data
        order = sorted((told[f"order_{mode.value}"], mode.value) for mode in MODES
                       if told.get(f"order_{mode.value}"))  # fmt: skip
        quotas = {one.value: told.get(f"quota_{one.value}") or 0 for one in Instrument}
        return Design(
            per_area=None if told["everybody"] else told["per_area"],
            wanted=told["wanted"],
            audiences=tuple(told["audiences"]),
            quotas={audience: quota for audience, quota in quotas.items() if quota},
            special_ratio=told["special_ratio"],
            modes=tuple(mode for _place, mode in order),
            randomised_percent=told["randomised_percent"],
            rest_rounds=told["rest_rounds"],
            response_percent={mode.value: told[f"response_{mode.value}"] for mode in MODES},
            price_fen={mode.value: round(told[f"price_{mode.value}"] * 100) for mode in MODES},
            budget_fen=round((told.get("budget") or 0) * 100),
            reserves=told["reserves"],
            areas=areas,
        )

    @property
    def mode_rows(self) -> list[tuple[Any, Any, Any, Any]]:
        """(label, place, response, price) as the table of ways shows them."""
        return [
            (mode.label, self[f"order_{mode.value}"], self[f"response_{mode.value}"],
             self[f"price_{mode.value}"])
            for mode in MODES
        ]  # fmt: skip

    @property
    def quota_fields(self) -> list[Any]:
        """One field for each audience."""
        return [self[f"quota_{audience.value}"] for audience in Instrument]


def design_start(design: Design) -> dict[str, Any]:
    """What the form shows of a saved design."""
    start: dict[str, Any] = {
        "everybody": design.per_area is None, "per_area": design.per_area, "wanted": design.wanted,
        "audiences": design.audiences, "special_ratio": design.special_ratio,
        "rest_rounds": design.rest_rounds, "randomised_percent": design.randomised_percent,
        "reserves": design.reserves, "budget": design.budget_fen / 100 if design.budget_fen else None,
    }  # fmt: skip
    for audience, quota in design.quotas.items():
        start[f"quota_{audience}"] = quota
    for mode in MODES:
        code = mode.value
        start[f"order_{code}"] = design.modes.index(code) + 1 if code in design.modes else ""
        start[f"response_{code}"] = design.response_percent.get(code, 0)
        start[f"price_{code}"] = f"{design.price_fen.get(code, 0) / 100:.2f}"
    return start


class SeedForm(forms.Form):
    """Which future public draw gives the seed."""

    seed_source = forms.CharField(
        label=_("Public draw that gives the seed"), max_length=200,
        help_text=_("Name it so that anybody finds the result, for example a national lottery with the "
                    "number of the draw."),
    )  # fmt: skip
    seed_on = forms.DateField(label=_("Day of the public draw"), widget=DayInput)
    seed_form = forms.CharField(
        label=_("Spelling of the value"), max_length=60,
        help_text=_("# stands for one digit, everything else for itself."),
    )  # fmt: skip
    seed_fallback = forms.CharField(label=_("If that draw does not take place"), max_length=200)
    seed_fallback_form = forms.CharField(label=_("Spelling of the other value"), max_length=60)

    def clean_seed_form(self) -> str:
        """Enough digits that nobody can try all values beforehand."""
        return self._form("seed_form")

    def clean_seed_fallback_form(self) -> str:
        """As above."""
        return self._form("seed_fallback_form")

    def _form(self, name: str) -> str:
        text = str(self.cleaned_data[name])
        if text.count("#") < 6:
            raise forms.ValidationError(_("At least six digits: write # for each."))
        if not text.isascii():
            raise forms.ValidationError(_("Only #, Latin letters, digits and blanks."))
        return text


class ValueForm(forms.Form):
    """What the public draw gave, typed twice."""

    value = forms.CharField(label=_("Drawn value"), max_length=200, strip=False)
    again = forms.CharField(label=_("Drawn value, once more"), max_length=200, strip=False)
    is_fallback = forms.BooleanField(label=_("The other draw was used"), required=False)
    protocol = forms.CharField(
        label=_("Protocol of the other draw"), required=False, max_length=500,
        help_text=_("Why it was needed, who was there, where the protocol is kept."),
    )  # fmt: skip

    def clean_again(self) -> str:
        """Equal to the first."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("value"):
            raise forms.ValidationError(_("The two values differ."))
        return again
