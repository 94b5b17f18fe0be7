"""Drafts and frozen versions: made, edited, taken back, frozen once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from minping_engine.errors import MinpingError
from minping_engine.snapshot import json_sha256
from minping_web.common.scope import Scope
from minping_web.instruments.models import Instrument, InstrumentVersion
from minping_web.instruments.selectors import versions
from minping_web.instruments.selectors.content import frozen_questionnaire
from minping_web.instruments.selectors.sources import scheme_questionnaires, unfit_for_scheme
from minping_web.instruments.services import (
    NewInstrument,
    copy_version,
    delete_draft,
    freeze_instrument,
    from_content,
    from_scheme,
    go_back,
    new_instrument,
    save_content,
    undo_edit,
)
from minping_web.ledger.models import StagedEntry
from minping_web.schemes.services import freeze_version
from tests.web.instruments.factory import content

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau(act_as: Callable[..., Scope]) -> Scope:
    return act_as("district_bureau")


@pytest.fixture
def draft(bureau: Scope) -> InstrumentVersion:
    return from_content(bureau, content())


def codes(error: pytest.ExceptionInfo[MinpingError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def titled(draft: InstrumentVersion, title: str) -> dict[str, object]:
    return {**draft.content, "title": {"zh": title, "en": title}}


def title_of(draft: InstrumentVersion) -> str:
    draft.refresh_from_db()
    return str(draft.content["title"]["zh"])


@pytest.mark.sqlite
def test_a_questionnaire_of_a_frozen_scheme_keeps_items_points_and_version(bureau: Scope) -> None:
    """S5: five questions, a hundred points."""
    scheme = freeze_version(bureau, "gulou-worker", "2019.1")
    made = from_scheme(bureau, scheme, "gulou-worker")
    assert made.key == "gulou-worker@1"
    assert made.scheme_version == scheme
    assert unfit_for_scheme(made, scheme) == []
    read = made.questionnaire
    assert len(read.items) == 5
    assert sum(max(answer.points or 0 for answer in item.answers) for item in read.items) == 100
    assert read.comment is not None
    assert len(read.comment.fields) == 14


def test_the_three_questionnaires_of_a_scheme_can_be_taken_over(bureau: Scope) -> None:
    """S21."""
    scheme = freeze_version(bureau, "gulou-street", "2019.1")
    assert [form.id for _version, form, _title in scheme_questionnaires(bureau)] == [
        "street-elderly", "street-young", "street-units",
    ]  # fmt: skip
    for _version, form, _title in scheme_questionnaires(bureau):
        assert freeze_instrument(bureau, from_scheme(bureau, scheme, form.id).pk).sha256


def test_what_a_scheme_would_not_count_is_said_before_a_round(bureau: Scope) -> None:
    scheme = freeze_version(bureau, "gulou-worker", "2019.1")
    other_version = from_scheme(bureau, scheme, "gulou-worker", version="2")
    assert [one.code for one in unfit_for_scheme(other_version, scheme)] == ["instruments.version_of_scheme"]
    made = from_scheme(bureau, scheme, "gulou-worker")
    made.content["items"].pop()
    assert [one.code for one in unfit_for_scheme(made, scheme)] == ["instruments.item_of_scheme"]
    stranger = from_content(bureau, content())
    assert [one.code for one in unfit_for_scheme(stranger, scheme)] == ["instruments.not_of_scheme"]


def test_only_who_may_edit_everywhere_writes(act_as: Callable[..., Scope], draft: InstrumentVersion) -> None:
    for role in ("auditor", "survey_manager"):
        scope = act_as(role)
        with pytest.raises(PermissionDenied):
            save_content(scope, draft.pk, content(), seen=0)
        with pytest.raises(PermissionDenied):
            freeze_instrument(scope, draft.pk)
        assert list(versions(scope)) == [draft]
    assert list(versions(act_as("worker"))) == []


@pytest.mark.sqlite
def test_edits_are_taken_back_one_after_the_other(bureau: Scope, draft: InstrumentVersion) -> None:
    for number, title in enumerate(("一", "二", "三")):
        save_content(bureau, draft.pk, titled(draft, title), seen=number)
    assert [undo_edit(bureau, draft.pk).content["title"]["zh"] for _ in range(3)] == ["二", "一", "小区问卷"]
    with pytest.raises(MinpingError) as refused:
        undo_edit(bureau, draft.pk)
    assert codes(refused) == ["instruments.nothing_to_undo"]


def test_going_back_can_be_taken_back_itself(bureau: Scope, draft: InstrumentVersion) -> None:
    for number, title in enumerate(("一", "二", "三")):
        save_content(bureau, draft.pk, titled(draft, title), seen=number)
    go_back(bureau, draft.pk, 1)
    assert title_of(draft) == "小区问卷"
    undo_edit(bureau, draft.pk)
    assert title_of(draft) == "三"


@pytest.mark.sqlite
def test_nobody_writes_over_what_somebody_else_saved_meanwhile(
    bureau: Scope, draft: InstrumentVersion
) -> None:
    save_content(bureau, draft.pk, titled(draft, "先"), seen=0)
    with pytest.raises(MinpingError) as refused:
        save_content(bureau, draft.pk, titled(draft, "后"), seen=0)
    assert codes(refused) == ["instruments.edited_meanwhile"]
    assert title_of(draft) == "先"


def test_saving_what_stands_there_already_is_no_edit(bureau: Scope, draft: InstrumentVersion) -> None:
    assert save_content(bureau, draft.pk, draft.content, seen=0).edit == 0
    assert draft.edits.count() == 0


def test_id_and_version_are_not_edited_away(bureau: Scope, draft: InstrumentVersion) -> None:
    saved = save_content(bureau, draft.pk, content() | {"id": "x", "version": "9"}, seen=0)
    assert saved.key == "estate@1"


@pytest.mark.sqlite
def test_freezing_writes_the_hash_of_the_content_and_an_entry(
    bureau: Scope, draft: InstrumentVersion
) -> None:
    """G3: the content is managed by version, nobody adds or drops items unapproved."""
    frozen = freeze_instrument(bureau, draft.pk)
    assert frozen.sha256 == json_sha256(draft.content)
    entry = StagedEntry.objects.get(kind="instrument.frozen")
    assert entry.record == {"instrument": "estate", "version": "1", "content": frozen.sha256, "scheme": ""}
    assert freeze_instrument(bureau, draft.pk) == frozen
    assert StagedEntry.objects.filter(kind="instrument.frozen").count() == 1
    assert frozen_questionnaire(frozen.sha256) == frozen.questionnaire


def test_freezing_refuses_all_errors_at_once(bureau: Scope, draft: InstrumentVersion) -> None:
    broken = content()
    broken["title"]["en"] = ""
    broken["items"][0]["answers"][0]["code"] = 4
    broken["items"][1]["answers"].pop()
    save_content(bureau, draft.pk, broken, seen=0)
    with pytest.raises(MinpingError) as refused:
        freeze_instrument(bureau, draft.pk)
    assert set(codes(refused)) >= {
        "instruments.english_missing", "instruments.code_twice", "instruments.sides_differ",
    }  # fmt: skip
    draft.refresh_from_db()
    assert draft.is_draft


@pytest.mark.sqlite
def test_a_frozen_version_is_not_written_deleted_or_taken_back(
    bureau: Scope, draft: InstrumentVersion
) -> None:
    freeze_instrument(bureau, draft.pk)
    for act in (
        lambda: save_content(bureau, draft.pk, content(3), seen=0),
        lambda: undo_edit(bureau, draft.pk),
        lambda: delete_draft(bureau, draft.pk),
    ):
        with pytest.raises(MinpingError) as refused:
            act()
        assert codes(refused) == ["instruments.not_draft"]
    with pytest.raises(DatabaseError), transaction.atomic():
        InstrumentVersion.objects.filter(pk=draft.pk).update(content=content(3))
    with pytest.raises(DatabaseError), transaction.atomic():
        InstrumentVersion.objects.filter(pk=draft.pk).update(state="draft")


def test_a_copy_is_the_next_version_and_free_to_be_written(bureau: Scope, draft: InstrumentVersion) -> None:
    freeze_instrument(bureau, draft.pk)
    made = copy_version(bureau, draft.pk)
    assert (made.version, made.content["version"], made.state) == ("2", "2", "draft")
    assert made.based_on == draft
    assert made.content["items"] == draft.content["items"]
    with pytest.raises(MinpingError) as refused:
        copy_version(bureau, draft.pk, version="1")
    assert codes(refused) == ["instruments.version_taken"]


def test_deleting_the_only_draft_frees_its_code(bureau: Scope, draft: InstrumentVersion) -> None:
    save_content(bureau, draft.pk, titled(draft, "一"), seen=0)
    delete_draft(bureau, draft.pk)
    assert not Instrument.objects.exists()
    assert new_instrument(bureau, NewInstrument("estate", "新问卷", "New")).version == "1"


def test_faults_of_a_new_questionnaire_are_told_together(bureau: Scope, draft: InstrumentVersion) -> None:
    with pytest.raises(MinpingError) as refused:
        new_instrument(bureau, NewInstrument("Estate!", "", version="1/2"))
    assert codes(refused) == ["instruments.code", "instruments.text_missing", "instruments.version"]
    with pytest.raises(MinpingError) as refused:
        new_instrument(bureau, NewInstrument("estate", "又一份"))
    assert codes(refused) == ["instruments.code_taken"]


def test_old_edits_fall_off_the_history(
    bureau: Scope, draft: InstrumentVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minping_web.instruments.services.drafts.KEPT_EDITS", 3)
    for number in range(5):
        save_content(bureau, draft.pk, titled(draft, str(number)), seen=number)
    assert [one.number for one in draft.edits.all()] == [5, 4, 3]
