"""Printed cards: one page each, readable text, equal bytes, whatever stands on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minping_engine.reporting import write_cards
from tests.engine.reporting.factory import Worker, make_round, scheme_with_items
from tests.engine.reporting.pdf import pages_of, picture_of, text_of

LONG_NAME = "阿卜杜热合曼·买买提艾力·吐尔逊江·努尔买买提·艾尼瓦尔·伊力哈木"


def printed(folder: Path, worker: Worker | None = None, language: str = "zh", **options: Any) -> Path:
    """The card of the first worker."""
    made = make_round(folder, [[worker or Worker(), *[Worker()] * 3]], **options)
    write_cards(
        made.result,
        made.scheme,
        made.snapshot,
        folder / "cards",
        language=language,
        processes=1,
        only={"W00101"},
    )
    return folder / "cards" / "W00101.pdf"


def test_the_text_of_a_card_can_be_read_back(tmp_path: Path) -> None:
    text = text_of(printed(tmp_path, Worker(points=92.97, name="赵晓梅")))
    for words in ("赵晓梅", "91.37", "2020年第四季度", "提供社区服务", "演示数据", "本人"):
        assert words in text


def test_a_card_in_english_has_no_chinese_words_of_ours(tmp_path: Path) -> None:
    text = text_of(printed(tmp_path, language="en"))
    assert "Whattodonext" in text
    assert "成绩单" not in text


@pytest.mark.parametrize(
    ("worker", "options"),
    [
        (Worker(), {}),
        (Worker(name=LONG_NAME), {"scheme": scheme_with_items(73, long_texts=True)}),
        (Worker(n=0, status="not_assessed", reason="no_sample", grade=None), {"history": False}),
        (Worker(n=22, status="not_assessed", reason="too_few", grade=None), {"frame": False}),
        (Worker(n=212), {"scheme": scheme_with_items(8, long_texts=True)}),
        (Worker(), {"scheme": scheme_with_items(1)}),
    ],
    ids=["ordinary", "long", "no_sample", "too_few", "eight_items", "one_item"],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_card_is_one_page_with_clean_margins(
    tmp_path: Path, worker: Worker, options: dict[str, Any], language: str
) -> None:
    path = printed(tmp_path, worker, language, **options)
    picture = picture_of(path)
    assert pages_of(path) == 1
    assert 0.01 < (picture < 128).mean() < 0.3
    edge = 12
    margins = (picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:])
    assert all((margin == 255).all() for margin in margins)


def test_signature_and_footer_stand_on_the_card_with_most_text(tmp_path: Path) -> None:
    text = text_of(printed(tmp_path, Worker(name=LONG_NAME), scheme=scheme_with_items(73, long_texts=True)))
    for words in ("社区书记", "数据快照", "gulou-worker@2019.1"):
        assert words in text


def test_markup_in_a_name_stays_text(tmp_path: Path) -> None:
    assert "#panic()*_$[x]" in text_of(printed(tmp_path, Worker(name="#panic() *_$[x]")))


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    first = printed(tmp_path / "a").read_bytes()
    assert first == printed(tmp_path / "b").read_bytes()


def test_a_community_gets_one_merged_file_with_a_page_for_each(tmp_path: Path) -> None:
    made = make_round(tmp_path)
    count = write_cards(made.result, made.scheme, made.snapshot, tmp_path / "cards", processes=1)
    assert count == 7
    merged = sorted((tmp_path / "cards" / "communities").iterdir())
    assert [pages_of(path) for path in merged] == [4, 3]


def test_half_a_community_gets_no_merged_file(tmp_path: Path) -> None:
    printed(tmp_path)
    assert not list((tmp_path / "cards" / "communities").iterdir())


def test_two_processes_write_the_same_bytes_as_one_and_report_progress(tmp_path: Path) -> None:
    made = make_round(tmp_path, [[Worker()] * 9] * 3)
    seen: list[tuple[int, int]] = []
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        write_cards(
            made.result,
            made.scheme,
            made.snapshot,
            folder,
            processes=processes,
            on_progress=lambda done, total: seen.append((done, total)),
        )
    names = sorted(path.relative_to(tmp_path / "1") for path in (tmp_path / "1").rglob("*.pdf"))
    assert len(names) == 27 + 3
    assert all((tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes() for name in names)
    assert seen[-1] == (27, 27)


def test_a_rare_character_is_printed_where_the_machine_has_a_font(tmp_path: Path) -> None:
    if not Path("/usr/share/fonts/opentype/noto").is_dir():
        pytest.skip("no Noto CJK on this machine (Debian package fonts-noto-cjk)")
    assert "王𠮷" in text_of(printed(tmp_path, Worker(name="王𠮷")))
