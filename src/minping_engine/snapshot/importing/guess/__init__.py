"""Guessing the map: which column of a firm's spreadsheet means what, or why that cannot be said.

In: the files as they came, and a scheme (or the whole library). Out: `Guess`: a map that is safe to
use without asking, or the coded reasons why not, with the lines of the map that a person must write.
Rule of the package: better refused than wrong. Reading files is `raw.py`'s part, applying a map is
`apply`'s. Method: `docs/reference/import-guess.md`.

    words.yaml/words  what headings and answers are called
    columns           what stands in a column           rows     totals and footers below the data
    items, answers    questions and their answers       roles    target, household, time, mode, places
    long_form         one row per answer                drafting the map and its lines
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.snapshot.importing.guess.outcome import Guess
    from minping_engine.snapshot.importing.guess.run import guess_map

__all__ = ["Guess", "guess_map"]

__getattr__ = lazy_front(__name__, {"Guess": "outcome", "guess_map": "run"})
