"""Letters: codes that an independent reader reads, one page each, one PDF, sealed until printed."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from minping_web.accounts.models import User
from minping_web.channels.models import PrintRun
from minping_web.channels.rules.owners import Owner, _Registered, set_owner_source
from minping_web.channels.services import printing
from minping_web.channels.services.keys import key_of
from minping_web.channels.services.letters import (
    LetterRow,
    PaperItem,
    PaperQuestionnaire,
    letter_pages,
    link_card,
    make_letters,
    make_paper_forms,
    make_poster,
    standard_wording,
)
from minping_web.channels.services.letters.codes import CodeMaker, codes_of
from minping_web.channels.services.letters.joining import joined
from minping_web.common.problems import RefusedError
from minping_web.ledger.models import StagedEntry
from tests.web.channels.conftest import Desk
from tests.web.channels.qr_reader import read_code
from tests.web.entering import sign_in

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
WORDING = standard_wording(
    office="试验区社会工作部", until="2026年10月31日", telephone="025-0000 0000", site="minping.example.cn"
)


def link(length: int = 16) -> str:
    return "https://minping.example.cn/v/" + "".join(secrets.choice(ALPHABET) for _ in range(length))


def rows(count: int) -> Iterator[LetterRow]:
    return (LetterRow(uuid4(), link(), f"和平社区第{n % 9 + 1}网格", f"{n + 1:06d}") for n in range(count))


def pages_of(pdf: bytes, folder: Path) -> list[str]:
    """The text of each page, by poppler."""
    (folder / "made.pdf").write_bytes(pdf)
    text = subprocess.run(
        ["pdftotext", "-layout", str(folder / "made.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    return text.split("\f")[:-1]


def test_bulk_codes_say_what_they_should_to_an_independent_reader() -> None:
    links = [link() for _ in range(60)] + [link(20) for _ in range(20)] + [link(36) for _ in range(5)]
    codes = codes_of(links, {})
    assert [read_code(code.tolist()) for code in codes] == links


def test_a_bulk_code_equals_the_code_that_is_drawn_alone() -> None:
    import segno

    links = [link() for _ in range(10)]
    maker = CodeMaker(links[0])
    for text, code in zip(links, maker.codes(links), strict=True):
        alone = segno.make(
            text, error="m", mode="byte", version=maker._version, mask=maker._mask, boost_error=False
        )
        assert code.tolist() == [list(row) for row in alone.matrix]


def test_letters_are_one_page_each_in_one_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    made, target = list(rows(260)), tmp_path / "letters.pdf"
    assert make_letters(made, WORDING, target) == 260
    assert target.stat().st_mode & 0o777 == 0o600
    pages = pages_of(target.read_bytes(), tmp_path)
    assert len(pages) == 260
    for row, page in zip(made, pages, strict=True):
        assert row.short_code[:9] in page
        assert row.short_code[10:] in page
        assert row.serial in page
        assert row.place_label in page.replace(" ", "")
    for words in (
        WORDING.office,
        WORDING.telephone,
        WORDING.real,
        "minping.example.cn/report/pressure",
        "截止",
    ):
        assert words in pages[-1]


BULK = """
import sys
from pathlib import Path
import django
django.setup()
from minping_web.channels.services.letters import make_letters
from tests.web.channels.test_letters import WORDING, rows
def told(place):
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    print(place, next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), flush=True)
def counted():
    for at, row in enumerate(rows(int(sys.argv[1]))):
        if at in (0, 4000):
            told(at)
        yield row
