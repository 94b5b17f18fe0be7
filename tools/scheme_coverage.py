"""Which requirement is shown by which scheme and worked example: a page made from the library.

In: `requirements` of each scheme and `shows` of its examples. Out: rows requirement -> scheme -> examples,
in order of the requirement's number. That each rule is really shown is proved by changing it
(tests/deep/test_scheme_mutants.py).
"""

from __future__ import annotations

import re

from minping_engine.assessment.examples import read_example
from minping_engine.scheme import load_scheme, scheme_ids

Coverage = dict[str, dict[str, list[str]]]


def coverage() -> Coverage:
    """Requirement -> scheme -> examples that show it."""
    made: Coverage = {}
    for name in scheme_ids():
        loaded = load_scheme(name, demo=True)
        for number in loaded.scheme.requirements:
            made.setdefault(number, {}).setdefault(name, [])
        for path in sorted((loaded.folder / "examples").glob("*.yaml")):
            for number in read_example(path).shows:
                made.setdefault(number, {}).setdefault(name, []).append(path.stem)
    return dict(sorted(made.items(), key=lambda row: _order(row[0])))


def coverage_page() -> str:
    """The page."""
    lines = [
        "# Requirements, schemes, examples",
        "",
        "Which requirement of the sources is expressed by which scheme, and which worked example shows it. "
        "A test changes every rule of every scheme once and demands that an example notices.",
        "",
        "| requirement | scheme | examples |",
        "|---|---|---|",
    ]
    for number, schemes in coverage().items():
        for scheme, examples in schemes.items():
            lines.append(f"| {number} | {scheme} | {', '.join(examples) or 'ships disabled'} |")
    return "\n".join(lines) + "\n"


def _order(number: str) -> tuple[str, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", number).groups()  # type: ignore[union-attr]
    return letters, int(digits)
