"""Facts that the product knows already, so that nobody types them again (no double entry, G2)."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext as _

from minping_web.appraisals.models import EvidenceValue
from minping_web.appraisals.rules.words import ValueTable
from minping_web.appraisals.selectors.evidence import asked_of, assessees_of
from minping_web.common.clock import today
from minping_web.people.selectors.postings import postings_between
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.selectors.facts import facts_of
from minping_web.snapshots.selectors.tables import person_id

HOUSEHOLDS = "households"
Known = list[tuple[str, str, str, str]]
"""(assessee, what, value, source)."""


def known_values(found: SurveyRound) -> Known:
    """What the registers say of facts the scheme asks; values that somebody entered stay."""
    fact = asked_of(found).fact(HOUSEHOLDS)
    if fact is None or fact.unit != HOUSEHOLDS or fact.is_costly:
        return []
    rows = EvidenceValue.objects.filter(round=found, table=ValueTable.FACTS, name=HOUSEHOLDS)
    entered = set(rows.values_list("assessee_id", flat=True))
    source = _("register of places, %(day)s") % {"day": today().isoformat()}
    what = f"{ValueTable.FACTS}:{HOUSEHOLDS}"
    return [(who, what, str(n), source) for who, n in _households(found).items() if n and who not in entered]


def _households(found: SurveyRound) -> dict[str, int]:
    """Of the assessed place, or of the areas that the person answers for in the period."""
    people = assessees_of(found)
    codes = {one.area_code for one in people.values() if one.is_place}
    counts = {
        code: n or 0 for code, n in Area.objects.filter(code__in=codes).values_list("code", "households")
    }
    first, last = facts_of(found.pk).days
    served: dict[str, set[int]] = defaultdict(set)
    for span in postings_between(first, last):
        if person_id(span.person_id) in people:
            served[person_id(span.person_id)].add(span.area_id)
    wanted = {pk for areas in served.values() for pk in areas}
    of_area = dict(Area.objects.filter(pk__in=wanted).values_list("pk", "households"))
    for who, areas in served.items():
        if all(of_area.get(pk) for pk in areas):
            counts[who] = sum(of_area[pk] or 0 for pk in areas)
    return counts
