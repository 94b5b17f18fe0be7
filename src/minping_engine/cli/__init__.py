"""The command `minping`: one module per command group.

In: arguments. Out: files, and words on a terminal (Chinese first, `--lang en` for English). The
only package that reads the clock. Errors of the tree become their exit code and a list of what
is wrong, where, and how to mend it. What commands of other packages share with these (`extensions`)
stands in the list of names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.cli.language import LanguageOption, checked_language, default_language, pick


def main() -> None:
    """Entry point of the console script."""
    import gc

    # A short run makes many lasting objects and hardly a cycle: looking for cycles costs a tenth of it.
    gc.set_threshold(200_000, 50, 100)
    from minping_engine.cli.app import run

    run()


__all__ = ["LanguageOption", "checked_language", "default_language", "main", "pick"]

__getattr__ = lazy_front(
    __name__,
    {
        "LanguageOption": "language",
        "checked_language": "language",
        "default_language": "language",
        "pick": "language",
    },
)
