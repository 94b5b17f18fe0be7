"""The page of a trial: `trial.html` and `trial.svg`, files that need nothing from outside.

In: a trial. Out: what changed in words, the figures, and a picture per period. Ids only, no names.
"""

from __future__ import annotations

from pathlib import Path

from minping_engine.lab.model import RoundTrial, Trial
from minping_engine.lab.pictures import trial_picture
from minping_engine.lab.sheets import flip_rows, scheme_line
from minping_engine.lab.words import all_grades, demo_sentences, either_grade_word, stability_sentences, yuan
from minping_engine.reporting.html_pages import html_template
from minping_engine.reporting.numbers import period_text
from minping_engine.reporting.texts import texts


def write_trial_page(trial: Trial, folder: Path, *, language: str = "zh") -> None:
    """Write `trial.html` (all periods) and `trial.svg` (the newest) to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trial.svg").write_text(trial_picture(trial, language=language), "utf-8", newline="\n")
    page = html_template(__package__, "trial").render(
        words=texts("lab", language),
        language=language,
        demo=demo_sentences(trial, language),
        schemes=(scheme_line(trial.base, language), scheme_line(trial.changed, language)),
        changes=[change.sentence for change in trial.changes[language]],
        rounds=[_round(trial, number, language) for number in range(len(trial.rounds))],
    )
    (folder / "trial.html").write_text(page, "utf-8", newline="\n")


def _round(trial: Trial, number: int, language: str) -> dict[str, object]:
    round_, grades = trial.rounds[number], all_grades(trial)
    rows = flip_rows(round_, grades)
    used = [place for place in range(len(grades)) if any(counts[place] for _, counts in rows)]
    return {
        "period": period_text(round_.period, language),
        "figures": _figures(round_, language),
        "head": [either_grade_word(trial, grades[place], language) for place in used],
        "flips": [
            (
                either_grade_word(trial, before, language),
                [(counts[place], grades[place] == before) for place in used],
            )
            for before, counts in rows
        ],
        "money": [
            (
                use.title_en if language == "en" else use.title_zh,
                yuan(use.before),
                yuan(use.after),
                yuan(use.after - use.before),
            )
            for use in round_.money
        ],
        "stability": stability_sentences(trial, round_, language),
        "picture": trial_picture(trial, number, language),
    }


def _figures(round_: RoundTrial, language: str) -> list[tuple[str, str]]:
    words = texts("lab", language)
    money = yuan(sum(use.before for use in round_.money)), yuan(sum(use.after for use in round_.money))
    figures = [
        ("t_assessees", str(len(round_.people))), ("t_moved", str(round_.moved)),
        ("t_flipped", str(round_.flipped)),
        *([("t_money_before", money[0]), ("t_money_after", money[1])] if round_.money else []),
    ]  # fmt: skip
    return [(words[key], value) for key, value in figures]