told(make_letters(counted(), WORDING, Path(sys.argv[2])))
"""
"""Prints letters set so far, and the most memory (MB) that the process had until then."""


@pytest.mark.deep
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process's memory here")
def test_ten_thousand_letters_are_one_file_and_memory_does_not_grow_with_them(tmp_path: Path) -> None:
    count, target, script, begun = 10_000, tmp_path / "letters.pdf", tmp_path / "bulk.py", time.monotonic()
    script.write_text(BULK, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(count), str(target)], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.getcwd(), "DJANGO_SETTINGS_MODULE": "tests.web.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    peaks = {int(at): int(peak) for at, peak in (line.split() for line in done.stdout.splitlines())}
    told = (
        f"{time.monotonic() - begun:.0f} s, {target.stat().st_size / 1e6:.0f} MB of PDF,"
        f" most memory by letter: {peaks} MB"
    )
    pages = subprocess.run(["pdfinfo", str(target)], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages:\s+10000$", pages, re.MULTILINE), f"{pages}; {told}"
    for number in (1, 5_001, count):
        page = subprocess.run(
            ["pdftotext", "-f", str(number), "-l", str(number), str(target), "-"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert f"{number:06d}" in page, told
    assert peaks[count] < 800, told
    assert peaks[count] - peaks[4000] < 100, told


@pytest.mark.skipif(not Path("/usr/bin/pdftoppm").exists(), reason="no poppler")
def test_the_printed_code_can_be_read_from_the_page(tmp_path: Path) -> None:
    row = next(rows(1))
    (tmp_path / "one.pdf").write_bytes(b"".join(letter_pages([row], WORDING)))
    picture = subprocess.run(
        ["pdftoppm", "-gray", "-r", "200", str(tmp_path / "one.pdf")], capture_output=True, check=True
    ).stdout
    assert read_code(_modules_of(picture)) == row.url


LETTER_BOX = (128.0, 182.0, 132.0, 186.0)


def _modules_of(picture: bytes, box: tuple[float, ...] = LETTER_BOX, dots: int = 200) -> list[list[int]]:
    """The square code of a grey picture: what is dark inside a box (millimetres), module by module."""
    import numpy as np

    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", picture)
    assert head
    width, height = int(head[1]), int(head[2])
    grey = np.frombuffer(picture[head.end() :], np.uint8).reshape(height, width) < 128
    # The box lies inside the frame and holds the code and nothing else.
    top, foot, left, right = (int(side * dots / 25.4) for side in box)
    part = grey[top:foot, left:right]
    lines, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    code = part[lines[0] : lines[-1] + 1, columns[0] : columns[-1] + 1]
    side = 33  # version 4
    places = [
        (int((at + 0.5) * code.shape[0] / side), int((at + 0.5) * code.shape[1] / side)) for at in range(side)
    ]
    return [[int(code[row, column]) for _r, column in places] for row, _c in places]


def test_no_letter_no_pdf_of_letters(tmp_path: Path) -> None:
    assert b"/Count 0" in b"".join(letter_pages([], WORDING))


def test_a_link_that_is_no_address_is_refused_by_its_number() -> None:
    wrong = [LetterRow(uuid4(), "https://例.cn/v/1", "x", "1")]
    with pytest.raises(RefusedError):
        b"".join(letter_pages(wrong, WORDING))


def test_only_what_the_compiler_writes_is_joined() -> None:
    with pytest.raises(ValueError, match="cross-reference"):
        b"".join(joined([b"%PDF-1.5\nstartxref\n3\n%%EOF"]))


def test_poster_card_and_paper_form_are_made(tmp_path: Path) -> None:
    poster = make_poster(
        link(), title="说说您的社区工作者", lead="扫一扫", lines=["匿名"], foot="试验", paper="a3"
    )
    assert "说说您的社区工作者" in pages_of(poster, tmp_path)[0]
    card = link_card(link(), title="请评价社区工作者", summary="约两分钟")
    width, height = (int.from_bytes(card.picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) >= (300, 300)
    questionnaire = PaperQuestionnaire(
        "问卷", "请作答", (PaperItem("1", "工作态度", ("满意", "不满意")),), (), "还想说什么", "请寄回"
    )
    sheets = list(rows(3))
    forms = pages_of(b"".join(make_paper_forms(questionnaire, sheets)), tmp_path)
    assert len(forms) == 3
    assert "工作态度" in forms[2]
    assert sheets[2].serial in forms[2]


def run_of(desk: Desk, made: list[LetterRow]) -> PrintRun:
    return printing.open_print_run(desk.bureau, "round-1", made, WORDING, title="第一批信件")


def sealed_file(run: PrintRun) -> Path:
    return Path(settings.DATA_FOLDER) / "print-runs" / run.key_name


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_print_run_waits_sealed_and_is_destroyed_when_printed(desk: Desk, tmp_path: Path) -> None:
    made = list(rows(3))
    run = run_of(desk, made)
    kept = sealed_file(run).read_bytes()
    assert not any(row.url.encode() in kept or row.serial.encode() in kept for row in made)
    with pytest.raises(RefusedError):
        printing.acknowledge_printed(desk.firm, run.pk)  # nobody has downloaded it
    pages = pages_of(b"".join(printing.download_run(desk.firm, run.pk)), tmp_path)
    assert [row.short_code[:9] in page for row, page in zip(made, pages, strict=True)] == [True] * 3
    printing.acknowledge_printed(desk.firm, run.pk)
    assert key_of(run.key_name) is None
    assert not sealed_file(run).exists()
    with pytest.raises(RefusedError):
        printing.download_run(desk.firm, run.pk)
    assert StagedEntry.objects.filter(kind__startswith="letters.").count() == 2


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_the_bureau_that_is_judged_by_the_vote_downloads_no_letters(desk: Desk) -> None:
    run = run_of(desk, list(rows(1)))
    with pytest.raises(PermissionDenied):
        printing.download_run(desk.bureau, run.pk)
    printing.cancel_run(desk.bureau, run.pk, reason="措辞有误")
    assert key_of(run.key_name) is None


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_run_that_cannot_be_made_leaves_neither_file_nor_key(desk: Desk) -> None:
    wrong = [*rows(2), LetterRow(uuid4(), "https://例.cn/1", "x", "3")]
    with pytest.raises(RefusedError) as refused:
        run_of(desk, wrong)
    assert refused.value.problems[0].params == {"number": 3}
    assert not list((Path(settings.DATA_FOLDER) / "print-runs").iterdir())
    assert not list((Path(settings.KEY_FOLDER) / "batches").iterdir())


# --- the end of the round moves -------------------------------------------------------------------

NEW_DAY = "2026年11月7日"


@pytest.fixture
def extended() -> Iterator[None]:
    """The round of these letters ends later than they say."""
    import minping_web.site.urls  # noqa: F401  wires the product's own source, once

    before = _Registered.source
    set_owner_source(lambda owner: Owner("冬季轮次", "/rounds/1/", NEW_DAY) if owner == "round-1" else None)
    yield
    set_owner_source(before)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_letters_that_wait_name_the_new_last_day_and_keep_their_codes(
    desk: Desk, extended: None, tmp_path: Path
) -> None:
    made = list(rows(2))
    run = run_of(desk, made)
    old = pages_of(b"".join(printing.download_run(desk.firm, run.pk)), tmp_path)
    assert "2026年10月31日" in old[0].replace(" ", "")
    printing.name_new_day(desk.firm, run.pk)
    run.refresh_from_db()
    assert (run.state, run.wording["until"]) == ("ready", NEW_DAY)
    with pytest.raises(RefusedError):
        printing.acknowledge_printed(desk.firm, run.pk)  # what was downloaded names the old day
    new = pages_of(b"".join(printing.download_run(desk.firm, run.pk)), tmp_path)
    for row, page in zip(made, new, strict=True):
        assert NEW_DAY in page.replace(" ", "")
        assert "10月31日" not in page.replace(" ", "")
        assert row.short_code[:9] in page
    assert (StagedEntry.objects.get(kind="letters.day_changed").record or {})["after"] == NEW_DAY


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_only_waiting_letters_with_another_day_are_changed(desk: Desk, extended: None) -> None:
    run = run_of(desk, list(rows(1)))
    with pytest.raises(PermissionDenied):
        printing.name_new_day(desk.bureau, run.pk)
    printing.name_new_day(desk.firm, run.pk)
    with pytest.raises(RefusedError) as refused:
        printing.name_new_day(desk.firm, run.pk)
    assert [one.code for one in refused.value.problems] == ["channels.run_up_to_date"]
    PrintRun.objects.filter(pk=run.pk).update(state="printed", wording=WORDING.as_data())
    with pytest.raises(RefusedError) as refused:
        printing.name_new_day(desk.firm, run.pk)
    assert [one.code for one in refused.value.problems] == ["channels.run_over"]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_run_says_what_to_do_when_the_round_was_extended(
    desk: Desk, extended: None, client: Client
) -> None:
    run = run_of(desk, list(rows(1)))
    client.cookies["minping_language"] = "zh-hans"
    browser = sign_in(client, User.objects.get(pk=desk.firm.user_id or 0))
    page, act = reverse("channels:run", args=[run.pk]), reverse("channels:run_day", args=[run.pk])
    shown = browser.get(page).content.decode()
    assert NEW_DAY in shown
    assert act in shown
    assert NEW_DAY in browser.post(act, follow=True).content.decode()
    assert act not in browser.get(page).content.decode()
    PrintRun.objects.filter(pk=run.pk).update(state="printed", wording=WORDING.as_data())
    assert "/rounds/1/history/reprint/" in browser.get(page).content.decode()


@pytest.mark.skipif(not Path("/usr/bin/pdftoppm").exists(), reason="no poppler")
@pytest.mark.parametrize(("paper", "scale"), [("a4", 1.0), ("a3", 1.414)])
def test_the_code_of_a_poster_can_be_read_from_the_page(tmp_path: Path, paper: str, scale: float) -> None:
    target = link()
    poster = make_poster(target, title="说说", lead="x", lines=["匿名"], foot="y", paper=paper)  # type: ignore[arg-type]
    (tmp_path / "poster.pdf").write_bytes(poster)
    picture = subprocess.run(
        ["pdftoppm", "-gray", "-r", "100", str(tmp_path / "poster.pdf")], capture_output=True, check=True
    ).stdout
    box = tuple(side * scale for side in (92, 186, 57, 153))
    assert read_code(_modules_of(picture, box, dots=100)) == target
