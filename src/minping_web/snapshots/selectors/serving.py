"""Organisations as assessees of a survey: each answers for the areas that it serves by contract (S47, S49).

In: the facts of a round. Out: rows of the tables `assessees` and `postings`. Ids are those of rounds without
a survey.
"""

from __future__ import annotations

from datetime import date

from minping_web.organisations.models import Organisation
from minping_web.organisations.selectors import serving_between
from minping_web.snapshots.rules.ids import organisation_id
from minping_web.snapshots.selectors.facts import RoundFacts

WHOLE = 1000


def serving_rows(facts: RoundFacts) -> list[tuple[str, str, str, str]]:
    """(id, kind, name, area) of everybody who serves a rated area; at home, or in the first area served."""
    first: dict[int, str] = {}
    codes = {area.pk: area.code for area in facts.areas}
    for span in sorted(serving_between(facts.areas, *facts.days), key=lambda one: codes[one.area_id]):
        first.setdefault(span.organisation_id, codes[span.area_id])
    rows = Organisation.objects.filter(pk__in=first).order_by("pk")
    return [(organisation_id(one.pk), facts.round.subject, one.name, first[one.pk]) for one in rows]


def serving_spans(facts: RoundFacts) -> list[tuple[int, str, date, date | None, int]]:
    """(target, id, first day, last day, share of the period in thousandths)."""
    first, last = facts.days
    whole = (last - first).days + 1
    return [
        (facts.target_of[one.area_id], organisation_id(one.organisation_id), one.from_day, one.to_day, share)
        for one in serving_between(facts.areas, first, last)
        if (share := one.days * WHOLE // whole)
    ]
