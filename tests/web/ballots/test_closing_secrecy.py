"""Before closing nobody can read an answer, and no key of the database leads from a ballot to a household."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from minping_web.ballots.models import (
    BallotSlot,
    CountedReceipt,
    OpenBallot,
    PaperSheet,
    SealedComment,
    SpentWork,
)
from minping_web.frames.models import Unit, UnitContact
from minping_web.people.models import Person
from minping_web.rounds.models import Invitation, InvitationToken, SampledUnit
from tests.web.factories import SmallDistrict
from tests.web.rounds.factory import open_round
from tests.web.snapshots import factory

BALLOTS = (BallotSlot, OpenBallot, CountedReceipt, SealedComment, PaperSheet, SpentWork)
HOUSEHOLDS = {Unit, UnitContact, Invitation, InvitationToken, SampledUnit, Person}
PLAIN = {
    "RoundClosing.counts": "numbers of areas, after the count",
    "RoundClosing.problem": "a code with numbers",
    "RoundKey.holders": "numbers of custodians",
}
"""Columns of free form in `ballots`, and why they hold no answer."""


def reachable(model: type[models.Model]) -> set[type[models.Model]]:
    """Every model that keys lead to."""
    found: set[type[models.Model]] = set()
    waiting = [model]
    while waiting:
        for field in waiting.pop()._meta.get_fields():
            target = field.related_model if field.concrete and field.is_relation else None
            if isinstance(target, type) and target not in found:
                found.add(target)
                waiting.append(target)
    return found


@pytest.mark.parametrize("model", BALLOTS)
def test_no_key_leads_from_a_ballot_to_a_household(model: type[models.Model]) -> None:
    assert not reachable(model) & HOUSEHOLDS


def test_the_walk_over_keys_would_find_one() -> None:
    assert Invitation in reachable(InvitationToken)
    assert Unit in reachable(UnitContact)


@pytest.mark.parametrize("model", BALLOTS)
def test_nothing_points_at_a_ballot(model: type[models.Model]) -> None:
    assert not [one for one in apps.get_models() if one is not model and model in reachable(one)]


def test_a_slot_has_no_column_but_those_of_the_design() -> None:
    assert {field.column for field in BallotSlot._meta.concrete_fields} == {
        "h2", "round_id", "rev", "form_mac", "sealed",
    }  # fmt: skip


def test_no_table_of_ballots_has_a_column_that_could_hold_plain_answers() -> None:
    free = (models.JSONField, models.TextField)
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("ballots").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, free)
    }
    assert found == set(PLAIN)
    counts = [
        field.name
        for model in BALLOTS
        for field in model._meta.concrete_fields
        if isinstance(field, models.IntegerField) and not field.is_relation and not field.primary_key
    ]
    assert set(counts) == {"rev", "comment_number", "number"} & set(counts)


@pytest.mark.sqlite
@pytest.mark.django_db
def test_no_table_holds_the_words_of_an_answer_before_closing(district: SmallDistrict) -> None:
    ready = open_round(district, n=2)
    words = "独一无二的一句话"
    for token in ready.all_tokens:
        assert factory.vote(token, (5, 5, 5, 5, 5), comment=words).receipt
    seen = 0
    for name in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{name}"')
            for row in cursor.fetchall():
                seen += 1
                text = b" ".join(
                    bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row
                )
                assert words.encode() not in text, name
                assert b'"q1":5' not in text.replace(b" ", b""), name
                assert not any(token.encode() in text for token in ready.all_tokens), name
    assert seen > len(ready.all_tokens)
