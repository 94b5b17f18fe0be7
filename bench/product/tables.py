"""The page `bench/results/product.md`: one table per part, databases beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.product.meter import Figure
from bench.product.pages import AIM_MS
from bench.tables import head, row

ByDatabase = Mapping[str, Sequence[Figure]]


def seconds_table(made: ByDatabase) -> list[str]:
    """Wall seconds and seconds of work, ours and the server's."""
    columns = [f"{name} {what}" for name in made for what in ("wall s", "work s", "of it server")]
    lines = head(["step"], columns)
    for figures in _rows(made):
        cells = [f"{one.median(what):.1f}" for one in figures for what in ("wall", "work", "server")]
        lines.append(row([_label(figures[0]), *cells]))
    return lines


def entry_table(made: ByDatabase, entries: int) -> list[str]:
    """Microseconds per entry."""
    columns = [f"{name} {what} µs" for name in made for what in ("wall", "work")]
    lines = head(["step, per entry"], columns)
    for figures in _rows(made):
        cells = [f"{one.median(what) * 1e6 / entries:.1f}" for one in figures for what in ("wall", "work")]
        lines.append(row([_label(figures[0]), *cells]))
    return lines


def page_table(made: ByDatabase) -> list[str]:
    """Milliseconds per page; bold where even the least work is more than the aim."""
    columns = [
        f"{name} {what}" for name in made for what in ("wall ms", "work ms", "least work ms", "queries")
    ]
    lines = head(["page"], columns)
    for figures in _rows(made):
        cells = []
        for one in figures:
            wall, work = (one.median(what) * 1000 for what in ("wall", "work"))
            least = f"{one.least_work * 1000:.0f}"
            told = f"**{least}**" if one.least_work * 1000 > AIM_MS else least
            cells += [f"{wall:.0f}", f"{work:.0f}", told, "" if one.queries is None else str(one.queries)]
        lines.append(row([figures[0].name, *cells]))
    return lines


def _rows(made: ByDatabase) -> Iterator[Sequence[Figure]]:
    yield from zip(*made.values(), strict=True)


def _label(figure: Figure) -> str:
    return f"{figure.name} ({figure.note})" if figure.note else figure.name
