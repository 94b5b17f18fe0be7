"""`verify_log`: sound logs pass; whatever was changed is found, and named by its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError, Severity
from minping_engine.proof import (
    Checkpoint,
    FolderStore,
    SigningKey,
    entry_of,
    leaf_hash,
    pack_entries,
    sign_checkpoint,
)
from minping_engine.verification import LogReport, verify_log
from tests.engine.proof.logs import KEY, ORIGIN, grown, tree_hash

KEY_TEXT = str(KEY.verifier)
KINDS = ("scheme_frozen", "ballot", "ballot", "tally")


def nonce_of(number: int) -> bytes:
    """A nonce per entry; real ones are random."""
    return number.to_bytes(32, "big")


def entry(number: int) -> bytes:
    return entry_of(KINDS[number % 4], f"step/{number}", {"number": number}, nonce_of(number))


def entries(count: int) -> list[bytes]:
    return [entry(number) for number in range(count)]


def log_at(folder: Path, sizes: list[int], made: list[bytes] | None = None) -> Path:
    """A published log of our entries in a folder."""
    grown(made or entries(sizes[-1]), sizes, FolderStore(folder))
    return folder


def codes(report: LogReport) -> list[str]:
    return [problem.code for problem in report.problems]


def found(report: LogReport) -> list[tuple[str, str]]:
    """Errors and the files they name."""
    return [
        (problem.code, problem.place.file)
        for problem in report.problems
        if problem.severity is Severity.ERROR
    ]


@contextmanager
def changed(file: Path, place: int, mask: int = 1) -> Iterator[None]:
    """One byte of a file changed for a while."""
    content = file.read_bytes()
    file.write_bytes(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
    yield
    file.write_bytes(content)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven entries, published at 3 and 7."""
    return log_at(tmp_path_factory.mktemp("small"), [3, 7])


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three levels of files: 600 entries, published at 5, 256 and 600."""
    return log_at(tmp_path_factory.mktemp("larger"), [5, 256, 600])


@pytest.mark.parametrize("sizes", [[0], [1], [3, 7], [255, 256, 257], [5, 600], [300, 65_536, 65_537]])
def test_a_published_log_is_sound(tmp_path: Path, sizes: list[int]) -> None:
    made = entries(sizes[-1]) or []
    report = verify_log(log_at(tmp_path, sizes, made), KEY_TEXT)
    assert report.problems == ()
    assert (report.origin, report.size, report.entries) == (ORIGIN, sizes[-1], sizes[-1])
    assert report.root == tree_hash(made)


def test_entries_are_counted_by_kind(small: Path) -> None:
    report = verify_log(small, KEY_TEXT)
    assert report.kinds == {"ballot": 4, "scheme_frozen": 2, "tally": 1}
    assert report.other_entries == 0


def test_entries_of_another_format_are_counted_apart(tmp_path: Path) -> None:
    report = verify_log(log_at(tmp_path, [3], [entry(0), b"free text", b""]), KEY_TEXT)
    assert report.is_sound
    assert (dict(report.kinds), report.other_entries, report.entries) == ({"scheme_frozen": 1}, 2, 3)


def test_every_flipped_byte_of_every_file_is_found_and_located(small: Path) -> None:
    """Each byte of a bundle, a tile or the checkpoint, one after the other."""
    files = [one for one in small.rglob("*") if one.is_file()]
    assert len(files) == 5
    for file in files:
        name = file.relative_to(small).as_posix()
        for place in range(file.stat().st_size):
            with changed(file, place):
                assert {where for _, where in found(verify_log(small, KEY_TEXT))} == {name}, place
    assert verify_log(small, KEY_TEXT).is_sound


@given(st.data())
def test_every_flipped_bit_of_a_log_with_levels_is_found_and_located(
    larger: Path, data: st.DataObject
) -> None:
    file = data.draw(st.sampled_from(sorted(one for one in larger.rglob("*") if one.is_file())))
    place = data.draw(st.integers(0, file.stat().st_size - 1))
    with changed(file, place, 1 << data.draw(st.integers(0, 7))):
        report = verify_log(larger, KEY_TEXT)
    assert {where for _, where in found(report)} == {file.relative_to(larger).as_posix()}


def test_a_changed_entry_is_named_by_its_index(larger: Path) -> None:
    width = len(pack_entries(entries(256)))
    with changed(larger / "tile/entries/001", len(pack_entries(entries(300)[256:])) + 20):
        (problem,) = verify_log(larger, KEY_TEXT).problems
    assert (problem.code, problem.params["index"], problem.count) == ("ledger.entry_changed", 300, 1)
    assert width == (larger / "tile/entries/000").stat().st_size


def test_a_changed_hash_is_told_from_a_changed_entry(larger: Path) -> None:
    with changed(larger / "tile/0/001", 44 * 32):
        (problem,) = verify_log(larger, KEY_TEXT).problems
    assert (problem.code, problem.params["index"]) == ("ledger.tile_changed", 300)


def test_damage_in_several_places_is_told_in_one_go(larger: Path) -> None:
    with (
        changed(larger / "tile/entries/000", 50),
        changed(larger / "tile/0/001", 0),
        changed(larger / "tile/0/000.p/5", 0),
    ):
        report = verify_log(larger, KEY_TEXT)
    assert sorted(found(report)) == [
        ("ledger.entry_changed", "tile/entries/000"),
        ("ledger.tile_changed", "tile/0/000.p/5"),
        ("ledger.tile_changed", "tile/0/001"),
    ]


def test_an_entry_that_was_changed_with_its_hash_does_not_pass(tmp_path: Path) -> None:
    """Both files agree; only what was signed tells on them."""
    folder, made = log_at(tmp_path, [600]), entries(600)
    forged = [entry(999), *made[1:256]]
    (folder / "tile/entries/000").write_bytes(pack_entries(forged))
    (folder / "tile/0/000").write_bytes(b"".join(map(leaf_hash, forged)))
    (problem,) = verify_log(folder, KEY_TEXT).problems
    assert (problem.code, problem.place.file) == ("ledger.range_unproved", "tile/0/000")
    assert problem.params == {"first": 0, "last": 255}


def test_entries_forged_with_all_hashes_above_them_do_not_pass(tmp_path: Path) -> None:
    """A whole other log under a checkpoint that was signed over the first one; and one level of it."""
    made = entries(66_000)
    checkpoint = (log_at(tmp_path / "signed", [66_000], made) / "checkpoint").read_bytes()
    made[5] = entry(99_999)
    forged = log_at(tmp_path / "forged", [66_000], made)
    (forged / "checkpoint").write_bytes(checkpoint)
    assert found(verify_log(forged, KEY_TEXT)) == [("ledger.root_differs", "checkpoint")]
    edge = "tile/2/000.p/1"
    (forged / edge).write_bytes((tmp_path / "signed" / edge).read_bytes())
    (problem,) = verify_log(forged, KEY_TEXT).problems
    assert (problem.code, problem.place.file) == ("ledger.range_unproved", "tile/1/000")
    assert problem.params == {"first": 0, "last": 65_535}


@given(st.data())
def test_no_mixture_of_honest_and_forged_files_passes_as_the_signed_log(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The forger may replace any files but cannot sign; only the honest bytes are sound."""
    made, sizes = entries(600), [5, 256, 600]
    honest = grown(made, sizes).files
    for index in data.draw(st.lists(st.integers(0, 599), min_size=1, max_size=3)):
        made[index] = entry(10_000 + index)
    forged = {name: content for name, content in grown(made, sizes).files.items() if content != honest[name]}
    taken = data.draw(st.sets(st.sampled_from(sorted(forged.keys() - {"checkpoint"})), min_size=1))
    folder = tmp_path_factory.mktemp("mixed")
    for name, content in honest.items():
        FolderStore(folder).write(name, forged[name] if name in taken else content)
    assert not verify_log(folder, KEY_TEXT).is_sound


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = log_at(tmp_path, [600])
    for name in ("tile/entries/001", "tile/0/002.p/88", "tile/1/000.p/2"):
        (folder / name).rename(tmp_path / "aside")
        assert found(verify_log(folder, KEY_TEXT)) == [("ledger.file_missing", name)]
        (tmp_path / "aside").rename(folder / name)


