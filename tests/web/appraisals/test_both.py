"""One round with ballots and marks: the year of contracted organisations; the residents' choice (S47, S49).

Households say what they think of the organisation that serves them; evaluators without an account mark by
link; a fact comes from the accounts. The numbers are worked out by hand below.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from django.test import Client, override_settings

from minping_engine.assessment import assess
from minping_engine.evidence import scheduler_named
from minping_engine.snapshot import TABLES, arrow_schema, open_snapshot
from minping_web.appraisals.models import CalledRater
from minping_web.appraisals.selectors.missing import state_of
from minping_web.appraisals.services.calls import CallDraft, make_call
from minping_web.appraisals.services.links import LinkDraft, issue_links
from minping_web.appraisals.services.sealing import ask_for_seal, carry_out
from minping_web.appraisals.services.values import ValueDraft, save_values
from minping_web.ballots.rules.words import Body
from minping_web.common.clock import today
from minping_web.common.scope import system_scope
from minping_web.instruments.services.drafts import from_scheme
from minping_web.instruments.services.freezing import freeze_instrument
from minping_web.organisations.models import Contract, ContractPlace, Organisation
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.selectors import serving
from minping_web.rounds.selectors.serving import serving_problems
from minping_web.schemes.selectors.versions import loaded
from minping_web.schemes.services.freezing import freeze_version
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules import sources as registry
from minping_web.snapshots.rules.ids import organisation_id
from minping_web.snapshots.selectors.facts import facts_of
from minping_web.snapshots.selectors.register import folder_of
from minping_web.snapshots.selectors.tables import assessees, postings
from tests.web import factories
from tests.web.appraisals import factory as evidence
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import OpenRound, open_round
from tests.web.snapshots import factory

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]
N = 30
"""Fewest ballots that are scored."""
QUARTERS = (("2019Q1", 88), ("2019Q2", 92), ("2019Q3", 90))
NAMES = ("便民一社", "便民二社")
(SCHEMA,) = (arrow_schema(table) for table in TABLES if table.name == "earlier_outcomes")


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    factory.cheap_scrypt(monkeypatch)


@pytest.fixture(autouse=True)
def _numbers_come_again() -> Iterator[None]:
    """Ids of rounds are used anew by other tests; what was told of them is forgotten before and after."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    serving.organisation_rated.cache_clear()
    serving._is_about_organisations.cache_clear()


def served(district: SmallDistrict, year: int) -> list[Organisation]:
    """Two organisations, each with the contract of one area."""
    bureau = factories.organisation("bureau", "试验区民政局")
    made = []
    for name, area in zip(NAMES, district.responsibility_areas, strict=False):
        body = factories.organisation("social_organisation", name)
        contract = Contract.objects.create(
            code=f"HT-{name}", subject="便民服务", principal=bureau, contractor=body,
            starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), amount_fen=1_000_000,
        )  # fmt: skip
        ContractPlace.objects.create(contract=contract, area=area)
        made.append(body)
    return made


def round_about(district: SmallDistrict, scheme_id: str, form: str, year: int, n: int) -> OpenRound:
    """An open round over two areas about the organisations that serve them."""
    scope = system_scope()
    scheme = freeze_version(scope, scheme_id, "2018.1")
    version = freeze_instrument(scope, from_scheme(scope, scheme, form).pk)
    made = open_round(district, n=n, areas=district.responsibility_areas[:2], scheme=scheme, version=version)
    SurveyRound.objects.filter(pk=made.round.pk).update(subject="organisation", period=str(year))
    made.round.refresh_from_db()
    return made


def earlier(who: list[Organisation]) -> pa.Table:
    """What publications bring: three quarters of both, 90 on average."""
    rows = [
        {"period": period, "scheme": "xiaoshi-organisation@2018.1", "assessee_id": organisation_id(one.pk),
         "score_micro": score * 1_000_000, "grade": "good", "grade_step": 2, "status": "assessed",
         "events": None}
        for period, score in QUARTERS for one in who
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, SCHEMA)


