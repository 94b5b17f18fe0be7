"""Imports of people and postings: whole or not at all, every fault named, nothing crashes."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from minping_web.common.changes import Recorder, preview, recording
from minping_web.common.models import ChangeSet
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.common.tabular import ReadTable, read_table
from minping_web.organisations.models import Organisation
from minping_web.people.exports import posting_rows
from minping_web.people.imports import (
    CERTIFICATE_IMPORT,
    PEOPLE,
    PEOPLE_IMPORT,
    POSTING_IMPORT,
    POSTINGS,
    SKILL_IMPORT,
)
from minping_web.people.models import Certificate, Person, PersonContact, Posting
from minping_web.people.selectors import postings_seen
from minping_web.people.services import load_presets
from tests.web.entering import sign_in
from tests.web.factories import SmallDistrict, area, grant, organisation, scope_with, small_district, user
from tests.web.people.factory import person, posting

IMPORTERS = {one.name: one for one in (PEOPLE_IMPORT, POSTING_IMPORT, CERTIFICATE_IMPORT, SKILL_IMPORT)}


def _table(tmp_path: object, spec: object, text: str, encoding: str = "utf-8") -> ReadTable:
    path = tmp_path / "table.csv"  # type: ignore[operator]
    path.write_bytes(text.encode(encoding))
    return read_table(path, spec)  # type: ignore[arg-type]


@pytest.mark.sqlite
def test_people_come_in_with_rare_names_and_sealed_phones(district: SmallDistrict, tmp_path: object) -> None:
    scope = scope_with("district_bureau")
    load_presets(scope)
    text = "工号,姓名,类别,岗位编号,工作手机\nS1,阿不都·热合曼𠮷,社区工作者,grid_worker,13900000000\n"
    with recording(scope, "people.people", "test") as recorder:
        PEOPLE_IMPORT.apply(scope, _table(tmp_path, PEOPLE, text, "gb18030"), recorder)
    made = Person.objects.get(code="S1")
    assert (made.name, made.position.code) == ("阿不都·热合曼𠮷", "grid_worker")  # type: ignore[union-attr]
    assert PersonContact.objects.filter(person=made).exists()
    assert "13900000000" not in str([difference.after for difference in recorder.differences])


def test_all_faults_of_a_file_are_told_and_nothing_is_written(
    district: SmallDistrict, tmp_path: object
) -> None:
    scope = scope_with("district_bureau")
    field = district.responsibility_areas[0]
    first, second = person("甲", code="A1"), person("乙", code="A2")
    text = (
        "工号,区域编号,角色,开始日期\n"
        f"A1,{field.code},责任人,2026-01-01\n"
        f"A2,{field.code},责任人,2026-02-01\n"
        f"A9,{field.code},B岗,2026-02-01\n"
        "A1,无此区域,B岗,2026-02-01\n"
    )
    with pytest.raises(RefusedError) as refused, recording(scope, "people.postings", "t") as recorder:
        POSTING_IMPORT.apply(scope, _table(tmp_path, POSTINGS, text), recorder)
    assert sorted((p.code, p.place.row) for p in refused.value.problems) == [
        ("posting.two_owners", 3),
        ("table.reference_unknown", 4),
        ("table.reference_unknown", 5),
    ]
    assert first.postings.count() + second.postings.count() == 0


def test_a_file_may_end_one_owner_and_begin_the_next(district: SmallDistrict, tmp_path: object) -> None:
    scope = scope_with("district_bureau")
    field = district.responsibility_areas[0]
    posting(person("甲", code="A1"), field)
    person("乙", code="A2")
    text = (
        "工号,区域编号,角色,开始日期,结束日期\n"
        f"A2,{field.code},责任人,2026-02-01,\n"
        f"A1,{field.code},责任人,2024-01-01,2026-01-31\n"
    )
    with recording(scope, "people.postings", "t") as recorder:
        POSTING_IMPORT.apply(scope, _table(tmp_path, POSTINGS, text), recorder)
    assert Posting.objects.count() == 2
    again = preview(lambda: _applied(scope, _table(tmp_path, POSTINGS, text)))
    assert again.differences == []
    rows = list(posting_rows(postings_seen(scope)))
    assert {row["role"] for row in rows} == {"责任人"}


def _applied(scope: object, table: ReadTable) -> object:
    with recording(scope, "people.postings", "t") as recorder:  # type: ignore[arg-type]
        POSTING_IMPORT.apply(scope, table, recorder)  # type: ignore[arg-type]
    return recorder


def test_a_street_cannot_import_people_of_another_street(district: SmallDistrict, tmp_path: object) -> None:
    foreign = person("外街道", code="F1")
    posting(foreign, district.responsibility_areas[-1])
    scope = scope_with("street_staff", area=district.streets[0])
    with pytest.raises(RefusedError) as refused, recording(scope, "people.people", "t") as recorder:
        PEOPLE_IMPORT.apply(scope, _table(tmp_path, PEOPLE, "工号,姓名\nF1,改名\n"), recorder)
    assert [p.code for p in refused.value.problems] == ["person.not_yours"]
    foreign.refresh_from_db()
    assert foreign.name == "外街道"


def _faults_of(tmp_path: object, text: str, scope: Scope) -> list[str]:
    with pytest.raises(RefusedError) as refused, recording(scope, "people.people", "t") as recorder:
        PEOPLE_IMPORT.apply(scope, _table(tmp_path, PEOPLE, text), recorder)
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("text", ["工号,姓名\n{},改名\n", "工号,办公电话\n{},025\n", "工号,姓名\n{},\n"])
def test_an_import_does_not_tell_somebody_of_another_street_from_nobody(
    district: SmallDistrict, tmp_path: object, text: str
) -> None:
    posting(person("外街道", code="F1"), district.responsibility_areas[-1])
    scope = scope_with("street_staff", area=district.streets[0])
    assert _faults_of(tmp_path, text.format("F1"), scope) == _faults_of(
        tmp_path, text.format("NOBODY"), scope
    )


def test_a_code_that_means_another_employer_since_the_preview_is_another_plan(
    district: SmallDistrict, tmp_path: object
) -> None:
    """The digest that a person confirms holds what would be written, not only what stands there now."""
    scope = scope_with("district_bureau")
    employer = organisation()
    Organisation.objects.filter(pk=employer.pk).update(code="JD-01")
    table = _table(tmp_path, PEOPLE, "工号,姓名,用人单位编号\nS1,甲,JD-01\n")

    def edit() -> Recorder:
        with recording(scope, "people.people", "t") as recorder:
            PEOPLE_IMPORT.apply(scope, table, recorder)
        return recorder

    shown = preview(edit).digest
    assert preview(edit).digest == shown
    Organisation.objects.filter(pk=employer.pk).update(code="JD-02")
    Organisation.objects.filter(pk=organisation().pk).update(code="JD-01")
    assert preview(edit).digest != shown


CELLS = st.one_of(
    st.sampled_from(["S1", "责任人", "2026-01-01", "=1+1", "100", "welfare", "，"]),
    st.text(max_size=12),
)
HEADINGS = st.sampled_from(
    ["工号", "姓名", "类别", "区域编号", "角色", "开始日期", "结束日期", "占比（%）", "证书", "证书编号",
     "发证日期", "技能编号", "程度", "用人单位编号", "办公电话", "工作手机", "离岗日期", "无关栏"]
)  # fmt: skip


class FuzzedFiles(TestCase):
    """Random tables through the real pages: no crash, nothing written before a confirmation."""

    @settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(
        st.sampled_from(sorted(IMPORTERS)),
        st.lists(HEADINGS, min_size=1, max_size=8, unique=True),
        st.lists(st.lists(CELLS, max_size=8), max_size=5),
        st.sampled_from(["utf-8", "gb18030", "utf-16", "latin-1"]),
    )
    def test_no_table_crashes_an_import(
        self, name: str, headings: list[str], rows: list[list[str]], encoding: str
    ) -> None:
        world = small_district()
        account = user()
        grant(account, "district_bureau")
        posting(person(code="S1"), world.responsibility_areas[0])
        client = sign_in(Client(), account)
        out = io.StringIO()
        for row in (headings, *rows):
            out.write(
                ",".join(cell.replace(",", " ").replace("\n", " ").replace("\r", " ") for cell in row) + "\n"
            )
        content = out.getvalue().encode(encoding, errors="replace")
        upload = SimpleUploadedFile("表.csv", content, content_type="text/csv")
        before = (Person.objects.count(), Posting.objects.count(), Certificate.objects.count())
        answer = client.post(reverse(f"people:{name}_import"), {"file": upload}, follow=True)
        assert answer.status_code in (200, 422)
        assert before == (Person.objects.count(), Posting.objects.count(), Certificate.objects.count())
        assert not ChangeSet.objects.filter(kind=f"people.{name}").exists()


def test_a_specialist_comes_in_with_talents_and_goes_out_again(
    district: SmallDistrict, tmp_path: object
) -> None:
    """S89: without talents, or to an area that is no wide grid, the row is refused; exported as well."""
    scope, wide = (
        scope_with("district_bureau"),
        area("grid", "大网格", district.communities[0], grid_level="L1"),
    )
    person("丙", code="A3")
    head, row = "工号,区域编号,角色,开始日期,专长\n", f"A3,{wide.code},专职委员,2026-02-01"
    field = district.responsibility_areas[0].code
    wrong = f"{head}{row},\nA3,{field},专职委员,2026-02-01,法律\n"
    with pytest.raises(RefusedError) as refused:
        _applied(scope, _table(tmp_path, POSTINGS, wrong))
    assert {problem.code for problem in refused.value.problems} == {
        "posting.talents_missing",
        "posting.specialist_needs_wide_grid",
    }
    _applied(scope, _table(tmp_path, POSTINGS, f"{head}{row},法律\n"))
    made = Posting.objects.get(role="specialist")
    assert (made.area, made.talents) == (wide, "法律")
    (told,) = [one for one in posting_rows(postings_seen(scope)) if one["person"] == "A3"]
    assert (told["role"], told["talents"]) == ("专职委员", "法律")
    longer = f"工号,区域编号,角色,开始日期,结束日期\nA3,{wide.code},专职委员,2026-02-01,2026-12-31\n"
    _applied(scope, _table(tmp_path, POSTINGS, longer))
    made.refresh_from_db()
    assert (str(made.ends_on), made.talents) == ("2026-12-31", "法律")