def test_a_log_without_any_files_but_its_checkpoint_is_not_sound(tmp_path: Path) -> None:
    folder = log_at(tmp_path / "log", [600])
    (tmp_path / "empty").mkdir()
    (folder / "checkpoint").rename(tmp_path / "empty" / "checkpoint")
    files = {where for _, where in found(verify_log(tmp_path / "empty", KEY_TEXT))}
    assert {"tile/entries/000", "tile/0/002.p/88", "tile/1/000.p/2", "checkpoint"} <= files


def test_a_checkpoint_that_promises_far_more_than_there_is_is_not_searched_for(small: Path) -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 10**18, bytes(32)), KEY)
    content = (small / "checkpoint").read_bytes()
    (small / "checkpoint").write_bytes(note)
    report = verify_log(small, KEY_TEXT)
    (small / "checkpoint").write_bytes(content)
    assert found(report) == [("ledger.mostly_missing", "checkpoint")]


def test_a_root_that_was_signed_but_never_published_is_found(small: Path) -> None:
    content = (small / "checkpoint").read_bytes()
    (small / "checkpoint").write_bytes(sign_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)), KEY))
    report = verify_log(small, KEY_TEXT)
    (small / "checkpoint").write_bytes(content)
    assert found(report) == [("ledger.root_differs", "checkpoint")]


