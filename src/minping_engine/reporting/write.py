"""Writing report cards: result -> `<assessee>.pdf` and `communities/<area>.pdf`.

Joins `cards` (what is said), `fonts` and `press` (how it is printed). Equal input gives equal
bytes. A community's merged file is written only if all its cards are printed: half a file would
pass for the whole.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from minping_engine.assessment.result import Result
from minping_engine.errors import Problem
from minping_engine.reporting.card_model import CardData, CardFrame
from minping_engine.reporting.cards import build_cards, build_frame
from minping_engine.reporting.filenames import file_names
from minping_engine.reporting.fonts import font_folders
from minping_engine.reporting.press import Job, PressSetup, print_jobs
from minping_engine.scheme import LoadedScheme
from minping_engine.snapshot import Snapshot

COMMUNITIES = "communities"


def write_cards(
    result: Result,
    scheme: LoadedScheme,
    snapshot: Snapshot,
    folder: Path,
    *,
    language: str = "zh",
    processes: int = 2,
    only: Collection[str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_warning: Callable[[Problem], None] | None = None,
) -> int:
    """Print the cards of a result into `folder`; the number of cards.

    `only` names the assessees to print. `on_progress(done, total)` is called after each community.
    `on_warning` hears of characters that no font has. Callers of `processes` > 1 need a main module
    that can be imported (`if __name__ == "__main__"`).
    """
    cards = build_cards(result, scheme, snapshot, language, only)
    frame = _json(build_frame(result, scheme, snapshot, language))
    sheets = [_json(card) for card in cards]
    fonts = font_folders([frame, *sheets])
    if on_warning:
        for problem in fonts.warnings:
            on_warning(problem)
    jobs = _jobs(result, cards, sheets, folder)
    setup = PressSetup(frame, tuple(str(path) for path in fonts.folders))
    done = 0
    for printed in print_jobs(jobs, setup, processes):
        done += printed
        if on_progress:
            on_progress(done, len(cards))
    return done


def _json(data: CardData | CardFrame) -> str:
    return json.dumps(data, ensure_ascii=False, default=vars)


def _jobs(result: Result, cards: Sequence[CardData], sheets: Sequence[str], folder: Path) -> list[Job]:
    scores = result["scores"]
    names = file_names(scores["assessee_id"].to_pylist())
    areas = file_names(scores["area_id"].to_pylist())
    sizes: dict[str, int] = defaultdict(int)
    for area in scores["area_id"].to_pylist():
        sizes[area] += 1
    by_area: dict[str, list[tuple[Path, str]]] = defaultdict(list)
    for card, sheet in zip(cards, sheets, strict=True):
        by_area[card.area_id].append((folder / f"{names[card.assessee_id]}.pdf", sheet))
    (folder / COMMUNITIES).mkdir(parents=True, exist_ok=True)
    jobs = []
    for area, members in by_area.items():
        merged = folder / COMMUNITIES / f"{areas[area]}.pdf" if len(members) == sizes[area] else None
        jobs.append(Job(tuple(members), merged))
    return jobs
