"""What pages of schemes tell: values by name with source and date, differences of versions in words."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from minping_engine.scheme import library_folder, load_scheme
from minping_web.common.scope import Scope
from minping_web.schemes.models import SchemeVersion
from minping_web.schemes.services import freeze_version
from tests.web import factories
from tests.web.entering import sign_in

pytestmark = pytest.mark.django_db
GRADES = [
    {"grade": "A", "label": {"zh": "优秀", "en": "excellent"}, "from_points": 90},
    {"grade": "B", "label": {"zh": "良好", "en": "good"}, "from_points": 0},
]
MISSING = "pay_by_grade"


@pytest.fixture
def bureau(act_as: Callable[..., Scope]) -> Scope:
    return act_as("district_bureau")


@pytest.fixture
def desk(client: Client, district: object) -> Client:
    who = factories.user()
    factories.grant(who, "district_bureau")
    return sign_in(client, who)


def text_of(desk: Client, name: str, *of: object, language: str = "zh-hans", query: str = "") -> str:
    desk.cookies["minping_language"] = language
    answer = desk.get(reverse(name, args=of) + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def two_versions(bureau: Scope) -> tuple[SchemeVersion, SchemeVersion]:
    """The same rules, first without values of the district, then with grade bands."""
    first = freeze_version(bureau, "gulou-worker", "2019.1")
    return first, freeze_version(bureau, "gulou-worker", "2019.1", values={"grade_bands": GRADES})


@pytest.mark.parametrize(
    ("language", "name"),
    [("zh-hans", "各等次季度绩效金额（人民币分）"), ("en", "Performance pay of a quarter by grade (fen)")],
)
def test_missing_values_are_named_and_lead_to_their_row(
    desk: Client, two_versions: tuple[SchemeVersion, SchemeVersion], language: str, name: str
) -> None:
    page = text_of(desk, "schemes:version", two_versions[1].pk, language=language)
    assert f'<a href="#value-{MISSING}">{name}</a>' in page
    assert f'id="value-{MISSING}"' in page
    assert '<a href="#value-grade_bands">' not in page


def row_of(page: str, value: str) -> str:
    return page.partition(f'id="value-{value}"')[2].partition("</tr>")[0]


def test_each_value_shows_source_date_and_what_it_rests_on(
    desk: Client, two_versions: tuple[SchemeVersion, SchemeVersion]
) -> None:
    page = text_of(desk, "schemes:version", two_versions[1].pk)
    published, filled, missing = (row_of(page, one) for one in ("target_ballots", "grade_bands", MISSING))
    assert "鼓楼区社工绩效考核（来源 000）" in published
    assert "日期不详" in published
    assert "tag ok" in published
    assert "区里填写</span>" in filled
    assert "优秀 ≥ 90 分" in filled
    assert "tag bad" in missing
    assert "未公布" in missing


def test_the_librarys_own_proposals_speak_the_language_of_the_page(desk: Client) -> None:
    page = text_of(desk, "schemes:scheme", "gulou-worker", language="en")
    row = row_of(page, "objection_days")
    assert "proposal of this project" in row
    assert "本项目建议" not in page


def test_values_are_exported_from_library_and_version(
    desk: Client, two_versions: tuple[SchemeVersion, SchemeVersion]
) -> None:
    for name, of in (("schemes:scheme", "gulou-worker"), ("schemes:version", two_versions[0].pk)):
        sent = desk.get(reverse(name, args=[of]), {"format": "csv"}).content.decode("utf-8-sig")
        assert sent.startswith("编号,参数,数值,状态")
        assert MISSING in sent


def test_differences_of_two_versions_are_sentences(
    desk: Client, two_versions: tuple[SchemeVersion, SchemeVersion]
) -> None:
    page = text_of(desk, "schemes:compare", two_versions[1].pk)
    assert "等次“优秀”的分数线从 94 分改为 90 分" in page
    assert "状态从“未公布，须由区里填写”改为“区里填写”" in page
    assert "grade_bands" not in page
    english = text_of(desk, "schemes:compare", two_versions[1].pk, language="en")
    assert "starts at: changed from 94 points to 90 points" in english


def test_the_first_version_is_compared_with_the_library_of_today(
    desk: Client, bureau: Scope, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("gulou-worker", "common"):
        shutil.copytree(library_folder() / name, tmp_path / name)
    monkeypatch.setenv("MINPING_SCHEMES", str(tmp_path))
    version = freeze_version(bureau, "gulou-worker", "2019.1")
    assert "没有差别" in text_of(desk, "schemes:compare", version.pk)
    days = tmp_path / "gulou-worker" / "values" / "objection_days.yaml"
    days.write_text(days.read_text("utf-8").replace("value: 5", "value: 8"), "utf-8")
    assert "从 5 天改为 8 天" in text_of(desk, "schemes:compare", version.pk)
    shutil.rmtree(tmp_path / "gulou-worker")
    assert desk.get(reverse("schemes:compare", args=[version.pk])).status_code == 200


def test_differences_are_exported(desk: Client, two_versions: tuple[SchemeVersion, SchemeVersion]) -> None:
    address = reverse("schemes:compare", args=[two_versions[1].pk])
    sent = desk.get(address, {"format": "csv", "with": str(two_versions[0].pk)})
    assert "从 94 分改为 90 分" in sent.content.decode("utf-8-sig")


def test_only_versions_of_the_same_scheme_are_offered(desk: Client, bureau: Scope) -> None:
    other = freeze_version(bureau, "gulou-street", load_scheme("gulou-street").scheme.version)
    version = freeze_version(bureau, "gulou-worker", "2019.1")
    page = text_of(desk, "schemes:compare", version.pk, query=f"?with={other.pk}")
    assert f'value="{other.pk}"' not in page
    assert "到当前方案库" in page


def test_the_librarys_files_load_where_they_are_unpacked(desk: Client, tmp_path: Path) -> None:
    sent = desk.get(reverse("schemes:library_package", args=["gulou-worker"]))
    zipfile.ZipFile(io.BytesIO(sent.content)).extractall(tmp_path)
    assert load_scheme(tmp_path / "gulou-worker").content == load_scheme("gulou-worker").content
    assert desk.get(reverse("schemes:library_package", args=["no-such"])).status_code == 404


def test_the_foot_of_the_page_names_the_program_not_the_scheme(
    desk: Client, two_versions: tuple[SchemeVersion, SchemeVersion]
) -> None:
    page = text_of(desk, "schemes:version", two_versions[0].pk)
    assert two_versions[0].title not in page.partition('<footer class="foot">')[2]
