"""One round with progress bars: assess, then papers, then the whole folder in place at once.

Everything is written into `.OUT.partial`; a killed run leaves it there, and the next run reuses
the evidence in it that is still true to its input.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from minping_engine.assessment import Result, assess, write_result
from minping_engine.assessment.result import TRACE
from minping_engine.cli.language import pick
from minping_engine.cli.problems import print_problems
from minping_engine.errors import Language
from minping_engine.evidence import scheduler_named
from minping_engine.reporting import write_cards, write_papers
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot, put_in_place

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class RoundRequest:
    """What to assess, where to, and how."""

    snapshot: Snapshot
    scheme: LoadedScheme
    out: Path
    scheduler: str = "serial"
    workers: int = 2
    cards: bool = True
    language: Language = "zh"


def run_round(request: RoundRequest) -> Result:
    """Assess, write everything, and put the folder in place. Returns the result."""
    partial = request.out.with_name(f".{request.out.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    language = request.language
    with progress_bar(pick(language, "统计答卷", "Counting ballots")) as report:
        result = assess(
            request.snapshot,
            request.scheme,
            partial,
            scheduler_named(request.scheduler, request.workers),
            clock=time.perf_counter,
            on_progress=lambda _stage, done, total: report(done, total),
        )
    _drop_leftovers(partial, request, result.head["specs"])
    started = time.perf_counter()
    write_papers(result, request.scheme, request.snapshot, partial, language=language)
    seconds = {"papers": round(time.perf_counter() - started, 4)}
    if request.cards and not request.scheme.scheme.has_tree:
        started = time.perf_counter()
        write_all_cards(request, result, partial / "cards")
        seconds["cards"] = round(time.perf_counter() - started, 4)
    run = {**result.run, "seconds": {**result.run["seconds"], **seconds}}
    write_result(Result(result.tables, result.head, run), partial)
    put_in_place(partial, request.out)
    return result


def _drop_leftovers(partial: Path, request: RoundRequest, specs: Sequence[str]) -> None:
    """Remove all that is not this run's evidence: a killed run of other input may have left papers."""
    instruments = {form.key for form in request.scheme.scheme.instruments}
    kept = {
        partial / TRACE / "evidence" / spec[:16] / f"district={part.district}"
        for part in request.snapshot.parts
        if part.instrument in instruments
        for spec in specs
    }
    for path in sorted(partial.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.parent not in kept:
            path.unlink()


def write_all_cards(request: RoundRequest, result: Result, folder: Path) -> int:
    """Report cards of everybody, with a progress bar."""
    with progress_bar(pick(request.language, "成绩单", "Report cards")) as report:
        return write_cards(
            result,
            request.scheme,
            request.snapshot,
            folder,
            language=request.language,
            processes=request.workers,
            on_progress=report,
            on_warning=lambda problem: print_problems((problem,), request.language),
        )


@contextmanager
def progress_bar(title: str) -> Iterator[Report]:
    """A bar on the error stream; silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield report
