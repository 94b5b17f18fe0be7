"""An objection from preview to a corrected result: won and lost, with real assessments (S8, D8, D11)."""

from __future__ import annotations

import pytest

from minping_web.ledger.models import StagedEntry
from minping_web.objections.models import Exclusion
from minping_web.objections.selectors import counts, hindrances, shows_preview
from minping_web.objections.selectors.differences import moved_between
from minping_web.objections.services.correcting import ask_for_correction, carry_out
from minping_web.objections.services.previews import open_preview
from minping_web.objections.services.reviewing import Decision, decide
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.selectors.register import manifest_of
from tests.web.objections import factory
from tests.web.objections.factory import Assessed

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db]


def codes(made: Assessed) -> list[str]:
    """What hinders publication."""
    return [one.code for one in hindrances(made.run)]


def test_a_won_objection_leaves_out_a_batch_and_both_results_stay(made: Assessed) -> None:
    """Preview, objection, check, decision, second signature, correction, difference, second preview."""
    assert codes(made) == ["objections.no_preview"]
    preview = factory.previewed(made)
    assert shows_preview(made.result())
    objection = factory.filed(made, "batch")
    assert codes(made) == ["objections.window_open", "objections.undecided"]
    objection = factory.checked(made, objection)
    decided = Decision("granted", "第7批为代答", batches=(7,), cause="fabricated")
    decide(factory.bureau(), objection, decided)
    factory.window_over(preview)
    assert codes(made) == ["objections.not_carried_out", "objections.exclusions_waiting"]
    factory.signed(Exclusion.objects.all())
    assert codes(made) == ["objections.not_carried_out", "objections.exclusions_not_carried"]
    correction = ask_for_correction(factory.bureau(), made.run)
    for _again in range(2):
        carry_out(correction.pk)
    correction.refresh_from_db()
    assert correction.state == "made", correction.problems
    _version_names_its_parent(made, correction.snapshot)
    new_run = factory.finished(correction.new_run)
    assert new_run.parent == made.run
    assert codes(made) == ["objections.newer_input"]
    moved = moved_between(made.run, new_run)
    assert [(one.name, one.before.ballots, one.after.ballots) for one in moved] == [("王试1", 34, 28)]
    assert moved[0].score_change > 0
    again = open_preview(factory.bureau(), new_run)
    assert again.concerned == [made.result().assessee_id]
    assert again.follows == preview
    assert not shows_preview(new_run.results.get(name="王试0"))
    factory.window_over(again)
    assert hindrances(new_run) == []
    told = counts(new_run)
    assert told["objections"] == {
        "all": 1,
        "open": 0,
        "granted": 1,
        "partly": 0,
        "refused": 0,
        "withdrawn": 0,
    }
    assert (told["exclusions"]["batches"], told["ballots_left_out"], told["corrections"]) == (1, 6, 1)
    assert made.run.results.count() == 2


def _version_names_its_parent(made: Assessed, version: SealedSnapshot) -> None:
    told = manifest_of(version)["import_rule"]["version"]
    assert told["parent_sha256"] == made.run.snapshot.sha256
    assert told["excluded_batches"] == [7]
    assert told["ballots_left_out"] == 6
    entry = StagedEntry.objects.get(kind="correction.made")
    assert entry.step_id in told["causes"]
    assert {"objection.decided", "exclusion.signed", "snapshot.version"} <= set(
        StagedEntry.objects.values_list("kind", flat=True)
    )
