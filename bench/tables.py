"""The tables of `bench/results/latest.md`.

In: measured figures, and `Race`, a row of the statistics. Out: lines of Markdown. Says nothing about what
is measured beyond the names of rows; the order of jobs and commands is `__main__.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Measured

ABOUT = {
    "decode": "pyarrow decodes the needed columns (the floor)",
    "scan": "DuckDB merely scans and sums them",
    "kernel": "**our kernel** for plain means (target x mode)",
    "kernel_cells": "**our kernel**, as the scheme asks (cells, answer counts, cross-products)",
    "ours": "**our run without papers**, as the scheme asks (the full chain, trace)",
    "ours_bare": "**our run**, bare scores (scheme without `fairness`)",
    "polars": "Polars, the bare scores",
    "pandas": "pandas, the bare scores",
}
STEPS = {
    "evidence": "kernel: ballots to sums",
    "chain": "chain: sums to the written result",
    "papers": "papers: 1,076 report cards, two processes",
}


@dataclass(frozen=True)
class Race:
    """One row of the statistics: ours, theirs (None = no peer), what is asked, what both agree on."""

    about: str
    peer: str
    ours: Measured
    theirs: Measured | None
    aim: str
    agreed: str


def row(cells: Sequence[str]) -> str:
    """A line of a table."""
    return "| " + " | ".join(cells) + " |"


def head(words: Sequence[str], numbers: Sequence[str]) -> list[str]:
    """The first two lines: columns of words to the left, of numbers to the right."""
    return [row([*words, *numbers]), row(["---"] * len(words) + ["---:"] * len(numbers))]


def peer_table(measured: Mapping[str, Measured]) -> list[str]:
    """Peers of one scale, with the ratio of CPU to the floor and to us."""
    floor, ours = measured["decode"].median("cpu"), measured["ours_bare"].median("cpu")
    lines = head(["job"], ["wall s", "CPU s", "CPU / floor", "CPU / our bare scores", "peak MB"])
    for name, made in measured.items():
        cpu = made.median("cpu")
        figures = [f"{made.median('wall'):.3f}", f"{cpu:.3f}", f"{cpu / floor:.1f}", f"{cpu / ours:.2f}"]
        lines.append(row([ABOUT[name], *figures, f"{made.median('peak_mb'):.0f}"]))
    return lines


def command_table(measured: Sequence[Measured]) -> list[str]:
    """Whole commands, start-up included."""
    lines = head(["command"], ["wall s", "min", "max", "CPU s", "peak MB (largest process)"])
    for made in measured:
        walls = [run.wall for run in made.runs]
        figures = [made.median("wall"), min(walls), max(walls), made.median("cpu")]
        lines.append(
            row([made.name, *(f"{figure:.2f}" for figure in figures), f"{made.median('peak_mb'):.0f}"])
        )
    return lines


def statistics_table(races: Sequence[Race]) -> list[str]:
    """Our statistics beside their peers; ratios of wall and of CPU seconds."""
    numbers = ["our wall s", "CPU s", "peer wall s", "CPU s", "wall ratio", "CPU ratio", "aim"]
    lines = head(["statistics", "peer"], numbers)
    lines = [f"{line} {mark} |" for line, mark in zip(lines, ("apart at most", "---"), strict=True)]
    for race in races:
        ours = [race.ours.median(figure) for figure in ("wall", "cpu")]
        cells = [race.about, race.peer, *(f"{seconds:.3f}" for seconds in ours)]
        if race.theirs is None:
            cells += ["-"] * 4
        else:
            theirs = [race.theirs.median(figure) for figure in ("wall", "cpu")]
            cells += [f"{seconds:.1f}" for seconds in theirs]
            cells += [f"{one / other:,.0f}x" for one, other in zip(theirs, ours, strict=True)]
        lines.append(row([*cells, race.aim, race.agreed]))
    return lines


def growth_table(measured: Mapping[int, Mapping[str, Measured]]) -> list[str]:
    """Steps by scale, each in a process of its own: wall seconds and peak memory."""
    lines = head(["step"], [f"{scale}x {figure}" for scale in measured for figure in ("wall s", "peak MB")])
    for step, about in STEPS.items():
        cells = [about]
        for made in measured.values():
            one = made.get(step)
            cells += [f"{one.median('wall'):.2f}", f"{one.median('peak_mb'):.0f}"] if one else ["-", "-"]
        lines.append(row(cells))
    return lines


def put_section(page: Path, title: str, lines: Sequence[str]) -> None:
    """In the place of the former one, else at the end."""
    text = page.read_text("utf-8") if page.exists() else ""
    before, _found, rest = text.partition(f"{title}\n")
    following = rest.find("\n## ")
    after = rest[following + 1 :] if following >= 0 else ""
    parts = [before.rstrip("\n"), "\n".join(lines).rstrip("\n"), after.rstrip("\n")]
    page.write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")