@pytest.mark.deep
def test_ballots_marks_and_a_fact_make_the_hand_computed_score_of_the_year(
    district: SmallDistrict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S47: closed ballots, a panel by link, the balance of the accounts, earlier quarters: one score each."""
    with override_settings(DEMO=True):
        bodies = served(district, 2019)
        ready = round_about(district, "xiaoshi-organisation-year", "xiaoshi-service", 2019, N)
        with monkeypatch.context() as patch:
            patch.setitem(registry._sources, "earlier_outcomes", lambda _facts, _spread: earlier(bodies))
            _voted(ready)
        _marked(ready, bodies)
        version = _sealed(ready)
        result = assess(
            open_snapshot(folder_of(version)), loaded(ready.round.scheme, demo=True), tmp_path,  # type: ignore[arg-type]
            scheduler_named("serial"),
        )  # fmt: skip
    scores = {row["assessee_id"]: row["score"] for row in result.tables["outcomes"].to_pylist()}
    assert scores == {organisation_id(one.pk): pytest.approx(hand(one.name)) for one in bodies}


def hand(name: str) -> float:
    """Quarters 90 x 0.4 = 36; the panel's mean x 0.3; the survey x 0.3: all 5 = 100, half 5, half 3 = 75."""
    panel, survey = {"便民一社": (85, 100), "便民二社": (70, 75)}[name]
    return 36 + panel * 0.3 + survey * 0.3


def _voted(ready: OpenRound) -> None:
    keepers = factory.three_keepers()
    factory.reseal(ready)
    instrument = f"{ready.version.instrument.code}@{ready.version.version}"
    good, fair = (ready.tokens[area.pk] for area in ready.areas)
    for at, token in enumerate([*good, *fair]):
        answers = (5, 5) if at < N or at % 2 else (3, 3)
        assert factory.vote(token, answers, instrument=instrument, about={}).receipt
    factory.end_voting(ready, keepers)
    factory.bring(ready, keepers[Body.THIRD_PARTY], keepers[Body.AUDITOR])
    factory.close(ready)
    ready.round.refresh_from_db()


def _marked(ready: OpenRound, bodies: list[Organisation]) -> None:
    """Seven evaluators by link: 82 to 88 for the first, 67 to 73 for the second; the balance in fen."""
    (bureau,) = evidence.of_role("district_bureau")
    scope = evidence.fresh(bureau)
    call = make_call(scope, ready.round, CallDraft("evaluators", today(), today()))
    for n, one in enumerate(issue_links(scope, call, LinkDraft(7))):
        marks = {f"mark:{organisation_id(body.pk)}:whole_year": str(least + n)
                 for body, least in zip(bodies, (82, 67), strict=True)}  # fmt: skip
        assert Client().post(f"/r/{one.token}/", {**marks, "hand_in": "1"}).status_code == 302
    assert CalledRater.objects.filter(handed_in_at__isnull=False).count() == 7
    drafts = [
        ValueDraft(organisation_id(one.pk), "facts:balance_fen", "100001", "年末台账") for one in bodies
    ]
    save_values(scope, ready.round, drafts)
    evidence.RaterCall.objects.update(
        opens_on=today() - timedelta(days=9), ends_on=today() - timedelta(days=1)
    )


def _sealed(ready: OpenRound) -> SealedSnapshot:
    (bureau,) = evidence.of_role("district_bureau")
    assert state_of(ready.round).missing == []
    seal = ask_for_seal(evidence.fresh(bureau), ready.round)
    carry_out(seal.pk, factory.Quiet())
    seal.refresh_from_db()
    assert seal.snapshot is not None, seal.problems
    return seal.snapshot


def test_a_vote_about_organisations_names_the_one_that_serves_and_needs_exactly_one(
    district: SmallDistrict,
) -> None:
    """S49: the household reads whom it is asked about; two in one area, or none, are named before the fix."""
    year = today().year
    bodies = served(district, year)
    ready = round_about(district, "xiaoshi-choice", "xiaoshi-choice", year, 2)
    first, second = ready.areas
    page = Client().get(f"/v/{ready.tokens[first.pk][0]}/").content.decode()
    assert "便民一社" in page
    assert "便民二社" not in page
    assert "您家愿意继续选择这家机构的服务吗" in page
    facts = facts_of(ready.round.pk)
    assert {row["name"] for row in assessees(facts, None).to_pylist()} == set(NAMES)  # type: ignore[arg-type]
    assert set(postings(facts, None)["share"].to_pylist()) == {1000}  # type: ignore[arg-type]
    assert serving_problems(system_scope(), ready.round) == []
    ContractPlace.objects.create(contract=Contract.objects.get(contractor=bodies[0]), area=second)
    ContractPlace.objects.filter(area=first).delete()
    told = {one.code: one.params["found"] for one in serving_problems(system_scope(), ready.round)}
    assert set(told) == {"round.nobody_serves", "round.two_serve"}
    assert "便民一社、便民二社" in str(told["round.two_serve"])
