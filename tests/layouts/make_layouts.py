"""Writes every layout of this folder again: `python tests/layouts/make_layouts.py [FOLDER]`.

In: the layouts of `known.py` (the thirty), `traps.py` (must be refused) and `unseen.py` (written
after the guesser, never tuned against). Out: `FOLDER/<group>/<layout>/` with files and truth.
A test runs this script and compares with what is committed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dressing import write_layout
from known import known_layouts
from traps import trap_layouts
from unseen import unseen_layouts

GROUPS = {"known": known_layouts, "traps": trap_layouts, "unseen": unseen_layouts}


def main(folder: Path) -> None:
    """Write all groups below `folder`."""
    for group, layouts in GROUPS.items():
        for layout in layouts():
            write_layout(layout, folder / group / layout.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
