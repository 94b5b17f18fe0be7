"""Pages of places: the own one only, by name, with interval and response rate (S28, D1, D7, D13)."""

from __future__ import annotations

import io
from contextlib import closing

import pytest
from django.test import Client, override_settings
from docx import Document

from minping_web.ledger.models import StagedEntry
from minping_web.publications.models import Publication
from tests.web.entering import sign_in
from tests.web.results import factory
from tests.web.results.factory import COMMUNITY, DISTRICT, STREET, Results

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def results() -> Results:
    """Two quarters."""
    with override_settings(DEMO=True):
        yield factory.two_quarters()


@pytest.fixture
def published(results: Results) -> Publication:
    """Both published, the last one with open data."""
    factory.publish(results.runs[0])
    return factory.publish(results.runs[1], with_open_data=True)


def page(client: Client, path: str) -> str:
    """The text of a page that must be there."""
    response = client.get(path)
    assert response.status_code == 200, path
    return str(response.content.decode())


def place(results: Results, published: Publication, code: str, rest: str = "") -> str:
    """The address of a place."""
    return f"/results/{published.pk}/places/{results.areas[code].pk}/{rest}"


def test_each_office_begins_at_its_own_place_and_finds_no_other(
    results: Results, published: Publication
) -> None:
    own = {
        "district_bureau": DISTRICT,
        "auditor": DISTRICT,
        "street_staff": STREET,
        "community_staff": COMMUNITY,
    }
    for role, code in own.items():
        client = sign_in(Client(), results.office(role, "" if code == DISTRICT else code))
        assert place(results, published, code) in page(client, "/results/")
        for other in (DISTRICT, STREET, COMMUNITY, "320106012002"):
            inside = other.startswith(code)
            for rest in ("", "people/") if inside else ("", "people/", "report.docx"):
                status = client.get(place(results, published, other, rest)).status_code
                assert status == (200 if inside else 404), (role, other, rest)


def test_a_person_of_another_place_is_not_found(results: Results, published: Publication) -> None:
    client = sign_in(Client(), results.office("community_staff", COMMUNITY))
    rows = published.run.results
    inside = rows.filter(area=results.areas[COMMUNITY])[0]
    outside = rows.exclude(area=results.areas[COMMUNITY])[0]
    assert inside.name in page(client, f"/results/{published.pk}/people/{inside.pk}/")
    for rest in ("", "card.pdf"):
        assert client.get(f"/results/{published.pk}/people/{outside.pk}/{rest}").status_code == 404
    assert client.get(f"/results/{published.pk}/people/{inside.pk}/card.pdf").content.startswith(b"%PDF")


def test_the_page_of_a_place_names_no_person_and_says_how_sure_it_is(
    results: Results, published: Publication
) -> None:
    client = sign_in(Client(), results.office("street_staff", STREET))
    text = page(client, place(results, published, STREET))
    for words in (
        "回答率",
        "区间",
        "表　按年龄分的结果",
        "表　按调查方式分的结果",
        "条件拉平",
        "能否排出先后",
    ):
        assert words in text, words
    assert not [name for name in published.run.results.values_list("name", flat=True) if name in text]


def test_people_stand_by_name_and_nobody_has_a_band_where_no_order_is_carried(
    results: Results, published: Publication, django_assert_max_num_queries: object
) -> None:
    client = sign_in(Client(), results.office("district_bureau"))
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        text = page(client, place(results, published, DISTRICT, "people/"))
    names = list(published.run.results.order_by("name", "pk").values_list("name", flat=True))
    at = [text.index(f">{name}</a>") for name in dict.fromkeys(names)]
    assert at == sorted(at)
    assert "第1档" not in text
    assert text.count("分不出") >= len(names)


