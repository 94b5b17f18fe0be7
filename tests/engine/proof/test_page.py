"""The method page: its tables are what the code makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minping_engine.anchors import printed_root
from minping_engine.proof import (
    Checkpoint,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    parse_tile_path,
    root_of,
)
from tests.engine.proof.logs import ORIGIN, grown, numbered

LETTERS = [b"a", b"b", b"c", b"d"]


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "method" / "ledger.md").read_text("utf-8")


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table under a head."""
    lines = page.partition(f"{head}\n")[2].splitlines()[1:]
    table = lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table]


def test_the_worked_hashes_are_what_the_code_makes(page: str) -> None:
    made = [["0", "", "", root_of(grown([], [0]), 0).hex()[:8]]]
    for size, letter in enumerate(LETTERS, 1):
        root = root_of(grown(LETTERS, [size]), size)
        made.append([str(size), letter.decode(), leaf_hash(letter).hex()[:8], root.hex()[:8]])
    assert rows(page, "| size | entry | leaf hash | root |") == made


def test_the_worked_proofs_are_what_the_code_makes(page: str) -> None:
    store = grown(LETTERS, [3, 4])
    (inclusion,) = inclusion_proof(store, 2, size=3)
    assert f"one hash, the root of 2: {inclusion.hex()[:8]}." in page
    consistency = ", ".join(one.hex()[:8] for one in consistency_proof(store, 3, size=4))
    assert f"has three: {consistency}." in page.replace("\n", " ")


def test_the_files_of_each_size_are_those_of_the_table(page: str) -> None:
    table = rows(page, "| size | full tiles and bundles | unfinished ones |")
    assert len(table) == 3
    for size, full, unfinished in table:
        names = grown(numbered(int(size)), [int(size)]).files.keys() - {"checkpoint"}
        tiles = {name: path for name in names if (path := parse_tile_path(name))}
        assert set(re.findall(r"tile/[\w/.]+", full)) == {one for one in tiles if tiles[one].is_full}
        assert set(re.findall(r"tile/[\w/.]+", unfinished)) == {
            one for one in tiles if not tiles[one].is_full
        }


def test_the_printed_root_of_the_page_is_what_the_code_prints(page: str) -> None:
    root = root_of(grown(LETTERS, [4]), 4)
    assert "\n".join(printed_root(Checkpoint(ORIGIN, 4, root)).lines) in page
