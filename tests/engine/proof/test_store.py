"""The folder of a log: whole files, the checkpoint last, the same bytes as in memory."""

from __future__ import annotations

from pathlib import Path

from minping_engine.proof import (
    Appender,
    FolderStore,
    MemoryStore,
    publish_checkpoint,
    root_of,
    sign_checkpoint,
)
from tests.engine.proof.logs import KEY, ORIGIN, grown, numbered


def test_a_folder_holds_the_same_bytes_as_memory(tmp_path: Path) -> None:
    sizes = [0, 5, 256, 700]
    grown(numbered(700), sizes, FolderStore(tmp_path))
    files = {
        one.relative_to(tmp_path).as_posix(): one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()
    }
    assert files == grown(numbered(700), sizes).files
    assert root_of(FolderStore(tmp_path), 700) == root_of(grown(numbered(700), [700]), 700)


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = FolderStore(tmp_path)
    assert (store.read("none"), store.read("file/below")) == (None, None)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.write("checkpoint", b"long content")
    store.write("checkpoint", b"short")
    assert store.read("checkpoint") == b"short"
    assert [one.name for one in tmp_path.iterdir()] == ["checkpoint"]


class Witnessed(MemoryStore):
    """A store that notes what happens in which order."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []

    def write(self, path: str, content: bytes) -> None:
        self.steps.append(path)
        super().write(path, content)

    def settle(self) -> None:
        self.steps.append("settled")


def test_the_checkpoint_comes_after_everything_it_speaks_of_lasts() -> None:
    store = Witnessed()
    log = Appender(store)
    log.append(numbered(300))
    publish_checkpoint(store, sign_checkpoint(log.seal(ORIGIN), KEY))
    assert store.steps[-3:] == ["settled", "checkpoint", "settled"]
    assert len(store.steps[:-3]) == len(set(store.steps[:-3])) == 5
    assert "settled" not in store.steps[:-3]
