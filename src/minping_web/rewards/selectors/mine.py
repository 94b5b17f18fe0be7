"""What follows from one's own result: for the person, and for offices where the scheme shows them money."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from minping_web.assessments.models import AssessedResult
from minping_web.common.scope import Scope
from minping_web.organisations.rules import yuan
from minping_web.rewards.models import Line
from minping_web.rewards.rules.words import Change, LineState, SheetState
from minping_web.rewards.selectors.periods import lines_of_person
from minping_web.schemes.selectors.versions import loaded

OWN, OFFICE, DISTRICT = "results.own", "results.view", "rewards.view"


@dataclass(frozen=True)
class ResultBlock:
    """A block on the pages of a result; `results` reads these attributes."""

    title: str
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    tone: str = ""


def own_lines(scope: Scope, year: str = "") -> QuerySet[Line]:
    """Lines of the signed-in person; none for who is no person of the register."""
    if scope.person_id is None or not scope.may(OWN):
        return Line.objects.none()
    return lines_of_person(scope.person_id, year)


def own_line(scope: Scope, line_id: int) -> Line:
    """One of them, else 404."""
    return get_object_or_404(own_lines(scope), pk=line_id)


def state_words(line: Line) -> str:
    """How far a consequence is, for the person."""
    if line.state == LineState.WITHHELD:
        return _("withheld: %(reason)s") % {"reason": line.withheld_reason}
    if not line.sheet.is_signed:
        return _("proposed by the rule, not signed yet")
    taken = next(iter(line.sheet.exports.all()), None)
    if line.sheet.has_money and taken:
        return _("signed; handed to payroll on %(day)s") % {"day": localdate(taken.at).isoformat()}
    return _("signed on %(day)s") % {"day": localdate(line.sheet.signed_at).isoformat()}


def amount_words(line: Line) -> str:
    """The amount, or what it does, in words."""
    if line.change == Change.WITHDRAWN and not line.sheet.has_money:
        return _("taken back")
    if line.fen is None:
        return _("without money")
    told = _("%(yuan)s yuan") % {"yuan": yuan(line.fen)}
    if not line.sheet.has_money:
        return _("%(yuan)s yuan named, not paid by this sheet") % {"yuan": yuan(line.fen)}
    if line.before_fen is None:
        return told
    after = _("%(yuan)s yuan") % {"yuan": yuan(line.after_fen or 0)}
    return _("difference %(difference)s, now %(after)s in all") % {"difference": told, "after": after}


def result_block(scope: Scope, result_id: int) -> ResultBlock | None:
    """What follows from a result, for its person and the district's office; None where nothing may be shown.

    Street and community see it only where the scheme publishes money to the office.
    """
    published = AssessedResult.objects.exclude(run__publication=None)
    result = published.select_related("run__scheme", "area").filter(pk=result_id).first()
    if result is None or not _may_read(scope, result):
        return None
    lines = list(
        Line.objects.filter(assessee_id=result.assessee_id, sheet__publication__round=result.run.round_id)
        .exclude(sheet__state=SheetState.REPLACED)
        .exclude(state=LineState.MOVED)
        .select_related("sheet")
        .prefetch_related("sheet__exports")
        .order_by("sheet_id")
    )
    return _block(scope, result, lines) if lines else None


def _may_read(scope: Scope, result: AssessedResult) -> bool:
    if result.person_id is not None and result.person_id == scope.person_id and scope.may(OWN):
        return True
    if scope.may_everywhere(DISTRICT):
        return True
    published = loaded(result.run.scheme, demo=settings.DEMO).scheme.publication
    shown = published is not None and "office" in published.to and "money" in published.what
    return shown and result.area is not None and scope.may(OFFICE, result.area.path)


def _block(scope: Scope, result: AssessedResult, lines: list[Line]) -> ResultBlock:
    is_own = result.person_id is not None and result.person_id == scope.person_id
    facts = tuple((line.sheet.text, f"{amount_words(line)} · {state_words(line)}") for line in lines)
    said = [
        _("The rule: %(rule)s") % {"rule": rule}
        for rule in dict.fromkeys(one.sheet.rule_words for one in lines)
    ]
    said.append(_("A person signs before anything is paid or holds. A corrected result makes a difference."))
    links = []
    if is_own:
        links.append((_("All that follows, with its numbers; say something to it"), reverse("rewards:mine")))
    elif scope.may_everywhere(DISTRICT):
        links += [(line.sheet.text, reverse("rewards:sheet", args=[line.sheet_id])) for line in lines]
    return ResultBlock(_("What follows from this result"), tuple(said), facts, tuple(links))