def test_filters_and_downloads_give_the_rows_of_the_place(results: Results, published: Publication) -> None:
    client = sign_in(Client(), results.office("street_staff", STREET))
    address = place(results, published, STREET, "people/")
    rows = published.run.results.filter(area__path__startswith=results.areas[STREET].path)
    export = client.get(f"{address}?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(export) == rows.count() + 1
    assert client.get(f"{address}?format=xlsx").content.startswith(b"PK")
    one = rows.filter(status="assessed")[0]
    text = page(client, f"{address}?search={one.name}")
    assert one.name in text
    assert "没有" in page(client, f"{address}?search=nobody-at-all")


def test_the_report_is_word_with_every_chapter_and_workbooks_are_for_the_whole_district(
    results: Results, published: Publication
) -> None:
    (factory.results_folder() / published.run.folder / "report.xlsx").write_bytes(b"PK-book")
    street = sign_in(Client(), results.office("street_staff", STREET))
    content = street.get(place(results, published, STREET, "report.docx")).content
    headings = [one.text for one in Document(io.BytesIO(content)).paragraphs if one.style.name == "Heading 1"]
    assert [one[:2] for one in headings] == ["一、", "二、", "三、", "四、", "五、", "六、", "七、", "附录"]
    book = f"/results/{published.pk}/files/report.xlsx"
    assert street.get(book).status_code == 404
    bureau = sign_in(Client(), results.office("district_bureau"))
    assert bureau.get(f"/results/{published.pk}/files/result.json").status_code == 404
    with closing(bureau.get(book)) as response:
        assert b"".join(response.streaming_content) == b"PK-book"  # type: ignore[attr-defined]


def test_who_takes_a_paper_that_names_persons_stands_in_the_ledger_without_a_name(
    results: Results, published: Publication
) -> None:
    (factory.results_folder() / published.run.folder / "outcomes.xlsx").write_bytes(b"PK-book")
    bureau = results.office("district_bureau")
    client = sign_in(Client(), bureau)
    people = place(results, published, COMMUNITY, "people/")
    rows = published.run.results.filter(area__path__startswith=results.areas[COMMUNITY].path)
    one = rows.filter(status="assessed")[0]
    told = [(f"people-{COMMUNITY}", rows.count()), (f"card-{one.pk}", 1)]
    told += [("outcomes.xlsx", published.run.results.count())]
    page(client, people)  # read on the screen: no paper
    client.get(f"{people}?format=xlsx")
    client.get(f"/results/{published.pk}/people/{one.pk}/card.pdf")
    with closing(client.get(f"/results/{published.pk}/files/outcomes.xlsx")):
        records = [row.record for row in StagedEntry.objects.filter(kind="results.handed_out").order_by("pk")]
    assert records == [
        {"publication": published.pk, "what": what, "rows": n, "by": bureau.pk} for what, n in told
    ]


def test_years_and_half_years_are_offered_once_periods_are_published(
    results: Results, published: Publication
) -> None:
    client = sign_in(Client(), results.office("street_staff", STREET))
    text = page(client, "/results/spans/")
    assert "2020年下半年" in text
    assert "2020年度" in text
    for name in ("2020", "2020H2"):
        assert client.get(f"/results/{published.pk}/spans/{name}.pdf").content.startswith(b"%PDF")
    assert client.get(f"/results/{published.pk}/spans/2019.pdf").status_code == 404


def test_a_place_that_no_snapshot_knows_says_so(results: Results, published: Publication) -> None:
    from tests.web import factories

    factories.area("community", "新设社区", results.areas[STREET], code="320106012999")
    results.areas["new"] = type(results.areas[STREET]).objects.get(code="320106012999")
    client = sign_in(Client(), results.office("street_staff", STREET))
    assert "本单位没有结果" in page(client, place(results, published, "new"))
    assert client.get(place(results, published, "new", "report.docx")).status_code == 404


def test_who_may_not_see_results_is_refused(results: Results, published: Publication) -> None:
    client = sign_in(Client(), results.office("survey_manager"))
    assert client.get("/results/").status_code == 403
    assert client.get("/results/mine/").status_code == 403
