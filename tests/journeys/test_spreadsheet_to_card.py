"""From a survey firm's spreadsheet to a report card on paper, by one command, as an officer would."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

from minping_engine.scheme import load_scheme
from tests.oracle import points_of
from tests.rounds import Ballot
from tests.terminal import Screen, on_terminal

SCHEME = load_scheme("gulou-worker")
ITEMS = SCHEME.scheme.instrument.items
MODES = {"入户": 1, "电话": 2, "短信": 3}
WORKERS = {"东一片": "甄测试", "东二片": "贾样例", "西一片": "艾虚构"}


@dataclass(frozen=True)
class Journey:
    """What went in and what came out."""

    folder: Path
    screen: Screen
    expected: dict[str, float]
    late: int


def _sheet(path: Path) -> tuple[dict[str, float], int]:
    """A firm's sheet: title row, labels, one household that answers twice. Returns exact scores by area."""
    rng = np.random.default_rng(11)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["2020年第四季度社区工作者满意度调查数据（虚构）"])
    sheet.append(
        ["序号", "责任片", "社工姓名", "户号", "访问时间", "访问方式", *(item.text.zh for item in ITEMS)]
    )
    totals: dict[str, list[int]] = {}
    last: dict[str, tuple[str, int]] = {}
    for number in range(150):
        area = list(WORKERS)[number % 3]
        household = f"H{number:04d}" if number < 149 else "H0000"
        codes = {
            item.id: int(rng.choice([a.code for a in item.answers], p=_shares(len(item.answers))))
            for item in ITEMS
        }
        mode = list(MODES)[int(rng.integers(0, 3))]
        labels = [next(a.label.zh for a in item.answers if a.code == codes[item.id]) for item in ITEMS]
        if number == 149:
            area = "东一片"
        moment = f"2020-11-{1 + number // 10:02d} {9 + number % 10:02d}:15"
        sheet.append([number + 1, area, WORKERS[area], household, moment, mode, *labels])
        points = points_of(Ballot(0, codes, MODES[mode]), SCHEME)
        assert points is not None
        last[f"{area}/{household}"] = (area, points["total"])
    for area, total in last.values():
        totals.setdefault(area, []).append(total)
    book.save(path)
    return {area: float(Fraction(sum(values), len(values) * 1000)) for area, values in totals.items()}, 1


def _shares(n: int) -> list[float]:
    return [0.8, *[0.2 / (n - 1)] * (n - 1)]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """One run of the command on the sheet."""
    folder = tmp_path_factory.mktemp("journey")
    expected, late = _sheet(folder / "ballots.xlsx")
    screen = on_terminal(
        "assess",
        "gulou-worker",
        str(folder / "ballots.xlsx"),
        "--period",
        "2020Q4",
        "-o",
        str(folder / "out"),
        "--demo-values",
    )
    return Journey(folder, screen, expected, late)


def pdf_text(path: Path) -> str:
    made = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True)
    return made.stdout.decode()


def test_the_command_goes_through_and_shows_the_guessed_map(journey: Journey) -> None:
    assert journey.screen.code == 0, journey.screen.text
    assert "责任片" in journey.screen.text
    assert "2020Q4" in journey.screen.text


def test_every_worker_has_a_card_with_the_exact_score(journey: Journey) -> None:
    cards = sorted((journey.folder / "out/cards").glob("*.pdf"))
    texts = [pdf_text(card) for card in cards]
    assert len(texts) == len(WORKERS)
    for area, name in WORKERS.items():
        text = next(text for text in texts if name in text)
        assert f"{journey.expected[area]:.2f}" in text
        assert "演示" in text, "grades rest on demo values, and the card says so"


def test_the_card_is_one_page_with_ink_on_it(journey: Journey) -> None:
    card = next((journey.folder / "out/cards").glob("*.pdf"))
    info = subprocess.run(["pdfinfo", str(card)], check=True, capture_output=True).stdout.decode()
    assert "Pages:           1" in info
    assert "A4" in info
    picture = subprocess.run(
        ["pdftoppm", "-r", "40", "-gray", str(card)], check=True, capture_output=True
    ).stdout
    pixels = np.frombuffer(picture, np.uint8)[15:]
    assert 0.02 < (pixels < 128).mean() < 0.3


def test_one_household_has_one_vote_and_the_dropped_one_is_listed(journey: Journey) -> None:
    head = json.loads((journey.folder / "out/result.json").read_text())
    assert head["counts"]["ballots_counted"] == 150 - journey.late
    report = load_workbook(journey.folder / "out.snapshot.import-report.xlsx")
    text = str([[cell.value for cell in row] for sheet in report for row in sheet])
    assert "3" in text
    assert "H0000" not in text


def test_the_bulletin_names_no_person(journey: Journey) -> None:
    page = (journey.folder / "out/bulletin.html").read_text("utf-8")
    assert not any(name in page for name in WORKERS.values())


def test_the_trace_leads_from_the_card_to_the_sums(journey: Journey) -> None:
    workbook = load_workbook(journey.folder / "out/report.xlsx")
    sheet = workbook["得分"]
    ids = [row[0].value for row in sheet.iter_rows(min_row=2) if row[1].value == "甄测试"]
    screen = on_terminal("trace", str(journey.folder / "out"), str(ids[0]))
    assert f"{journey.expected['东一片']:.6f}" in screen.text
