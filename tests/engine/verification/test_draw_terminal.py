"""`minping verify draw` on a terminal: what an outsider sees, and the exit code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from minping_engine.proof import FolderStore, read_entries
from tests.engine.proof.logs import KEY, grown
from tests.engine.sampling.frames import NAMED, VALUE, Published, publish
from tests.terminal import Screen, on_terminal

KEY_TEXT = str(KEY.verifier)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return publish(tmp_path_factory.mktemp("draw"))


def verify(folder: Path, *options: str) -> Screen:
    return on_terminal("verify", "draw", str(folder), *options, columns=140)


def with_log(made: Published) -> list[str]:
    return ["--log", str(made.log), "--key", KEY_TEXT, "--opened", str(made.opened)]


def test_the_folder_alone_passes_in_chinese_and_says_what_it_does_not_show(made: Published) -> None:
    screen = verify(made.folder)
    assert screen.code == 0, screen.text
    for word in (made.plan.frame_root, NAMED.source, VALUE, made.outcome.seed, "核对通过", "--log"):
        assert word in screen.text


def test_with_the_log_and_a_kept_checkpoint_nothing_stays_open(made: Published, tmp_path: Path) -> None:
    grown(list(read_entries(FolderStore(made.log), size=6)), [4], FolderStore(tmp_path))
    screen = verify(made.folder, *with_log(made), "--since", str(tmp_path / "checkpoint"), "--lang", "en")
    assert screen.code == 0, screen.text
    for word in ("draw.seed_named", "draw.made", "frame.sealed", "Nothing is wrong"):
        assert word in screen.text
    assert "--since" not in screen.text
    assert "Without" not in screen.text
    assert not any("一" <= character <= "鿿" for character in screen.text)


def test_a_log_shows_an_order_and_no_time(made: Published) -> None:
    screen = verify(made.folder, *with_log(made))
    assert screen.code == 0, screen.text
    assert "--since" in screen.text


def test_a_changed_row_is_named_with_what_to_do_and_exit_code_1(made: Published, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made.folder, tmp_path / "draw"))
    file = folder / "drawn.csv"
    file.write_text(file.read_text("utf-8").replace(",sample,", ",reserve,", 1), "utf-8")
    screen = verify(folder)
    assert screen.code == 1
    for word in ("drawn.csv", "第 2 行", "role", "举报"):
        assert word in screen.text, screen.text
    assert "核对通过" not in screen.text


def test_a_call_that_cannot_work_exits_with_code_2(made: Published, tmp_path: Path) -> None:
    assert verify(tmp_path / "none").code == 2
    assert verify(made.folder, "--key", KEY_TEXT).code == 2
    assert verify(made.folder, "--log", str(made.log), "--key", "no key").code == 2
