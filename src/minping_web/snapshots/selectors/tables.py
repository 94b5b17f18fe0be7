"""Sources of the tables about places, people and instruments (snapshot contract).

In: the facts of a round, the merges of its closing. Out: arrow tables. Assessees have ids of their own that
stay the same over rounds and are no staff numbers; nothing here names a household.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from minping_engine.terms import AreaLevel, AssesseeKind
from minping_web.people.models import Person
from minping_web.people.selectors.postings import postings_between
from minping_web.places.models import Area
from minping_web.places.rules.levels import CLASS_IN_SCHEMES
from minping_web.snapshots.rules.sources import Source
from minping_web.snapshots.selectors.facts import RoundFacts
from minping_web.snapshots.selectors.fieldwork_tables import dispositions, margins, sample
from minping_web.snapshots.selectors.ground import area_covariates, areas_of
from minping_web.snapshots.selectors.serving import serving_rows, serving_spans
from minping_web.snapshots.selectors.spread import Spread

PEOPLE = frozenset({AssesseeKind.COMMUNITY_WORKER.value, AssesseeKind.PERSON.value})
ORGANISATION = AssesseeKind.ORGANISATION.value
HOME = AreaLevel.COMMUNITY.value
"""A worker's card is one of the community."""


def areas(facts: RoundFacts, spread: Spread) -> pa.Table:
    """The districts of the rated areas with everything in them, as it stands at the end of the period."""
    listed = areas_of(facts)
    code_of = {area.pk: area.code for area in listed}
    return pa.table(
        {
            "area_id": [area.code for area in listed],
            "parent_id": pa.array([code_of.get(area.parent_id or 0) for area in listed], pa.string()),
            "level": [area.level for area in listed],
            "name": [area.name for area in listed],
            "area_kind": pa.array([area.kind or None for area in listed], pa.string()),
            "area_class": pa.array([CLASS_IN_SCHEMES.get(area.area_class) for area in listed], pa.string()),
            "urban_rural": pa.nulls(len(listed), pa.string()),
        }
    )


def targets(facts: RoundFacts, spread: Spread) -> pa.Table:
    """One target for each area of the round."""
    return pa.table(
        {
            "target": pa.array(range(len(facts.areas)), pa.int32()),
            "area_id": pa.array([area.code for area in facts.areas], pa.string()),
            "subject": pa.array([facts.round.subject] * len(facts.areas), pa.string()),
        }
    )


def assessees(facts: RoundFacts, spread: Spread) -> pa.Table:
    """Who is rated: people by postings, organisations by contracts, else the areas themselves."""
    rows = _people(facts) if facts.round.subject in PEOPLE else [
        (area.code, facts.round.subject, area.name, area.code) for area in facts.areas
    ]  # fmt: skip
    if facts.round.subject == ORGANISATION:
        rows = serving_rows(facts)
    return _text_table(("assessee_id", "kind", "name", "area_id"), rows)


def _people(facts: RoundFacts) -> list[tuple[str, str, str, str]]:
    shares: dict[int, Counter[str]] = defaultdict(Counter)
    homes = _homes(facts)
    for target, person, _from, _to, share in _spans(facts):
        shares[person][homes[target]] += share
    names = dict(Person.objects.filter(pk__in=list(shares)).values_list("pk", "name"))
    return [
        (person_id(pk), facts.round.subject, names[pk], min(at, key=lambda code: (-at[code], code)))
        for pk, at in sorted(shares.items())
    ]


def _homes(facts: RoundFacts) -> list[str]:
    """The community of each target; the rated area itself where none lies around it."""
    around = {pk for area in facts.areas for pk in area.ancestor_ids}
    communities = dict(Area.objects.filter(pk__in=around, level=HOME).values_list("pk", "code"))
    return [
        next((communities[pk] for pk in reversed(area.ancestor_ids) if pk in communities), area.code)
        for area in facts.areas
    ]


def person_id(person: int) -> str:
    """The id of a person in snapshots: the same in every round, and no staff number."""
    return f"P{person:06d}"


def postings(facts: RoundFacts, spread: Spread) -> pa.Table:
    """Targets to assessees with their share of the period in thousandths."""
    first, _last = facts.days
    if facts.round.subject in PEOPLE:
        rows = [(t, person_id(p), a, b, share) for t, p, a, b, share in _spans(facts)]
    elif facts.round.subject == ORGANISATION:
        rows = serving_spans(facts)
    else:
        rows = [(at, area.code, first, None, 1000) for at, area in enumerate(facts.areas)]
    return pa.table(
        {
            "target": pa.array([row[0] for row in rows], pa.int32()),
            "assessee_id": pa.array([row[1] for row in rows], pa.string()),
            "from_day": pa.array([row[2] for row in rows], pa.date32()),
            "to_day": pa.array([row[3] for row in rows], pa.date32()),
            "share": pa.array([row[4] for row in rows], pa.int32()),
        }
    )


def _spans(facts: RoundFacts) -> list[tuple[int, int, Any, Any, int]]:
    """(target, person, first day, last day, share) of those in charge; below a thousandth: left out."""
    found: dict[tuple[int, int, Any], tuple[Any, int]] = {}
    for span in postings_between(*facts.days):
        target = facts.target_of.get(span.area_id)
        if target is not None and span.share_per_mille:
            key = (target, span.person_id, span.from_day)
            to_day, share = found.get(key, (span.to_day, 0))
            found[key] = (max(to_day, span.to_day), share + span.share_per_mille)
    return [(t, p, start, end, share) for (t, p, start), (end, share) in sorted(found.items())]


def cell_variables(facts: RoundFacts, spread: Spread) -> pa.Table:
    """What the frame knows and what ballots tell, each with a last level for the rest."""
    rows = [
        (one.name, level, one.known, *labels)
        for one in (*facts.frame_variables, *facts.about_variables)
        for level, labels in enumerate(one.all_labels)
    ]
    names = ("variable", "level", "known", "label_zh", "label_en")
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    return table.set_column(1, "level", table["level"].cast(pa.int16()))


def item_codes(facts: RoundFacts, spread: Spread) -> pa.Table:
    """The answers that each questionnaire allowed, as they were read."""
    rows = [
        (form.key, item.id, answer.code, answer.label.zh, item.text.zh)
        for form in facts.questionnaires.values()
        for item in form.items
        for answer in item.answers
    ]
    return pa.table(
        {
            "instrument": pa.array([row[0] for row in rows], pa.string()),
            "item": pa.array([row[1] for row in rows], pa.string()),
            "code": pa.array([row[2] for row in rows], pa.int16()),
            "label": pa.array([row[3] for row in rows], pa.string()),
            "wording": pa.array([row[4] for row in rows], pa.string()),
        }
    )


def _text_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> pa.Table:
    listed = list(rows)
    return pa.table(
        {name: pa.array([row[at] for row in listed], pa.string()) for at, name in enumerate(names)}
    )


SOURCES: dict[str, Source] = {
    "areas": areas,
    "area_covariates": area_covariates,
    "assessees": assessees,
    "targets": targets,
    "postings": postings,
    "cell_variables": cell_variables,
    "item_codes": item_codes,
    "sample": sample,
    "dispositions": dispositions,
    "margins": margins,
}
"""What this app brings; `apps.ready` registers it."""
