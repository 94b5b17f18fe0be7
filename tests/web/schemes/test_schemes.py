"""Schemes: a library that reads in plain words, versions that are frozen once and stay."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from minping_engine.errors import MinpingError
from minping_engine.scheme import LoadedScheme, library_folder, load_scheme, scheme_ids
from minping_engine.snapshot import json_sha256
from minping_web.common.scope import Scope
from minping_web.ledger.models import StagedEntry
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.rules import package_sha256
from minping_web.schemes.selectors import entry_of, library, loaded, package_of, scheme_versions
from minping_web.schemes.services import end_pilot, freeze_version
from tests.web import factories
from tests.web.entering import sign_in

pytestmark = pytest.mark.django_db
GRADES = [
    {"grade": "A", "label": {"zh": "优秀", "en": "excellent"}, "from_points": 90},
    {"grade": "B", "label": {"zh": "良好", "en": "good"}, "from_points": 0},
]


@pytest.fixture
def bureau(act_as: Callable[..., Scope]) -> Scope:
    return act_as("district_bureau")


@pytest.fixture
def own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A library that a test may change: one scheme and the thresholds."""
    for name in ("gulou-worker", "jinshan-award", "common"):
        shutil.copytree(library_folder() / name, tmp_path / name)
    monkeypatch.setenv("MINPING_SCHEMES", str(tmp_path))
    return tmp_path


