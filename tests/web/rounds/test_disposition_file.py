"""What fieldwork found, from a file: all faults at once with row and column, a preview, a reason."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from minping_web.common.models import ImportDraft
from minping_web.common.scope import entered
from minping_web.frames.models import ContactAccess, Unit
from minping_web.ledger.models import StagedEntry
from minping_web.rounds.models import Invitation, SurveyRound
from minping_web.rounds.rules.words import Found
from minping_web.rounds.services import lookup
from tests.web.rounds.conftest import World
from tests.web.rounds.factory import OpenRound
from tests.web.rounds.test_inviting import spend
from tests.web.rounds.test_pages import Visit, address, going, visit

__all__ = ["going", "visit"]  # fixtures


@pytest.fixture
def client(world: World, visit: Visit) -> Client:
    return visit(world.manager)


def codes(world: World, going: OpenRound) -> list[str]:
    """House codes of the invited households of the first area."""
    units = Invitation.objects.filter(round=going.round, area=going.areas[0]).values_list(
        "unit_id", flat=True
    )
    with entered(world.bureau):
        rows = Unit.objects.filter(pk__in=list(units)).order_by("house_code")
        return list(rows.values_list("house_code", flat=True))


def upload(client: Client, going: OpenRound, text: str, name: str = "入户.csv") -> str:
    """The address of the preview."""
    file = SimpleUploadedFile(name, text.encode())
    sent = client.post(address("file", going.round.pk), {"file": file})
    assert sent.status_code == 302, sent.content.decode()
    return str(sent["Location"])


def test_a_file_is_previewed_then_entered_with_a_reason(
    world: World, going: OpenRound, client: Client
) -> None:
    one, two, three = codes(world, going)[:3]
    voted = Invitation.objects.filter(round=going.round, spent_token__isnull=False)[0]
    draft = upload(client, going, f"门牌编号,处置结果\n{one},拒访\n{two},未接触\n{three},refusal\n")
    page = client.get(draft)
    assert {(found, count) for _area, found, count in page.context["plan"].counts} == {
        (Found.REFUSAL.label, 2), (Found.NON_CONTACT.label, 1),
    }  # fmt: skip
    assert not Invitation.objects.exclude(found=Found.NOTHING).exists()
    assert client.post(draft, {"reason": ""}).status_code == 422
    assert client.post(draft, {"reason": "11月12日入户"}).status_code == 302
    found = dict(Invitation.objects.exclude(found=Found.NOTHING).values_list("pk", "found"))
    assert len(found) == 3  # of who voted as well, or the figures would tell
    voted.refresh_from_db()
    assert voted.spent_token
    assert not ImportDraft.objects.exists()
    assert StagedEntry.objects.filter(kind="round.dispositions").count() == 1


def test_all_faults_of_a_file_stand_with_row_and_column(
    world: World, going: OpenRound, client: Client
) -> None:
    one, two, three = codes(world, going)[:3]
    rows = [
        f"{one},拒访",
        f"{two},不愿意",
        "Z-9999,未接触",
        f"{three},",
        f"{one},拒访",
        ",拒访",
        "Z-8888,胡写",
    ]
    page = client.get(upload(client, going, "门牌编号,处置结果\n" + "\n".join(rows)))
    assert page.status_code == 422
    told = [(line.code, line.where) for line in page.context["problems"]]
    assert len(told) == 7
    assert set(told) == {
        ("table.not_in_list", "入户.csv，第 3 行，“处置结果”栏"),
        ("round.house_not_invited", "入户.csv，第 4 行，“门牌编号”栏"),
        ("table.cell_empty", "入户.csv，第 5 行，“处置结果”栏"),
        ("table.key_twice", "入户.csv，第 6 行"),
        ("table.cell_empty", "入户.csv，第 7 行，“门牌编号”栏"),
        ("round.house_not_invited", "入户.csv，第 8 行，“门牌编号”栏"),
        ("table.not_in_list", "入户.csv，第 8 行，“处置结果”栏"),
    }
    assert client.post(address("file_draft", going.round.pk, ImportDraft.objects.get().pk),
                       {"reason": "11月12日入户"}).status_code == 422  # fmt: skip
    assert not Invitation.objects.exclude(found=Found.NOTHING).exists()


def not_invited(world: World, going: OpenRound, count: int) -> list[str]:
    """House codes that the frame has and nobody invited."""
    with entered(world.bureau):
        units = Unit.objects.filter(frame_id=going.round.frame_id).order_by("house_code")
        units = units.exclude(pk__in=list(Invitation.objects.values_list("unit_id", flat=True)))
        return list(units.values_list("house_code", flat=True)[:count])


def named(page: Any) -> list[str]:
    """Codes of the problems that a page shows."""
    return [line.code for line in page.context["problems"]]


@pytest.mark.sqlite
@pytest.mark.parametrize("way", ["file", "text"])
def test_no_list_of_house_codes_tells_who_was_drawn(
    world: World, going: OpenRound, client: Client, way: str
) -> None:
    """Twenty households by name, each with a row in the log; of the others only the number, and no counts."""
    houses = not_invited(world, going, 30)
    text = "\n".join(f"{house},拒访" for house in [*codes(world, going), *houses])
    if way == "file":
        page = client.get(upload(client, going, f"门牌编号,处置结果\n{text}\n"))
    else:
        asked = {"text": text, "reason": "11月12日入户"}
        page = client.post(address("dispositions", going.round.pk), asked)
    assert page.status_code == 422
    assert named(page) == ["round.house_not_invited"] * 20 + ["round.more_rows"]
    assert "10" in page.context["problems"][-1].what
    assert not getattr(page.context.get("plan"), "counts", ())
    rows = ContactAccess.objects.filter(act="viewed", actor_id=world.manager.user_id)
    told = sorted((row.fields, row.rows) for row in rows)
    assert told == [("dispositions", 38)] + [("invitation", 1)] * 20
    assert all(row.unit_id for row in rows if row.fields == "invitation")


@pytest.mark.sqlite
def test_lists_of_house_codes_count_against_the_limit_of_look_ups(
    world: World, going: OpenRound, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "VIEWS_PER_HOUR", 9)
    key, reason = going.round.pk, {"reason": "住户来电，编码遗失"}
    houses = not_invited(world, going, 8)

    def entry(houses: list[str]) -> list[str]:
        text = "\n".join(f"{house},拒访" for house in houses)
        return named(client.post(address("dispositions", key), {"text": text} | reason))

    assert entry(houses[:3]) == ["round.house_not_invited"] * 3
    assert entry(houses[:3]) == ["round.house_not_invited"] * 3  # no news: only the list itself counts
    again = entry(houses)  # one view for the list, three are left to be told of
    assert again == ["round.house_not_invited"] * 3 + ["round.more_rows"]
    draft = upload(client, going, f"门牌编号,处置结果\n{codes(world, going)[0]},拒访\n")
    assert client.get(draft).status_code == 200
    for _time in range(2):
        client.get(draft)
    assert named(client.get(draft)) == ["round.too_many_look_ups"]
    assert named(client.post(draft, reason)) == ["round.too_many_look_ups"]
    assert entry(codes(world, going)[:1]) == entry(houses[-1:]) == ["round.too_many_look_ups"]
    house = client.post(address("house", key), {"house_code": houses[0]} | reason)
    assert (house.status_code, house.context["house"]) == (422, None)
    assert not Invitation.objects.exclude(found=Found.NOTHING).exists()
    assert ContactAccess.objects.filter(act="viewed").count() == 9


def test_the_template_filled_in_is_read_back(world: World, going: OpenRound, client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get(address("file_template", going.round.pk)).content))
    sheet = book.worksheets[0]
    columns = {str(cell.value).strip("* "): cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        for column in columns.values():
            sheet.cell(row, column).value = None
    sheet.cell(2, columns["门牌编号"]).value = codes(world, going)[0]
    sheet.cell(2, columns["处置结果"]).value = "不合格"
    out = io.BytesIO()
    book.save(out)
    sent = client.post(
        address("file", going.round.pk), {"file": SimpleUploadedFile("结果.xlsx", out.getvalue())}
    )
    page = client.get(sent["Location"])
    assert page.status_code == 200
    assert [count for _area, _found, count in page.context["plan"].counts] == [1]


def test_the_preview_does_not_tell_who_voted(world: World, going: OpenRound, client: Client) -> None:
    one = Invitation.objects.filter(round=going.round, spent_token=None, area=going.areas[0])[0]
    with entered(world.bureau):
        house = Unit.objects.get(pk=one.unit_id).house_code
    text = f"门牌编号,处置结果\n{house},拒访\n"
    before = client.get(upload(client, going, text)).context["plan"]
    spend(one.tokens.all()[0].pk)
    assert client.get(upload(client, going, text)).context["plan"] == before


def test_a_file_waits_for_its_owner_and_its_round_only(
    world: World, going: OpenRound, visit: Visit, client: Client
) -> None:
    draft = upload(client, going, f"门牌编号,处置结果\n{codes(world, going)[0]},拒访\n")
    assert visit(world.bureau).get(draft).status_code == 404
    assert visit(world.auditor).get(draft).status_code == 403
    other = SurveyRound.objects.get(pk=going.round.pk)
    other.pk = None
    other.save()
    assert client.get(draft.replace(f"/{going.round.pk}/", f"/{other.pk}/", 1)).status_code == 404
    assert client.post(draft, {"discard": "1"}).status_code == 302
    assert not ImportDraft.objects.exists()


def test_a_long_list_takes_few_queries(
    world: World, going: OpenRound, django_assert_max_num_queries: Any
) -> None:
    from minping_web.rounds.services.fieldwork import enter_dispositions, read_lines

    lines = read_lines("\n".join(f"{code},拒访" for code in codes(world, going)))
    with django_assert_max_num_queries(26):  # one for each household would be 32
        enter_dispositions(world.bureau, going.round.pk, lines, reason="11月12日入户")
    assert Invitation.objects.filter(found=Found.REFUSAL).count() == 8  # six of which had voted
