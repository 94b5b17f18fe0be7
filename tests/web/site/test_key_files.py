"""Keys in a sealed file: they come back whole, only with the passphrase, and never over other keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from minping_web.common.crypto import make_keys
from minping_web.common.problems import RefusedError
from minping_web.site import key_files
from minping_web.site.key_files import SESSION_KEY, read_key_file, write_key_file

PASSPHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing is made slow on purpose; the tests need not be."""
    monkeypatch.setattr(key_files, "COST", 2**10)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A key folder as a deployment makes it."""
    folder = tmp_path / "keys"
    make_keys(folder)
    (folder / SESSION_KEY).write_text("of sessions", "utf-8")
    return folder


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _refusal(file: Path, folder: Path, passphrase: str) -> str:
    with pytest.raises(RefusedError) as refused:
        read_key_file(file, folder, passphrase)
    return refused.value.problems[0].code


def test_keys_come_back_byte_by_byte_and_are_nobody_elses(keys: Path, tmp_path: Path) -> None:
    write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    read_key_file(tmp_path / "safe", tmp_path / "back", PASSPHRASE)
    assert len(_content(keys)) >= 3
    assert _content(tmp_path / "back") == _content(keys)
    made = [tmp_path / "safe", *(path for path in (tmp_path / "back").rglob("*") if path.is_file())]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}


def test_the_file_shows_no_key(keys: Path, tmp_path: Path) -> None:
    write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    sealed = (tmp_path / "safe").read_bytes()
    assert not any(content in sealed for content in _content(keys).values())


def test_another_passphrase_opens_nothing(keys: Path, tmp_path: Path) -> None:
    write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    assert _refusal(tmp_path / "safe", tmp_path / "back", PASSPHRASE + "s") == "site.keys_passphrase"
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("at", [0, 20, 30, -1])
def test_a_changed_file_opens_nothing(keys: Path, tmp_path: Path, at: int) -> None:
    """The head, the salt, the nonce and the content are all covered by the seal."""
    write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    changed = bytearray((tmp_path / "safe").read_bytes())
    changed[at] ^= 1
    (tmp_path / "forged").write_bytes(changed)
    assert _refusal(tmp_path / "forged", tmp_path / "back", PASSPHRASE) == "site.keys_passphrase"


def test_a_file_that_was_cut_off_or_is_empty_is_refused(keys: Path, tmp_path: Path) -> None:
    write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    whole = (tmp_path / "safe").read_bytes()
    for length in (0, 10, 30, len(whole) - 1):
        (tmp_path / "cut").write_bytes(whole[:length])
        assert _refusal(tmp_path / "cut", tmp_path / "back", PASSPHRASE) == "site.keys_passphrase"


def test_a_short_passphrase_seals_nothing(keys: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        write_key_file(keys, tmp_path / "safe", "elevenchars")
    assert not (tmp_path / "safe").exists()


def test_an_older_sealed_file_is_not_replaced(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "safe").write_bytes(b"older")
    with pytest.raises(RefusedError) as refused:
        write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    assert refused.value.problems[0].code == "site.file_exists"
    assert (tmp_path / "safe").read_bytes() == b"older"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "nowhere", tmp_path / "back", PASSPHRASE) == "site.file_unreadable"


def test_other_keys_are_never_overwritten_but_the_key_of_sessions_is(keys: Path, tmp_path: Path) -> None:
    write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    other = tmp_path / "other"
    make_keys(other)
    before = _content(other)
    assert _refusal(tmp_path / "safe", other, PASSPHRASE) == "site.keys_exist"
    assert _content(other) == before
    (keys / SESSION_KEY).write_text("made by the start", "utf-8")
    read_key_file(tmp_path / "safe", keys, PASSPHRASE)
    assert (keys / SESSION_KEY).read_text("utf-8") == "of sessions"


def test_keys_of_rounds_are_in_no_copy(keys: Path, tmp_path: Path) -> None:
    """After closing they are destroyed; a copy would open what an old backup of the database holds."""
    for name in ("secrets", "private", "wrapped-0123/1-2", "halves/1-2"):
        (keys / "rounds" / "7" / name).parent.mkdir(parents=True, exist_ok=True)
        (keys / "rounds" / "7" / name).write_bytes(b"of a round")
    write_key_file(keys, tmp_path / "safe", PASSPHRASE)
    read_key_file(tmp_path / "safe", tmp_path / "back", PASSPHRASE)
    assert not (tmp_path / "back" / "rounds").exists()
    assert _content(tmp_path / "back") == {
        name: content for name, content in _content(keys).items() if not name.startswith("rounds/")
    }
