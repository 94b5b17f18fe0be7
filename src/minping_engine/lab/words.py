"""Words that tables, workbook and page of a trial share: grades, reasons, sentences on stability.

In: a trial, a language. Out: text.
"""

from __future__ import annotations

from minping_engine.lab.model import RoundTrial, StabilityState, Trial
from minping_engine.reporting.grade_words import grade_labels
from minping_engine.reporting.texts import texts
from minping_engine.scheme import LoadedScheme, band_lists
from minping_engine.terms import MeasureState, NotAssessed, label

NAMED = 4
"""Demo values that are named; the rest is only counted."""


def grades_of(loaded: LoadedScheme) -> tuple[str, ...]:
    """All grades, best first, by their place in the lists of bands."""
    places: dict[str, int] = {}
    for bands in band_lists(loaded.scheme).values():
        for place, band in enumerate(sorted(bands, key=lambda band: -band.from_points)):
            places[band.grade] = max(place, places.get(band.grade, 0))
    return tuple(sorted(places, key=lambda grade: places[grade])) or tuple(grade_labels(loaded, "zh"))


def all_grades(trial: Trial) -> list[str | None]:
    """Grades of both schemes, best first, and last no grade."""
    return [*dict.fromkeys([*grades_of(trial.changed), *grades_of(trial.base)]), None]


def grade_word(loaded: LoadedScheme, grade: str | None, language: str) -> str:
    """A grade as people call it."""
    if grade is None:
        return texts("lab", language)["t_none"]
    labels = {
        band.grade: band.label.of(language) for bands in band_lists(loaded.scheme).values() for band in bands
    }
    return (labels or grade_labels(loaded, language)).get(grade, grade)


def either_grade_word(trial: Trial, grade: str | None, language: str) -> str:
    """The same; a grade that the changed scheme has no more is called as before."""
    known = grade is None or grade in grades_of(trial.changed)
    return grade_word(trial.changed if known else trial.base, grade, language)


def reason_word(reason: str | None, language: str) -> str | None:
    """Why somebody has no score."""
    for states in (MeasureState, NotAssessed):
        if reason in set(states):
            return label(states(reason), language)
    return reason


def stability_sentences(trial: Trial, round_: RoundTrial, language: str) -> list[str]:
    """What was varied, and which weight moves most."""
    words, stability = texts("lab", language), round_.stability
    if stability.state is not StabilityState.VARIED:
        return [words[f"t_{stability.state.value}"]]
    said = {"spread": trial.spread_percent, "draws": trial.draws, "seed": trial.seed}
    if stability.tau_median is None:
        lines = [words["t_varied_no_order"].format(**said)]
    else:
        taus = {"tau": f"{stability.tau_median:.2f}", "low": f"{stability.tau_low:.2f}"}
        lines = [words["t_varied"].format(**said, **taus)]
    first = stability.levers[0]
    title = first.title_en if language == "en" else first.title_zh
    lever = words["t_lever_first"].format(title=title, spread=trial.spread_percent, n=first.most)
    lines.append(lever if first.most else words["t_lever_none"].format(spread=trial.spread_percent))
    return [*lines, words["t_held"]]


def demo_sentences(trial: Trial, language: str) -> list[str]:
    """What says that this is a demonstration; empty for real data and values."""
    words = texts("lab", language)
    lines = [words["t_demo"]] if any(round_.synthetic for round_ in trial.rounds) else []
    titles = _demo_titles(trial, language)
    if titles:
        listed = words["t_between"].join(titles[:NAMED]) + (words["t_and_more"] if titles[NAMED:] else "")
        lines.append(words["t_demo_values"].format(n=len(titles), titles=listed))
    return lines


def _demo_titles(trial: Trial, language: str) -> list[str]:
    """Values of either scheme for which a demo value stands."""
    used = [value for loaded in (trial.base, trial.changed) for value in loaded.values.values()]
    titles = {
        value.id: value.title_en if language == "en" else value.title_zh
        for value in used
        if value.origin == "demo"
    }
    return [titles[name] for name in sorted(titles)]


def yuan(fen: int) -> str:
    """Money as people write it."""
    return f"{fen / 100:,.2f}" if fen % 100 else f"{fen // 100:,}"
