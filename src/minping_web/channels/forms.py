"""Forms of channels: what a page asks, checked before a service is called."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minping_web.channels.models import ChannelRules, MessageBatch, PrintRun, Provider, Signature
from minping_web.channels.models.text import Approved
from minping_web.channels.rules.phones import mobile
from minping_web.channels.services.carriers.template import HttpTemplate

ANY = [("", _("any"))]
GAPS = _("Gaps: {link} the household's link, {place} its place, {until} the last day.")


class BatchFilterForm(forms.Form):
    """Narrow the list of batches."""

    state = forms.ChoiceField(label=_("State"), choices=[*ANY, *MessageBatch.State.choices], required=False)
    purpose = forms.ChoiceField(
        label=_("Used for"), choices=[*ANY, *MessageBatch.Purpose.choices], required=False
    )
    q = forms.CharField(label=_("Title"), max_length=60, required=False)


class RunFilterForm(forms.Form):
    """Narrow the list of print runs."""

    q = forms.CharField(label=_("Title"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("State"), choices=[*ANY, *PrintRun.State.choices], required=False)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class SignatureForm(forms.Form):
    """A new signature."""

    name = forms.CharField(label=_("Signature without brackets"), max_length=20)
    filed_as = forms.CharField(label=_("Filed with the carrier as"), max_length=80)


class TextForm(forms.Form):
    """A new text."""

    title = forms.CharField(label=_("Name of the text"), max_length=80)
    purpose = forms.ChoiceField(label=_("Used for"), choices=MessageBatch.Purpose.choices)


class VersionForm(forms.Form):
    """A wording in two languages."""

    signature = forms.ModelChoiceField(
        label=_("Signature"), queryset=Signature.objects.exclude(state="retired"), empty_label=None
    )
    zh = forms.CharField(
        label=_("Chinese"), max_length=400, widget=forms.Textarea({"rows": 3}), help_text=GAPS
    )
    en = forms.CharField(
        label=_("English"), max_length=700, widget=forms.Textarea({"rows": 3}), help_text=GAPS
    )


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """Rules that hold for every message."""

    class Meta:
        model = ChannelRules
        fields = ("quiet_until", "quiet_from", "most_per_number", "stop_word", "telephone")
        help_texts = {
            "quiet_until": _("No message leaves before this hour."),
            "quiet_from": _("No message leaves from this hour on; what waits goes on in the morning."),
            "most_per_number": _("Invitation and reminders together; whoever had them gets no more."),
            "stop_word": _(
                "Stands at the end of each message. A reply with it ends messages to that number."
            ),
            "telephone": _("Shown on the public page “is this message real?”."),
        }


class NumberForm(forms.Form):
    """A number that is to be left alone, or wants messages again."""

    phone = forms.CharField(label=_("Mobile number"), max_length=30)
    wish = forms.ChoiceField(
        label=_("Wish"), choices=[("stop", _("wants no messages")), ("again", _("wants messages again"))]
    )

    def clean_phone(self) -> str:
        """Digits; an error that does not repeat the number."""
        return _number(self.cleaned_data["phone"])


class TrialForm(forms.Form):
    """Where a trial message goes."""

    phone = forms.CharField(
        label=_("Your own mobile number"), max_length=30,
        help_text=_("It is not kept. Never type the number of a resident: they get a real invitation."),
    )  # fmt: skip

    def clean_phone(self) -> str:
        """Digits; an error that does not repeat the number."""
        return _number(self.cleaned_data["phone"])


class TextFilterForm(forms.Form):
    """Narrow the list of texts."""

    q = forms.CharField(label=_("Name or words"), max_length=60, required=False)
    purpose = forms.ChoiceField(
        label=_("Used for"), choices=[*ANY, *MessageBatch.Purpose.choices], required=False
    )
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.input_type = "search"
        choices = [*ANY, *Approved.choices, ("none", _("no wording yet"))]
        self.fields["state"].choices = choices  # type: ignore[attr-defined]


class StopForm(forms.Form):
    """Residents end messages to their own number."""

    phone = forms.CharField(label=_("Your mobile number"), max_length=30)
    code = forms.CharField(
        label=_("Code of the message"), max_length=80,
        help_text=_("The last part of the link in the message."),
    )  # fmt: skip

    def clean_phone(self) -> str:
        """Digits."""
        return _number(self.cleaned_data["phone"])


class AskForm(forms.Form):
    """What somebody got."""

    text = forms.CharField(
        label=_("The message, or its first words"), max_length=600, required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Nothing of it is stored. You may leave out the link."),
    )  # fmt: skip
    code = forms.CharField(
        label=_("Or the code of a letter"), max_length=80, required=False,
        help_text=_("The groups of four below the square code."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """One of both."""
        data = super().clean() or {}
        if not data.get("text") and not data.get("code"):
            raise forms.ValidationError(_("Type the first words of the message, or the code of the letter."))
        return data


class ProviderForm(forms.Form):
    """A provider and, where it has an HTTP interface, how that is spoken to."""

    title = forms.CharField(label=_("Name"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=Provider.Kind.choices)
    state = forms.ChoiceField(label=_("State"), choices=Provider.State.choices)
    number = forms.CharField(
        label=_("Sender's number"), max_length=30, required=False,
        help_text=_("Shown on the public page “is this message real?”."),
    )  # fmt: skip
    price_li = forms.IntegerField(
        label=_("Price of a part (li, a tenth of a fen)"), min_value=0, max_value=100_000, initial=45
    )
    per_second = forms.IntegerField(label=_("Messages a second"), min_value=1, max_value=1000, initial=20)
    per_day = forms.IntegerField(
        label=_("Messages a day"), min_value=1, max_value=10_000_000, initial=200_000
    )
    idempotent = forms.BooleanField(
        label=_("Sends a repeated message once"), required=False,
        help_text=_(
            "Only if the carrier promises it for equal keys. Otherwise a person decides about messages "
            "whose answer was lost."
        ),
    )  # fmt: skip
    url = forms.CharField(label=_("Address of the interface"), max_length=300, required=False)
    headers = forms.CharField(
        label=_("Headers, one a line"), max_length=2000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("Gaps: {secret} from the key folder, {key} the message's own key."),
    )  # fmt: skip
    content = forms.ChoiceField(
        label=_("Kind of body"), required=False,
        choices=[("application/json", "JSON"), ("application/x-www-form-urlencoded", _("form"))],
    )  # fmt: skip
    body = forms.CharField(
        label=_("Body of a request"), max_length=4000, required=False, widget=forms.Textarea({"rows": 4}),
        help_text=_("Gaps: {phone}, {text}, {key}, {secret}. In JSON put them into quotation marks."),
    )  # fmt: skip
    success_path = forms.CharField(
        label=_("Where the answer says how it went"), max_length=80, required=False, initial="code"
    )
    success_value = forms.CharField(
        label=_("What it says when it went well"), max_length=80, required=False, initial="0"
    )
    ref_path = forms.CharField(
        label=_("Where the carrier's number of the message stands"),
        max_length=80,
        required=False,
        initial="id",
    )
    later_values = forms.CharField(
        label=_("What it says when it is too busy"),
        max_length=200,
        required=False,
        help_text=_("Several by comma."),
    )
    receipts_url = forms.CharField(
        label=_("Address of receipts, if they are asked for"), max_length=300, required=False
    )
    receipts_path = forms.CharField(
        label=_("Where the list of receipts stands"), max_length=80, required=False, initial="receipts"
    )
    receipt_ref = forms.CharField(
        label=_("Number of the message in a receipt"), max_length=80, required=False, initial="id"
    )
    receipt_status = forms.CharField(
        label=_("State in a receipt"), max_length=80, required=False, initial="status"
    )
    delivered_values = forms.CharField(
        label=_("States that mean delivered"), max_length=200, required=False, initial="delivered"
    )
    pending_values = forms.CharField(
        label=_("States that mean not yet"), max_length=200, required=False, initial="pending"
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)

    @property
    def http_fields(self) -> list[forms.BoundField]:
        """What only an HTTP interface needs: shown apart, so that a folder asks no address."""
        return [self[name] for name in self.fields if name in HttpTemplate.__dataclass_fields__]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """All others but the reason, which stands last."""
        apart = {*HttpTemplate.__dataclass_fields__, "reason"}
        return [self[name] for name in self.fields if name not in apart]

    @property
    def speaks_http(self) -> bool:
        """Whether the fields of an interface are shown open."""
        wrong = any(name in self.errors for name in HttpTemplate.__dataclass_fields__)
        return wrong or self["kind"].value() == Provider.Kind.HTTP

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        data = dict(self.cleaned_data)
        names = HttpTemplate.__dataclass_fields__.keys() & data.keys()
        config = {name: data.pop(name) for name in sorted(names) if data[name] != ""}
        del data["reason"]
        return data | {"config": config if data["kind"] == Provider.Kind.HTTP else {}}


class NewProviderForm(ProviderForm):
    """A provider that is not there yet."""

    name = forms.SlugField(label=_("Short name"), max_length=20)
    field_order = ["name"]


def _number(text: str) -> str:
    phone = mobile(text)
    if not phone:
        raise forms.ValidationError(_("This is no mobile number."))
    return phone
