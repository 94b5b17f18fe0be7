"""What a closing sealed, the engine assesses: from a vote to a score of a worker (`gulou-worker`)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from minping_engine.assessment import assess
from minping_engine.evidence import scheduler_named
from minping_engine.snapshot import TABLES, check_snapshot, open_snapshot
from minping_engine.terms import Disposition
from minping_web.ballots.rules.words import Body
from minping_web.common.clock import today
from minping_web.common.scope import system_scope
from minping_web.instruments.services.drafts import from_scheme
from minping_web.instruments.services.freezing import freeze_instrument
from minping_web.people.models import Person, Posting
from minping_web.places.models import Area, AreaCovariate
from minping_web.schemes.selectors.versions import loaded
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.sources import COUNTED, EMPTY, sources
from minping_web.snapshots.services.writing import snapshot_folder
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.django_db(transaction=True),
]
N = 36


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    factory.cheap_scrypt(monkeypatch)


def test_every_table_of_the_contract_has_a_source_or_is_declared_empty() -> None:
    known = {table.name for table in TABLES}
    assert sources().keys() | COUNTED | EMPTY == known
    assert not sources().keys() & (COUNTED | EMPTY)
    required = {table.name for table in TABLES if table.required}
    assert not required & EMPTY


@pytest.fixture
def ready(district: SmallDistrict) -> OpenRound:
    """Two areas, each with its worker all year, a frozen scheme and its questionnaire."""
    scope = system_scope()
    scheme = freeze_version(scope, "gulou-worker", "2019.1")
    version = freeze_instrument(scope, from_scheme(scope, scheme, "gulou-worker").pk)
    areas = district.responsibility_areas[:2]
    Area.objects.filter(pk=district.communities[0].pk).update(area_class="yi")
    _figures_are_known(areas[0])
    for number, area in enumerate(areas):
        person = Person.objects.create(code=f"W{number}", name=f"王试{number}")
        Posting.objects.create(person=person, area=area, starts_on=date(2020, 1, 1))
    made = open_round(district, n=N, areas=areas, scheme=scheme, version=version)
    made.keepers = factory.three_keepers()  # type: ignore[attr-defined]
    factory.reseal(made)
    return made


def _figures_are_known(area: Area) -> None:
    """Of one area; a figure of the year after the period does not count, nor a part larger than its whole."""
    Area.objects.filter(pk=area.pk).update(households=400)
    last = date(today().year, 9, 1)
    for name, value, day in (
        ("aged_60", 300, last.replace(year=last.year - 1)), ("aged_60", 250, last),
        ("residents_all", 1000, last), ("residents_all", 500, last.replace(year=last.year + 1)),
        ("low_income_households", 401, last),
    ):  # fmt: skip
        AreaCovariate.objects.create(area=area, name=name, value=value, as_of=day, source="统计年鉴")


def test_the_engine_assesses_what_was_sealed(ready: OpenRound, tmp_path: Path) -> None:
    """S7: from votes to the scores of two workers."""
    good, bad = (ready.tokens[area.pk] for area in ready.areas)
    instrument = f"{ready.version.instrument.code}@{ready.version.version}"
    for tokens, answers in ((good, (1, 1, 5, 5, 5)), (bad[:-2], (2, 2, 2, 2, 2))):
        for token in tokens:
            factory.vote(token, answers, instrument=instrument, about={})
    keepers = ready.keepers  # type: ignore[attr-defined]
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.THIRD_PARTY], keepers[Body.AUDITOR])
    factory.close(ready)
    folder = snapshot_folder() / SealedSnapshot.objects.get(round=ready.round).folder
    assert check_snapshot(folder) == ()
    snapshot = open_snapshot(folder)
    classes = {row["name"]: row["area_class"] for row in snapshot.table("areas").to_pylist()}
    assert classes["和平社区"] == "乙", "as conditions of schemes write it"
    scheme = loaded(ready.round.scheme, demo=True)  # type: ignore[arg-type]
    result = assess(snapshot, scheme, tmp_path, scheduler_named("serial"))
    scores = {row["name"]: row for row in result.tables["scores"].to_pylist()}
    assert {name: row["direct"] for name, row in scores.items()} == {"王试0": 100, "王试1": 15}
    assert {name: row["n_ballots"] for name, row in scores.items()} == {"王试0": N, "王试1": N - 2}
    assert {row["eligible"] for row in scores.values()} == {N} == {row["drawn"] for row in scores.values()}
    assert {row["n_rejected"] for row in scores.values()} == {0}
    _fieldwork_is_told(snapshot)


def _fieldwork_is_told(snapshot: object) -> None:
    dispositions = snapshot.table("dispositions")  # type: ignore[attr-defined]
    complete = dispositions.filter(pc.equal(dispositions["disposition"], Disposition.COMPLETE.value))
    unknown = dispositions.filter(
        pc.equal(dispositions["disposition"], Disposition.UNKNOWN_ELIGIBILITY.value)
    )
    assert (pc.sum(complete["n"]).as_py(), pc.sum(unknown["n"]).as_py()) == (2 * N - 2, 2)
    sample = snapshot.table("sample")  # type: ignore[attr-defined]
    assert (pc.sum(sample["eligible"]).as_py(), pc.sum(sample["drawn"]).as_py()) == (2 * N, 2 * N)
    shares = snapshot.table("postings")["share"].to_pylist()  # type: ignore[attr-defined]
    assert shares == [1000, 1000]
    levels = snapshot.table("areas")["level"].to_pylist()  # type: ignore[attr-defined]
    assert set(levels) == {"district", "street", "community", "grid", "responsibility_area"}
    rows = snapshot.table("area_covariates").to_pylist()  # type: ignore[attr-defined]
    known = {(row["area_id"], row["covariate"]): row["value"] for row in rows}
    first, second = snapshot.table("targets")["area_id"].to_pylist()  # type: ignore[attr-defined]
    assert known == {
        (first, "aged_60"): 250, (first, "residents_all"): 1000, (first, "low_income_households"): 401,
        (first, "share_aged_60"): 0.25, (first, "share_tenant"): 0.5, (second, "share_tenant"): 0.5,
    }  # fmt: skip