def test_without_a_signature_files_are_still_held_against_each_other(tmp_path: Path) -> None:
    folder = log_at(tmp_path, [600])
    (folder / "checkpoint").unlink()
    with changed(folder / "tile/entries/001", 50):
        report = verify_log(folder, KEY_TEXT)
    assert (report.size, report.root, report.entries) == (None, b"", 600)
    assert found(report) == [
        ("ledger.no_checkpoint", "checkpoint"),
        ("ledger.files_disagree", "tile/0/001"),
        ("ledger.files_disagree", "tile/1/000.p/2"),
    ]


def test_the_key_of_another_log_opens_nothing(small: Path) -> None:
    other = SigningKey("example.org/other", bytes(32)).verifier
    assert found(verify_log(small, other)) == [("ledger.checkpoint_unsigned", "checkpoint")]


def test_files_beside_the_log_are_noted_and_do_no_harm(tmp_path: Path) -> None:
    folder = log_at(tmp_path, [3])
    FolderStore(folder).write("tile/0/001", bytes(8192))
    for name in ("readme.txt", "tile/0/.000.p.partial", "tile/0/7"):
        (folder / name).write_text("")
    report = verify_log(folder, KEY_TEXT)
    assert report.is_sound
    assert [(one.code, one.place.file) for one in report.problems] == [
        ("ledger.file_beyond", "tile/0/001"),
        ("ledger.file_unknown", "readme.txt"),
        ("ledger.file_unknown", "tile/0/.000.p.partial"),
        ("ledger.file_unknown", "tile/0/7"),
    ]


def test_a_log_that_grew_while_it_was_copied_is_sound(tmp_path: Path) -> None:
    """The checkpoint is of 5; partial files of 5 went away when the bundle was full."""
    folder = log_at(tmp_path, [5])
    checkpoint = (folder / "checkpoint").read_bytes()
    log_at(folder, [300])
    (folder / "checkpoint").write_bytes(checkpoint)
    for name in ("tile/0/000.p/5", "tile/entries/000.p/5"):
        (folder / name).unlink()
    report = verify_log(folder, KEY_TEXT)
    assert report.is_sound
    assert (report.size, report.entries) == (5, 5)


def checkpoint_at(tmp_path: Path, size: int) -> bytes:
    """What an auditor kept when the log had that size."""
    return (log_at(tmp_path / f"kept-{size}", [size]) / "checkpoint").read_bytes()


@pytest.mark.parametrize("old", [0, 1, 3, 256, 599, 600])
def test_a_log_that_only_grew_continues_the_kept_checkpoint(larger: Path, tmp_path: Path, old: int) -> None:
    kept = (log_at(tmp_path, [old], entries(old)) / "checkpoint").read_bytes()
    report = verify_log(larger, KEY_TEXT, kept)
    assert (report.problems, report.older_size) == ((), old)


