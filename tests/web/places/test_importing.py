"""Import of areas and figures: any order, all problems at once, nothing half written, never a crash."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minping_web.common.changes import recording
from minping_web.common.import_flow import plan_of
from minping_web.common.models import Change, ChangeSet, ImportDraft
from minping_web.common.problems import RefusedError
from minping_web.places.imports import AREA_IMPORTER
from minping_web.places.models import Area, AreaCovariate
from minping_web.places.services.importing import apply_areas
from tests.web.factories import SmallDistrict, scope_with
from tests.web.places.factory import (
    FULL_HEADINGS,
    csv_bytes,
    full_district_rows,
    import_rows,
    paths_are_true,
    read,
    signed_in,
    upload,
)

FUZZ = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def codes(refusal: pytest.ExceptionInfo[RefusedError]) -> set[tuple[str, int]]:
    """Problem codes with their rows."""
    return {(problem.code, problem.place.row) for problem in refusal.value.problems}


@pytest.mark.sqlite
def test_children_may_stand_before_their_parents(db: None, tmp_path: Path) -> None:
    scope = scope_with("district_bureau")
    rows = [("G", "一网格", "网格", "M"), ("M", "甲社区", "社区", "S"), ("S", "东街道", "街道", "D"),
            ("D", "试验区", "区", "")]  # fmt: skip
    recorder = import_rows(scope, rows, tmp_path)
    assert recorder.count("created") == 4
    assert paths_are_true()
    assert Area.objects.get(code="G").parent.code == "M"


@pytest.mark.sqlite
def test_unknown_parents_circles_and_wrong_levels_are_all_named_at_once(db: None, tmp_path: Path) -> None:
    scope = scope_with("district_bureau")
    rows = [("D", "区", "区", ""), ("S", "街道", "街道", "D"), ("A", "甲", "社区", "nowhere"),
            ("B", "乙", "社区", "C"), ("C", "丙", "社区", "B")]  # fmt: skip
    with pytest.raises(RefusedError) as refusal:
        import_rows(scope, rows, tmp_path)
    assert codes(refusal) == {("places.parent_unknown", 4), ("places.circle", 5), ("places.circle", 6)}
    with pytest.raises(RefusedError) as refusal:
        import_rows(scope, [*rows[:2], ("G", "网格", "网格", "S"), ("R", "田", "责任田", "S")], tmp_path)
    assert codes(refusal) == {("places.level_order", 4), ("places.level_order", 5)}
    assert not Area.objects.exists()


def test_an_import_changes_only_the_columns_that_the_file_has(
    district: SmallDistrict, tmp_path: Path
) -> None:
    scope = scope_with("district_bureau")
    grid = district.grids[0]
    import_rows(scope, [(grid.code, "420")], tmp_path, ("编号", "户数"))
    grid.refresh_from_db()
    assert (grid.name, grid.households, grid.parent) == ("第一网格", 420, district.communities[0])
    again = import_rows(scope, [(grid.code, "420")], tmp_path, ("编号", "户数"))
    assert (again.differences, again.unchanged) == ([], 1)


def test_a_parent_that_changes_in_a_file_moves_everything_inside(
    district: SmallDistrict, tmp_path: Path
) -> None:
    scope = scope_with("district_bureau")
    row = (district.communities[0].code, district.streets[1].code)
    import_rows(scope, [row], tmp_path, ("编号", "上级编号"))
    assert paths_are_true()
    assert Area.objects.get(pk=district.grids[0].pk).path.startswith(district.streets[1].path)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(
            lambda d: (d.communities[2].code, "改名", "社区", d.streets[0].code), "row_not_yours",
            id="foreign area",
        ),
        pytest.param(
            lambda d: ("NEW", "新社区", "社区", d.streets[1].code), "parent_unknown", id="foreign street"
        ),
        pytest.param(
            lambda d: (d.streets[0].code, "改名", "街道", d.district.code), "row_not_yours", id="own street"
        ),
        pytest.param(
            lambda d: ("NEW", "新街道", "街道", d.district.code), "parent_unknown", id="new street"
        ),
        pytest.param(
            lambda d: (d.communities[0].code, "和平社区", "社区", d.streets[1].code), "parent_unknown",
            id="moved out",
        ),
    ],
)  # fmt: skip
def test_street_staff_import_only_inside_their_street(  # type: ignore[no-untyped-def]
    district: SmallDistrict, tmp_path: Path, row, fault: str
) -> None:
    scope = scope_with("street_staff", area=district.streets[0])
    with pytest.raises(RefusedError) as refusal:
        import_rows(scope, [row(district)], tmp_path)
    assert {code for code, _row in codes(refusal)} == {f"places.{fault}"}
    import_rows(scope, [("NEW", "新社区", "社区", district.streets[0].code)], tmp_path)


def test_an_import_does_not_tell_a_foreign_area_from_none(district: SmallDistrict, tmp_path: Path) -> None:
    scope, foreign = scope_with("street_staff", area=district.streets[0]), district.communities[2]
    tables = [
        [("NEW", "新网格", "网格", "{}")],
        [("{}", "改名", "社区", "{}")],
        [("{}", "", "", "")],
    ]
    for rows in tables:
        told = []
        for code in (foreign.code, "NOWHERE"):
            with pytest.raises(RefusedError) as refusal:
                import_rows(scope, [[cell.format(code) for cell in row] for row in rows], tmp_path)
            told.append([(problem.code, problem.place) for problem in refusal.value.problems])
        assert told[0] == told[1]


def test_a_circle_through_foreign_areas_does_not_name_them(district: SmallDistrict, tmp_path: Path) -> None:
    scope = scope_with("street_staff", area=district.streets[0])
    mine, foreign, inside = district.communities[0], district.grids[4], district.grids[0]
    rows = [(mine.code, "社区", "社区", inside.code), (inside.code, "网格", "网格", mine.code)]
    with pytest.raises(RefusedError) as refusal:
        import_rows(scope, rows, tmp_path)
    said = " ".join(str(problem.params) for problem in refusal.value.problems)
    assert mine.code in said
    assert foreign.code not in said


def test_upload_preview_confirm_undo(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "district_bureau")
    file = csv_bytes(
        [
            ("N1", "新网格", "网格", district.communities[0].code),
            (district.grids[0].code, "改名网格", "网格", district.communities[0].code),
        ]
    )
    sent = client.post(reverse("places:areas_import"), {"file": upload(file)})
    draft = ImportDraft.objects.get()
    assert "新网格".encode() not in bytes(draft.content)
    shown = client.get(sent.headers["Location"])
    assert (shown.context["created"], shown.context["updated"]) == (1, 1)
    assert not Area.objects.filter(code="N1").exists()
    done = client.post(sent.headers["Location"], {"digest": shown.context["recorder"].digest})
    assert Area.objects.get(code="N1").name == "新网格"
    assert not ImportDraft.objects.exists()
    assert "改名网格" in client.get(done.headers["Location"]).content.decode()
    client.post(reverse("changes:undo", args=[ChangeSet.objects.get().pk]))
    assert not Area.objects.filter(code="N1").exists()
    assert Area.objects.get(pk=district.grids[0].pk).name == "第一网格"


def test_a_plan_that_changed_since_the_preview_is_shown_again(
    client: Client, district: SmallDistrict
) -> None:
    signed_in(client, "district_bureau")
    grid = district.grids[0]
    sent = client.post(
        reverse("places:areas_import"), {"file": upload(csv_bytes([(grid.code, "改名")], ("编号", "名称")))}
    )
    digest = client.get(sent.headers["Location"]).context["recorder"].digest
    Area.objects.filter(pk=grid.pk).update(households=7)
    again = client.post(sent.headers["Location"], {"digest": digest})
    assert again.status_code == 422
    grid.refresh_from_db()
    assert grid.name == "第一网格"
    client.post(sent.headers["Location"], {"digest": again.context["recorder"].digest})
    grid.refresh_from_db()
    assert grid.name == "改名"


def test_a_draft_opens_only_for_its_owner(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "district_bureau")
    sent = client.post(reverse("places:areas_import"), {"file": upload(csv_bytes([("D9", "区", "区", "")]))})
    signed_in(client, "district_bureau")
    assert client.get(sent.headers["Location"]).status_code == 404
    signed_in(client, "interviewer", district.streets[0])
    assert client.get(reverse("places:areas_import")).status_code == 403


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_export_imports_again_without_a_change(
    client: Client, district: SmallDistrict, form: str, language: str
) -> None:
    signed_in(client, "district_bureau")
    Area.objects.filter(pk=district.grids[0].pk).update(
        kind="exclusive",
        exclusive_type="park",
        management="daily",
        is_red=True,
        households=300,
        name="=甲·𠮷",
    )
    Area.objects.filter(pk=district.communities[0].pk).update(area_class="bing", valid_from="2020-01-01")
    client.cookies["minping_language"] = language
    file = client.get(reverse("places:list") + f"?format={form}").content
    sent = client.post(reverse("places:areas_import"), {"file": upload(file, f"areas.{form}")})
    plan = client.get(sent.headers["Location"]).context["plan"]
    assert plan.problems == []
    assert plan.recorder.differences == []
    assert plan.recorder.unchanged == Area.objects.count()


def test_figures_come_in_and_go_out_by_table(client: Client, district: SmallDistrict) -> None:
    signed_in(client, "street_staff", district.streets[0])
    heads = ("编号", "指标", "数值", "截至日期", "来源")
    own, foreign, grid = district.communities[0].code, district.communities[2].code, district.grids[0].code
    wrong = csv_bytes(
        [(foreign, "低保户", "3", "2025-12-31", "台账"), (grid, "精神障碍患者", "2", "2025-12-31", "台账")],
        heads,
    )
    sent = client.post(reverse("places:figures_import"), {"file": upload(wrong)})
    plan = client.get(sent.headers["Location"]).context["plan"]
    assert [problem.code for problem in plan.problems] == [
        "places.area_unknown",
        "places.covariate_too_small",
    ]
    right = csv_bytes(
        [(own, "低保户", "86", "2025-12-31", "台账"), (own, "面积", "0.7513", "2025-12-31", "台账")], heads
    )
    sent = client.post(reverse("places:figures_import"), {"file": upload(right)})
    digest = client.get(sent.headers["Location"]).context["recorder"].digest
    client.post(sent.headers["Location"], {"digest": digest})
    assert sorted(AreaCovariate.objects.values_list("name", flat=True)) == [
        "area_km2",
        "low_income_households",
    ]
    out = client.get(reverse("places:figures") + "?format=csv").content
    sent = client.post(reverse("places:figures_import"), {"file": upload(out)})
    assert client.get(sent.headers["Location"]).context["recorder"].unchanged == 2


cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "网格", "L2", "=1+1", "\x00", "2026-13-45", "-1", "1e9", "是", "D", "S"]),
)


@FUZZ
@given(rows=st.lists(st.lists(cells, min_size=8, max_size=8), max_size=6))
def test_random_cells_never_crash_and_never_half_write(
    db: None, tmp_path: Path, rows: list[list[str]]
) -> None:
    scope = scope_with("district_bureau")
    before = Area.objects.count()
    good = ("OK", "好区", "区", "", "", "", "", "")
    table = read(csv_bytes([good, *rows], FULL_HEADINGS), tmp_path)
    if table.refused:
        return
    try:
        import_rows(scope, [good, *rows], tmp_path, FULL_HEADINGS)
    except RefusedError:
        assert Area.objects.count() == before
    else:
        assert paths_are_true()
        Change.objects.all().delete()
        ChangeSet.objects.all().delete()
        for area in Area.objects.order_by("-path"):
            area.delete()


@FUZZ
@given(content=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx", "a.txt"]))
def test_random_files_are_refused_or_previewed(client: Client, db: None, content: bytes, name: str) -> None:
    signed_in(client, "district_bureau")
    sent = client.post(reverse("places:areas_import"), {"file": upload(content or b"x", name)})
    assert sent.status_code == 302
    assert client.get(sent.headers["Location"]).status_code == 422
    assert not Area.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_tables_in_the_encodings_of_offices_are_read(
    district: SmallDistrict, tmp_path: Path, encoding: str
) -> None:
    content = csv_bytes([("N1", "㐂𠮷网格", "网格", district.communities[0].code)]).decode().encode(encoding)
    assert [row.values["name"] for row in read(content, tmp_path).rows] == ["㐂𠮷网格"]


def test_fifty_unknown_columns_are_a_warning(district: SmallDistrict, tmp_path: Path) -> None:
    heads = ("编号", "户数", *(f"列{n}" for n in range(50)))
    table = read(csv_bytes([(district.grids[0].code, "300", *("x" * 50))], heads), tmp_path)
    assert [problem.code for problem in table.problems] == ["table.column_unknown"]
    assert not table.refused


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"%PDF", "import.wrong_type"),
        ("a.csv", None, "import.no_file"),
    ],
)
def test_what_is_no_table_is_refused_at_the_form(
    client: Client, db: None, name: str, content: bytes, code: str
) -> None:
    signed_in(client, "district_bureau")
    files = {"file": upload(content, name)} if content else {}
    page = client.post(reverse("places:areas_import"), files)
    assert page.status_code == 422
    assert [line.code for line in page.context["problems"]] == [code]


def test_a_full_district_is_previewed_and_imported_in_seconds(db: None, tmp_path: Path) -> None:
    """2,807 areas (S54, S73); processor seconds, with room for a loaded machine."""
    scope = scope_with("district_bureau")
    start = time.process_time()
    recorder = import_rows(scope, full_district_rows(), tmp_path, FULL_HEADINGS)
    took = time.process_time() - start
    assert (recorder.count("created"), recorder.unchanged) == (2807, 0)
    assert paths_are_true()
    print(f"import of 2,807 areas: {took:.2f} s of processor time")  # noqa: T201
    assert took < 15


@pytest.mark.sqlite
def test_wrong_cells_missing_names_and_unknown_parents_come_in_one_round(
    client: Client, district: SmallDistrict
) -> None:
    signed_in(client, "district_bureau")
    home = district.communities[0].code
    rows = [("N1", "一网格", "网格", home, "多"), ("N2", "", "网格", home, "400"),
            ("N3", "三网格", "网格", "nowhere", "400"), ("N4", "四网格", "村", "nowhere", "400")]  # fmt: skip
    file = csv_bytes(rows, ("编号", "名称", "层级", "上级编号", "户数"))
    sent = client.post(reverse("places:areas_import"), {"file": upload(file)})
    draft = ImportDraft.objects.get()
    plan = plan_of(scope_with("district_bureau"), AREA_IMPORTER, draft)
    assert [(problem.code, problem.place.row, problem.place.column) for problem in plan.problems] == [
        ("table.not_whole", 2, "户数"), ("table.cell_empty", 3, "名称"),
        ("places.parent_unknown", 4, "上级编号"), ("table.not_in_list", 5, "层级"),
        ("places.parent_unknown", 5, "上级编号"),
    ]  # fmt: skip
    page = client.get(sent.headers["Location"]).content.decode()
    assert "市、区、街道、社区、网格、责任片" in page
    assert "responsibility_area" not in page
    assert not Area.objects.filter(code__startswith="N").exists()


def test_a_good_row_below_a_row_that_cannot_be_read_is_not_blamed(db: None, tmp_path: Path) -> None:
    content = csv_bytes(
        [
            ("D", "区", "区", ""),
            ("S", "街", "街道", "D"),
            ("M", "社", "社区啊", "S"),
            ("G", "格", "网格", "M"),
        ]
    )
    table = read(content, tmp_path)
    with (
        pytest.raises(RefusedError) as refusal,
        recording(scope_with("district_bureau"), "places.areas", "t") as recorder,
    ):
        apply_areas(scope_with("district_bureau"), table, recorder)
    assert codes(refusal) == {("table.cell_empty", 4)}


@pytest.mark.parametrize("word", ["责任片", "责任田", "包干区"])
def test_offices_may_call_a_responsibility_area_as_they_do(
    district: SmallDistrict, tmp_path: Path, word: str
) -> None:
    import_rows(scope_with("district_bureau"), [("R", "东段", word, district.grids[0].code)], tmp_path)
    assert Area.objects.get(code="R").level == "responsibility_area"
