"""Output folders: what a command may write into, and what `--force` may replace.

`--force` replaces what an earlier run made, known by its mark (`result.json`, `snapshot.json`). A
file, or a folder of something else, is refused: a wrong `-o` must not cost anybody their papers.
"""

from __future__ import annotations

from pathlib import Path

from minping_engine.errors import InputError, Place


def check_out(folder: Path, mark: str, *, force: bool) -> None:
    """Refuse a file, a folder that is not empty, and with `force` one that lacks `mark` (if there is one)."""
    if not folder.name:  # `.` and `/` have no place beside them for the unfinished folder
        raise InputError.of("cli.out_unnamed", Place(file=str(folder)))
    if folder.exists() and not folder.is_dir():
        raise InputError.of("cli.out_is_file", Place(file=str(folder)))
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise InputError.of("cli.out_not_empty", Place(file=str(folder)))
    if mark and not (folder / mark).exists():
        raise InputError.of("cli.out_not_ours", Place(file=str(folder)), mark=mark)