def codes(error: pytest.ExceptionInfo[MinpingError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


@pytest.mark.sqlite
def test_freezing_keeps_files_hash_and_an_entry_in_the_ledger(bureau: Scope) -> None:
    version = freeze_version(bureau, "gulou-worker", "2019.1", note="区考评办第 3 号")
    assert version.sha256 == package_sha256(package_of("gulou-worker"), {})
    assert version.content_sha256 == json_sha256(load_scheme("gulou-worker").content)
    entry = StagedEntry.objects.get(kind="scheme.frozen")
    assert entry.step_id == "scheme-gulou-worker-2019.1-r1-frozen"
    assert entry.record["package"] == version.sha256
    assert set(entry.record["files"]) >= {"scheme.yaml", "common/disclosure.yaml", "values/grade_bands.yaml"}


@pytest.mark.sqlite
def test_freezing_again_gives_the_same_row_and_no_second_entry(bureau: Scope) -> None:
    first = freeze_version(bureau, "gulou-worker", "2019.1")
    assert freeze_version(bureau, "gulou-worker", "2019.1") == first
    assert StagedEntry.objects.filter(kind="scheme.frozen").count() == 1


def test_only_who_may_freeze_everywhere_freezes(act_as: Callable[..., Scope], district: object) -> None:
    for role in ("auditor", "survey_manager"):
        with pytest.raises(PermissionDenied):
            freeze_version(act_as(role), "gulou-worker", "2019.1")


def test_another_version_than_the_library_holds_is_refused(bureau: Scope) -> None:
    with pytest.raises(MinpingError) as refused:
        freeze_version(bureau, "gulou-worker", "2031.7")
    assert codes(refused) == ["schemes.other_version"]


def test_a_scheme_that_must_not_run_is_not_frozen(bureau: Scope, own_library: Path) -> None:
    with pytest.raises(MinpingError) as refused:
        freeze_version(bureau, "jinshan-award", load_scheme("jinshan-award").scheme.version)
    assert codes(refused) == ["schemes.disabled"]


def test_other_rules_under_the_same_version_are_refused(bureau: Scope, own_library: Path) -> None:
    """S20: a revised scheme gets another version."""
    freeze_version(bureau, "gulou-worker", "2019.1")
    values = own_library / "gulou-worker" / "values" / "target_ballots.yaml"
    values.write_text(values.read_text("utf-8") + "# revised\n", "utf-8")
    with pytest.raises(MinpingError) as refused:
        freeze_version(bureau, "gulou-worker", "2019.1")
    assert codes(refused) == ["schemes.changed_under_version"]
    assert refused.value.problems[0].params["files"] == "values/target_ballots.yaml"


def test_values_of_the_district_make_another_revision_that_later_freezes_take_over(bureau: Scope) -> None:
    first = freeze_version(bureau, "gulou-worker", "2019.1")
    second = freeze_version(bureau, "gulou-worker", "2019.1", values={"grade_bands": GRADES})
    assert (first.revision, second.revision) == (1, 2)
    assert "grade_bands" in first.unfilled
    assert "grade_bands" not in second.unfilled
    assert [band.grade for band in loaded(second).bands] == ["A", "B"]
    assert freeze_version(bureau, "gulou-worker", "2019.1") == second


def test_an_unknown_value_is_told_with_its_name(bureau: Scope) -> None:
    with pytest.raises(MinpingError) as refused:
        freeze_version(bureau, "gulou-worker", "2019.1", values={"grade_band": 3})
    assert codes(refused) == ["scheme.unknown_value"]


def same(one: LoadedScheme, other: LoadedScheme) -> bool:
    return one.content == other.content


@pytest.mark.sqlite
def test_a_frozen_version_is_read_from_its_own_files_when_the_library_moves_on(
    bureau: Scope, own_library: Path
) -> None:
    before = load_scheme("gulou-worker")
    version = freeze_version(bureau, "gulou-worker", "2019.1")
    scheme = own_library / "gulou-worker" / "scheme.yaml"
    scheme.write_text(scheme.read_text("utf-8").replace('version: "2019.1"', 'version: "2031.1"'), "utf-8")
    limits = own_library / "common" / "disclosure.yaml"
    limits.write_text(limits.read_text("utf-8").replace("value: 10", "value: 11"), "utf-8")
    assert load_scheme("gulou-worker").scheme.version == "2031.1"
    assert load_scheme("gulou-worker").disclosure != before.disclosure
    assert same(loaded(version), before)


def test_demo_values_fill_only_on_request(bureau: Scope) -> None:
    version = freeze_version(bureau, "gulou-worker", "2019.1")
    assert loaded(version).unfilled
    assert not loaded(version, demo=True).unfilled


@pytest.mark.sqlite
def test_the_database_refuses_changes_of_a_frozen_version(bureau: Scope) -> None:
    version = freeze_version(bureau, "gulou-worker", "2019.1")
    with pytest.raises(DatabaseError), transaction.atomic():
        SchemeVersion.objects.filter(pk=version.pk).update(sha256="0" * 64)
    with pytest.raises(DatabaseError), transaction.atomic():
        SchemeVersion.objects.filter(pk=version.pk).update(values={"x": 1})


def test_a_pilot_ends_once_and_the_ledger_says_so(bureau: Scope) -> None:
    """S20: tried in some streets first."""
    version = freeze_version(bureau, "gulou-street", "2019.1", pilot=True)
    assert not end_pilot(bureau, version.pk).pilot
    assert StagedEntry.objects.filter(kind="scheme.pilot_ended").count() == 1
    with pytest.raises(MinpingError) as refused:
        end_pilot(bureau, version.pk)
    assert codes(refused) == ["schemes.no_pilot"]


# --- reading ----------------------------------------------------------------------------------------


def test_the_library_is_all_schemes_and_none_for_who_may_not_see_them(
    bureau: Scope, act_as: Callable[..., Scope]
) -> None:
    assert [entry.id for entry in library(bureau)] == list(scheme_ids())
    assert {entry.id for entry in library(bureau, state="questionnaire", kind="street_office")} == {
        "gulou-street"
    }
    assert library(act_as("worker")) == []
    assert list(scheme_versions(act_as("worker"))) == []


def test_a_scheme_with_faults_is_listed_with_them(bureau: Scope, own_library: Path) -> None:
    (own_library / "gulou-worker" / "scheme.yaml").write_text("minping_scheme: 1\nid: [\n", "utf-8")
    entry = entry_of(bureau, "gulou-worker")
    assert entry.state == "broken"
    assert entry.findings


@pytest.mark.parametrize("scheme_id", ["gulou-street", "gulou-worker", "jinshan-award", "expert-indices"])
def test_every_page_of_a_scheme_tells_the_five_parts(
    scheme_id: str, client: Client, district: object
) -> None:
    """S18: instrument, scoring, sampling plan, means, use of results."""
    who = factories.user()
    factories.grant(who, "auditor")
    sign_in(client, who)
    page = client.get(reverse("schemes:scheme", args=[scheme_id])).content.decode()
    for chapter in ("问卷", "评分", "抽样", "调查方式", "结果运用"):
        assert chapter in page


@pytest.fixture
def desk(client: Client, district: object) -> Client:
    who = factories.user()
    factories.grant(who, "district_bureau")
    sign_in(client, who)
    return client


def test_the_bureau_freezes_by_a_form_that_shows_all_faults(desk: Client) -> None:
    address = reverse("schemes:freeze", args=["gulou-worker"])
    wrong = desk.post(address, {"note": "x", "value_grade_bands": "{a: [", "value_pay_by_grade": "]"})
    assert wrong.status_code == 422
    assert wrong.content.decode().count("schemes.not_a_value") == 2
    right = desk.post(address, {"note": "第 3 号", "pilot": "on"}, follow=True)
    version = SchemeVersion.objects.get()
    assert version.pilot
    assert version.note == "第 3 号"
    assert version.sha256 in right.content.decode()


def test_the_archive_of_a_frozen_version_is_a_library_that_loads(desk: Client, tmp_path: Path) -> None:
    desk.post(reverse("schemes:freeze", args=["gulou-worker"]), {"note": "x"})
    version = SchemeVersion.objects.get()
    sent = desk.get(reverse("schemes:package", args=[version.pk]))
    zipfile.ZipFile(io.BytesIO(sent.content)).extractall(tmp_path)
    assert same(load_scheme(tmp_path / "gulou-worker"), loaded(version))
    assert (tmp_path / "common" / "disclosure.yaml").is_file()


@pytest.mark.parametrize("route", ["schemes:list", "schemes:versions"])
def test_lists_are_exported(desk: Client, route: str) -> None:
    desk.post(reverse("schemes:freeze", args=["gulou-worker"]), {"note": "x"})
    assert "gulou-worker" in desk.get(reverse(route), {"format": "csv"}).content.decode("utf-8-sig")
    assert desk.get(reverse(route), {"format": "xlsx"}).content[:2] == b"PK"


def test_readers_see_no_button_to_freeze(client: Client, district: object) -> None:
    who = factories.user()
    factories.grant(who, "survey_manager")
    sign_in(client, who)
    page = client.get(reverse("schemes:scheme", args=["gulou-worker"])).content.decode()
    assert reverse("schemes:freeze", args=["gulou-worker"]) not in page
    assert client.get(reverse("schemes:freeze", args=["gulou-worker"])).status_code == 403


def test_an_unknown_scheme_is_not_found(desk: Client) -> None:
    assert desk.get(reverse("schemes:scheme", args=["no-such"])).status_code == 404
    assert desk.get(reverse("schemes:version", args=[99])).status_code == 404


def test_a_list_of_versions_takes_few_queries(
    desk: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for pilot in (True, False):
        desk.post(
            reverse("schemes:freeze", args=["gulou-worker"]),
            {"note": "x", "value_pay_by_grade": "" if pilot else "{by_grade: {A: 1, B: 1, C: 1, D: 1}}"},
        )
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        assert desk.get(reverse("schemes:versions")).status_code == 200
