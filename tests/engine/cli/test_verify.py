"""`minping verify log` on a terminal: what an outsider sees, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from minping_engine.proof import FolderStore, entry_of
from tests.engine.proof.logs import KEY, ORIGIN, grown
from tests.terminal import Screen, on_terminal

NONCE = bytes(32)
ENTRIES = [entry_of("scheme_frozen" if n % 2 else "tally", f"s/{n}", {"n": n}, NONCE) for n in range(300)]
KEY_TEXT = str(KEY.verifier)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of 300 entries, published at 5 and 300."""
    folder = tmp_path / "log"
    grown(ENTRIES, [5, 300], FolderStore(folder))
    return folder


def verify(folder: Path, *options: str, key: str = KEY_TEXT, columns: int = 140) -> Screen:
    return on_terminal("verify", "log", str(folder), "--key", key, *options, columns=columns)


def test_a_sound_log_passes_in_chinese_with_a_word_on_what_was_not_checked(log: Path) -> None:
    screen = verify(log)
    assert screen.code == 0, screen.text
    for word in (ORIGIN, "300", "scheme_frozen", "核对通过", "--since"):
        assert word in screen.text


def test_the_key_may_lie_in_a_file_and_english_is_complete(log: Path, tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text(f"{KEY_TEXT}\n")
    screen = verify(log, "--lang", "en", key=str(tmp_path / "key.txt"))
    assert screen.code == 0, screen.text
    assert "Nothing is wrong" in screen.text
    assert not any("一" <= character <= "鿿" for character in screen.text)


def test_a_kept_checkpoint_and_opened_records_are_checked_too(log: Path, tmp_path: Path) -> None:
    grown(ENTRIES, [7], FolderStore(tmp_path / "kept"))
    (tmp_path / "opened.jsonl").write_text(json.dumps({"index": 2, "record": {"n": 2}, "nonce": NONCE.hex()}))
    screen = verify(
        log, "--since", str(tmp_path / "kept" / "checkpoint"), "--opened", str(tmp_path / "opened.jsonl")
    )
    assert screen.code == 0, screen.text
    assert "核对通过" in screen.text
    assert "--since" not in screen.text
    assert [one.split()[-1] for one in screen.lines if "衔接" in one or "公开记录" in one] == ["7", "1"]


def test_a_changed_file_is_named_with_what_to_do_and_exit_code_1(log: Path) -> None:
    file = log / "tile/entries/000"
    file.write_bytes(file.read_bytes().replace(b"tally", b"TALLY", 1))
    screen = verify(log)
    assert screen.code == 1
    for word in ("tile/entries/000", "第 0 号条目", "举报"):
        assert word in screen.text, screen.text
    assert "核对通过" not in screen.text


def test_an_empty_copy_does_not_fill_the_screen(log: Path, tmp_path: Path) -> None:
    grown([b""] * 12_000, [12_000], FolderStore(tmp_path / "large"))
    for file in (tmp_path / "large" / "tile").rglob("*"):
        if file.is_file():
            file.unlink()
    screen = verify(tmp_path / "large")
    assert screen.code == 1
    assert "未列出" in screen.text


def test_a_call_that_cannot_work_exits_with_code_2(log: Path, tmp_path: Path) -> None:
    assert verify(tmp_path / "none").code == 2
    screen = verify(log, key="x" * 5_000)
    assert screen.code == 2
    assert "公钥" in screen.text
