"""Roots, tiles and their names against the RFC's own words and the examples of the tile format."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minping_engine.errors import InputError, IntegrityError
from minping_engine.proof import (
    EMPTY_ROOT,
    ENTRIES,
    Appender,
    Checkpoint,
    MemoryStore,
    TilePath,
    leaf_hash,
    parse_tile_path,
    read_entries,
    root_of,
    tiles_of,
    unpack_entries,
)
from tests.engine.proof.logs import ORIGIN, grown, numbered, tree_hash

EDGES = [0, 1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 700, 65_535, 65_536, 65_537, 70_000]


@pytest.mark.parametrize("size", EDGES)
def test_the_root_is_the_one_the_rfc_defines(size: int) -> None:
    entries = numbered(size)
    store = grown(entries, [size])
    assert root_of(store, size) == tree_hash(entries)


def test_roots_of_the_first_seven_entries_were_worked_by_hand() -> None:
    """d0 … d6 as in the drawing of the RFC: ((d0 d1)(d2 d3)) ((d4 d5) d6)."""

    def node(left: bytes, right: bytes) -> bytes:
        return sha256(b"\x01" + left + right).digest()

    entries = numbered(7)
    a, b, c, d, e, f, j = (sha256(b"\x00" + entry).digest() for entry in entries)
    g, h, i = node(a, b), node(c, d), node(e, f)
    k, l_ = node(g, h), node(i, j)
    store = grown(entries, [3, 4, 6, 7])
    wanted = {3: node(g, c), 4: k, 6: node(k, i), 7: node(k, l_)}
    assert {size: root_of(store, size) for size in wanted} == wanted


def test_an_empty_log_has_the_hash_of_nothing_as_root_and_no_tiles() -> None:
    store = MemoryStore()
    checkpoint = Appender(store).seal(ORIGIN)
    assert (checkpoint.size, checkpoint.root, store.files) == (0, sha256(b"").digest(), {})
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_log_of_70_000_has_the_tiles_that_the_format_names() -> None:
    store = grown(numbered(70_000), [70_000])
    tiles = [path for name in store.files if (path := parse_tile_path(name)) and path.level != ENTRIES]
    assert sum(path.level == 0 and path.is_full for path in tiles) == 273
    assert sorted(path for path in tiles if path.level or not path.is_full) == [
        TilePath(0, 273, 112),
        TilePath(1, 0),
        TilePath(1, 1, 17),
        TilePath(2, 0, 1),
    ]


def test_a_log_of_256_has_a_full_tile_and_a_partial_one_above_it() -> None:
    assert sorted(grown(numbered(256), [256]).files) == [
        "checkpoint",
        "tile/0/000",
        "tile/1/000.p/1",
        "tile/entries/000",
    ]


def test_partial_tiles_stay_for_every_published_size() -> None:
    files = grown(numbered(300), [3, 3, 5, 300]).files
    for name in ("tile/0/000.p/3", "tile/0/000.p/5", "tile/entries/000.p/3", "tile/0/000", "tile/0/001.p/44"):
        assert name in files


def test_an_empty_tile_is_never_written() -> None:
    assert b"" not in grown(numbered(256), [0, 1, 256]).files.values()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (TilePath(0, 1_234_067), "tile/0/x001/x234/067"),
        (TilePath(ENTRIES, 0, 7), "tile/entries/000.p/7"),
        (TilePath(63, 999, 255), "tile/63/999.p/255"),
        (TilePath(1, 1000), "tile/1/x001/000"),
    ],
)
def test_a_path_is_written_as_the_format_says_and_read_back(path: TilePath, text: str) -> None:
    assert str(path) == text
    assert parse_tile_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256",
        "tile/0/000.p/07", "tile/0/001/000", "tile/entries", "tile/0/٠٠٠", "checkpoint", "tile/0/000/",
    ],
)  # fmt: skip
def test_other_spellings_of_a_path_are_none(text: str) -> None:
    assert parse_tile_path(text) is None


@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_every_path_is_read_back(level: int, index: int, width: int) -> None:
    path = TilePath(level, index, width)
    assert parse_tile_path(str(path)) == path


def test_an_entry_stands_after_its_length_high_byte_first() -> None:
    store = grown([b"", b"x" * 300], [2])
    bundle = store.files["tile/entries/000.p/2"]
    assert bundle == b"\x00\x00\x01\x2c" + b"x" * 300
    assert store.files["tile/0/000.p/2"] == leaf_hash(b"") + leaf_hash(b"x" * 300)


@pytest.mark.parametrize("bundle", [b"\x00", b"\x00\x02x", b"\x00\x01xy", b"", b"\x00\x00\x00\x00"])
def test_a_bundle_that_does_not_hold_its_number_of_entries_is_none(bundle: bytes) -> None:
    assert unpack_entries(bundle, 1) is None


def test_the_longest_entry_fits_and_a_longer_one_is_refused_with_all_its_batch() -> None:
    log = Appender(MemoryStore())
    with pytest.raises(InputError) as raised:
        log.append([b"short", b"x" * 65_536])
    assert [problem.code for problem in raised.value.problems] == ["ledger.entry_too_long"]
    assert log.size == 0
    assert log.append([b"x" * 65_535]) == 0


@given(st.lists(st.integers(0, 400), min_size=1, max_size=8))
def test_a_log_resumed_from_its_tiles_writes_the_same_bytes(steps: list[int]) -> None:
    sizes = [sum(steps[: end + 1]) for end in range(len(steps))]
    entries = numbered(sizes[-1])
    at_once, resumed, head = grown(entries, sizes), MemoryStore(), Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    for size in sizes:
        log = Appender.resume(resumed, head)
        log.append(entries[log.size : size])
        head = log.seal(ORIGIN)
    assert resumed.files == {name: made for name, made in at_once.files.items() if name != "checkpoint"}


@pytest.mark.parametrize("name", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_a_log_does_not_go_on_from_a_changed_right_edge(name: str) -> None:
    entries = numbered(300)
    store = grown(entries, [300])
    content = store.files[name]
    store.files[name] = content[:-1] + bytes([content[-1] ^ 1])
    with pytest.raises(IntegrityError) as raised:
        Appender.resume(store, Checkpoint(ORIGIN, 300, tree_hash(entries)))
    assert raised.value.problems[0].code == "ledger.cannot_resume"


def test_a_log_does_not_go_on_where_tiles_are_missing() -> None:
    store = grown(numbered(300), [300])
    del store.files["tile/0/001.p/44"]
    with pytest.raises(IntegrityError) as raised:
        Appender.resume(store, Checkpoint(ORIGIN, 300, EMPTY_ROOT))
    assert (raised.value.problems[0].code, raised.value.problems[0].place.file) == (
        "ledger.file_missing",
        "tile/0/001.p/44",
    )


def test_what_a_killed_run_left_beyond_the_checkpoint_is_written_over() -> None:
    store = grown(numbered(250), [250])
    head = Checkpoint(ORIGIN, 250, root_of(store, 250))
    Appender.resume(store, head).append([b"never published"] * 10)
    after = Appender.resume(store, head)
    after.append(numbered(50, first=250))
    after.seal(ORIGIN)
    assert list(read_entries(store, size=300)) == numbered(300)
    assert root_of(store, 300) == tree_hash(numbered(300))


@pytest.mark.parametrize("start", [0, 1, 255, 256, 299, 300])
def test_entries_are_read_back_from_any_place(start: int) -> None:
    store = grown(numbered(300), [300])
    assert list(read_entries(store, start, size=300)) == numbered(300)[start:]


def test_an_older_size_is_read_from_the_full_tile_once_its_partial_one_is_gone() -> None:
    store = grown(numbered(300), [5, 300])
    del store.files["tile/0/000.p/5"], store.files["tile/entries/000.p/5"]
    assert root_of(store, 5) == tree_hash(numbered(5))
    assert list(read_entries(store, size=5)) == numbered(5)


def test_the_number_of_tiles_of_a_level_counts_the_unfinished_one() -> None:
    assert [tiles_of(0, size) for size in (0, 1, 256, 257)] == [0, 1, 1, 2]
    assert [tiles_of(1, size) for size in (255, 256, 65_536, 65_792)] == [0, 1, 1, 2]
