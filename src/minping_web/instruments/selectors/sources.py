"""Where a questionnaire may come from: those of frozen schemes; and how far a content fits its scheme."""

from __future__ import annotations

from minping_engine.errors import MinpingError, Place, Problem, Severity
from minping_engine.scheme import Instrument as SchemeInstrument
from minping_engine.scheme import Scheme
from minping_web.common.scope import Scope
from minping_web.instruments.models import InstrumentVersion
from minping_web.instruments.rules.drafting import differs_from
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.selectors import loaded, scheme_versions
from minping_web.schemes.selectors.library import page_language

Found = tuple[SchemeVersion, SchemeInstrument, str]


def scheme_questionnaires(scope: Scope) -> list[Found]:
    """(frozen scheme, its questionnaire, title in the language of the page), newest schemes first."""
    found: list[Found] = []
    for version in scheme_versions(scope):
        try:
            forms = loaded(version).scheme.instruments
        except MinpingError:  # told on the page of that version
            continue
        found += [(version, form, form.title.of(page_language())) for form in forms]
    return found


def unfit_for_scheme(version: InstrumentVersion, scheme_version: SchemeVersion) -> list[Problem]:
    """`unfit_for` of a frozen scheme, from its own files."""
    return unfit_for(version, loaded(scheme_version).scheme)


def unfit_for(version: InstrumentVersion, scheme: Scheme) -> list[Problem]:
    """Why a round of this scheme could not count the answers: another code or version, or other items.

    Texts may differ (a clearer wording), meanings may not. Empty when everything fits.
    """
    content = version.content
    forms = {form.id: form for form in scheme.instruments}
    form = forms.get(content["id"])
    if form is None:
        known = ", ".join(forms)
        return [
            Problem("instruments.not_of_scheme", Place(key="id"), {"name": content["id"], "known": known})
        ]
    if form.version != version.version:
        params: dict[str, object] = {"wanted": form.version, "found": version.version}
        return [Problem("instruments.version_of_scheme", Place(key="version"), params)]
    return [
        Problem("instruments.item_of_scheme", Place(key="items"), {"name": name})
        for name in differs_from(content, form)
    ]


def scheme_findings(version: InstrumentVersion) -> list[Problem]:
    """The same as advice, while a draft that came from a scheme is written."""
    if version.scheme_version is None:
        return []
    found = unfit_for_scheme(version, version.scheme_version)
    return [Problem(one.code, one.place, one.params, Severity.WARNING) for one in found]
