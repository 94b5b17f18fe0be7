"""The command `minping`: one module per command group.

In: arguments. Out: files, and words on a terminal (Chinese first, `--lang en` for English). The
only package that reads the clock. Errors of the tree become their exit code and a list of what
is wrong, where, and how to mend it.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the console script."""
    import gc

    # A short run makes many lasting objects and hardly a cycle: looking for cycles costs a tenth of it.
    gc.set_threshold(200_000, 50, 100)
    from minping_engine.cli.app import run

    run()


__all__ = ["main"]
