"""Every id gets a file of its own, whatever it is made of."""

from __future__ import annotations

from minping_engine.reporting.filenames import file_names


def test_plain_ids_keep_their_text() -> None:
    assert file_names(["W00101", "网格-7"]) == {"W00101": "W00101", "网格-7": "网格-7"}


def test_ids_that_leave_the_folder_are_tamed() -> None:
    names = file_names(["../../etc/passwd", "a/b", "..", "", "CON", "x" * 300])
    assert all("/" not in name and ".." not in name and 0 < len(name) <= 60 for name in names.values())


def test_ids_that_differ_only_in_case_get_different_files() -> None:
    names = file_names(["a1", "A1"])
    assert names["a1"].casefold() != names["A1"].casefold()


def test_ids_that_are_tamed_to_the_same_text_stay_apart() -> None:
    names = file_names(["a/b", "a?b", "a b"])
    assert len(set(names.values())) == 3
