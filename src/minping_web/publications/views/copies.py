"""A certified copy of a card: for the person at once, for an office with a reason."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from minping_web.assessments.rules.words import page_language
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.publications.selectors.copies import card_to_copy, is_own
from minping_web.publications.services.copies import take_copy


class CopyForm(forms.Form):
    """In which language, and what for."""

    language = forms.ChoiceField(label=_("Language"), choices=(("zh", "中文"), ("en", "English")))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


@page(methods=("GET", "POST"))
def copy(request: ScopedRequest, publication_id: int, result_id: int) -> HttpResponse:
    """Ask, then download; whose card it is decides who may."""
    publication, result = card_to_copy(request.scope, publication_id, result_id)
    form = CopyForm(request.POST or None, initial={"language": page_language()})
    own = is_own(request.scope, result)
    if own:
        del form.fields["reason"]
    problems, status = [], 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            taken = take_copy(
                request.scope, publication, result, reason=given.get("reason", ""), language=given["language"]
            )
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            return _download(taken.content, taken.row.code)
    context = {"form": form, "problems": problems, "publication": publication, "result": result, "own": own}
    return render(request, "publications/copy.html", context, status=status)


def _download(content: bytes, code: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{code}.pdf") or "attachment"
    return response