def test_an_edited_history_signed_again_passes_alone_and_fails_against_a_kept_checkpoint(
    tmp_path: Path,
) -> None:
    kept = checkpoint_at(tmp_path, 300)
    made = entries(600)
    made[17] = entry_of("ballot", "step/17", {"number": "edited"}, nonce_of(17))
    folder = log_at(tmp_path / "edited", [600], made)
    assert verify_log(folder, KEY_TEXT).is_sound
    report = verify_log(folder, KEY_TEXT, kept)
    assert found(report) == [("ledger.history_changed", "checkpoint")]
    assert report.older_size is None


def test_a_fork_of_equal_size_is_refused(tmp_path: Path) -> None:
    kept = checkpoint_at(tmp_path, 7)
    folder = log_at(tmp_path / "fork", [7], [*entries(6), entry(99)])
    assert found(verify_log(folder, KEY_TEXT, kept)) == [("ledger.history_changed", "checkpoint")]


def test_a_log_rolled_back_is_refused(small: Path, tmp_path: Path) -> None:
    report = verify_log(small, KEY_TEXT, checkpoint_at(tmp_path, 8))
    (problem,) = report.problems
    assert (problem.code, problem.params) == ("ledger.rolled_back", {"size": 7, "old": 8})


def test_a_kept_checkpoint_that_does_not_hold_is_named_by_its_file(small: Path) -> None:
    report = verify_log(small, KEY_TEXT, b"nothing", older_name="kept.txt")
    assert found(report) == [("ledger.checkpoint_malformed", "kept.txt")]


def test_a_missing_bundle_leaves_history_to_the_tile_that_the_root_proves(tmp_path: Path) -> None:
    kept = checkpoint_at(tmp_path, 300)
    folder = log_at(tmp_path / "log", [600])
    (folder / "tile/entries/000").unlink()
    report = verify_log(folder, KEY_TEXT, kept)
    assert found(report) == [("ledger.file_missing", "tile/entries/000")]
    assert report.older_size == 300
    (folder / "tile/0/000").unlink()
    assert "ledger.history_unknown" in codes(verify_log(folder, KEY_TEXT, kept))


def disclosed(tmp_path: Path, *lines: object) -> Path:
    file = tmp_path / "opened.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


def line(index: object, record: object, nonce: str) -> dict[str, object]:
    return {"index": index, "record": record, "nonce": nonce}


def test_a_disclosed_record_opens_its_entry_and_no_other(small: Path, tmp_path: Path) -> None:
    nonce = nonce_of(4).hex()
    file = disclosed(
        tmp_path,
        line(4, {"number": 4}, nonce),
        line(5, {"number": 4}, nonce),
        line(4, {"number": 5}, nonce),
        line(7, {"number": 4}, nonce),
        line(4, {"number": 4}, nonce[:-2]),
        line("4", {"number": 4}, nonce),
        line(4, {"number": 4}, "no hex"),
        [],
    )
    report = verify_log(small, KEY_TEXT, opened=file)
    assert report.opened == 1
    assert [(one.code, one.place.row) for one in report.problems] == [
        ("ledger.opened_malformed", 6),
        ("ledger.opened_malformed", 7),
        ("ledger.opened_malformed", 8),
        ("ledger.not_opened", 2),
        ("ledger.not_opened", 3),
        ("ledger.opened_no_entry", 4),
        ("ledger.not_opened", 5),
    ]


def test_what_the_auditor_gave_wrongly_is_refused(small: Path, tmp_path: Path) -> None:
    for folder, key, opened, code in (
        (tmp_path / "none", KEY_TEXT, None, "ledger.no_folder"),
        (small, "no key", None, "ledger.key_malformed"),
        (small, KEY_TEXT, tmp_path / "none.jsonl", "ledger.opened_unreadable"),
    ):
        with pytest.raises(InputError) as raised:
            verify_log(folder, key, opened=opened)
        assert raised.value.problems[0].code == code
