"""A closed round of two workers: one served well, one badly."""

from __future__ import annotations

from datetime import date

from minping_web.ballots.rules.words import Body
from minping_web.common.scope import system_scope
from minping_web.instruments.services.drafts import from_scheme
from minping_web.instruments.services.freezing import freeze_instrument
from minping_web.people.models import Person, Posting
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory as closing

N = 36
GOOD, BAD = (1, 1, 5, 5, 5), (2, 2, 2, 2, 2)


def open_for_two(district: SmallDistrict) -> OpenRound:
    """Two areas, each with its worker all year, a frozen scheme and its questionnaire."""
    scope = system_scope()
    scheme = freeze_version(scope, "gulou-worker", "2019.1")
    version = freeze_instrument(scope, from_scheme(scope, scheme, "gulou-worker").pk)
    areas = district.responsibility_areas[:2]
    for number, area in enumerate(areas):
        person = Person.objects.create(code=f"W{number}", name=f"王试{number}")
        Posting.objects.create(person=person, area=area, starts_on=date(2020, 1, 1))
    made = open_round(district, n=N, areas=areas, scheme=scheme, version=version)
    made.keepers = closing.three_keepers()  # type: ignore[attr-defined]
    closing.reseal(made)
    return made


def close_for_two(ready: OpenRound) -> SealedSnapshot:
    """Everybody of the first area is content; two of the second do not answer."""
    good, bad = (ready.tokens[area.pk] for area in ready.areas)
    instrument = f"{ready.version.instrument.code}@{ready.version.version}"
    for tokens, answers in ((good, GOOD), (bad[:-2], BAD)):
        for token in tokens:
            closing.vote(token, answers, instrument=instrument, about={})
    keepers = ready.keepers  # type: ignore[attr-defined]
    closing.end_voting(ready, keepers)
    closing.bring(ready, keepers[Body.THIRD_PARTY], keepers[Body.AUDITOR])
    closing.close(ready)
    return SealedSnapshot.objects.get(round=ready.round)
