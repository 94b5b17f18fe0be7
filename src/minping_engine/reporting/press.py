"""Printing: cards as data -> PDF bytes, in as many processes as there are.

A `Press` holds one typst compiler with its fonts open and a work folder where the template and
its data lie; reusing it makes a card cost milliseconds. `print_jobs` gives communities to a pool
of presses. Processes are spawned, never forked: the caller may hold threads of a database.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import cast

from minping_engine.errors import MinpingError, Place

POOL_FROM = 24
"""Below this many cards, starting processes costs more than it saves."""
Json = str
"""A card or frame as the template reads it: text is what travels between processes cheapest."""


@dataclass(frozen=True)
class Job:
    """Cards of one community: `singles` are files of one card, `merged` the file of all, if wanted."""

    singles: tuple[tuple[Path, Json], ...]
    merged: Path | None


@dataclass(frozen=True)
class PressSetup:
    """What a press needs to start: the frame of the round, and font folders."""

    frame: Json
    font_folders: tuple[str, ...]


class Press:
    """One compiler. Close it to remove its work folder."""

    def __init__(self, setup: PressSetup) -> None:
        import typst

        self._folder = tempfile.TemporaryDirectory(prefix="minping-cards-")
        self._work = Path(self._folder.name)
        template = resources.files(__package__) / "templates" / "card.typ"
        main = self._work / "card.typ"
        main.write_text(template.read_text("utf-8"), "utf-8")
        self._put("frame.json", setup.frame)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=list(setup.font_folders)
        )
        self._compiler = typst.Compiler(input=str(main), root=str(self._work), font_paths=fonts)

    def close(self) -> None:
        """Remove the work folder."""
        self._folder.cleanup()

    def pdf(self, cards: Sequence[Json]) -> bytes:
        """One PDF, a page for each card."""
        self._put("cards.json", f"[{','.join(cards)}]")
        printed = self._compiler.compile(pdf_tags=False)
        return cast(bytes, printed)

    def run(self, job: Job) -> int:
        """Write a job's files; the number of single cards."""
        for path, card in job.singles:
            path.write_bytes(self._print_one(path.stem, card))
        if job.merged is not None:
            job.merged.write_bytes(self.pdf([card for _, card in job.singles]))
        return len(job.singles)

    def _print_one(self, name: str, card: Json) -> bytes:
        try:
            return self.pdf([card])
        except RuntimeError as error:
            place = Place(key=name)
            raise MinpingError.of("reporting.card_failed", place, reason=str(error)) from error

    def _put(self, name: str, text: Json) -> None:
        (self._work / name).write_text(text, "utf-8")


def print_jobs(jobs: Sequence[Job], setup: PressSetup, processes: int) -> Iterator[int]:
    """Print all jobs; yields the number of cards of each as it is done."""
    cards = sum(len(job.singles) for job in jobs)
    if processes > 1 and cards >= POOL_FROM:
        yield from _print_in_pool(jobs, setup, processes)
        return
    press = Press(setup)
    try:
        for job in jobs:
            yield press.run(job)
    finally:
        press.close()


_press: Press | None = None


def _start(setup: PressSetup) -> None:
    global _press
    _press = Press(setup)


def _run(job: Job) -> int:
    if _press is None:
        raise RuntimeError("a worker process without a press")
    return _press.run(job)


def _print_in_pool(jobs: Sequence[Job], setup: PressSetup, processes: int) -> Iterator[int]:
    """Largest jobs first, so that no process is left alone with a long one at the end."""
    ordered = sorted(jobs, key=lambda job: -len(job.singles))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(setup,)) as pool:
        waiting: set[Future[int]] = {pool.submit(_run, job) for job in ordered}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
