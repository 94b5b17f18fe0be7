"""Rows of problems: where in a file a key stands, found only once something is wrong.

In: problems of a scheme with their places, the folder, a district's own file. Out: the same problems
with `Place.row` filled where the key can be found. Keys name members of lists by number or by id, as
`indicators.repairs.points`; a part of a tree may stand in `parts`, however deep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from minping_engine.errors import Place, Problem

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NAMING = ("id", "grade")
"""Keys by which the members of a list are named in places."""


def with_rows(problems: Iterable[Problem], folder: Path, *, without: Collection[str] = ()) -> list[Problem]:
    """The problems with rows; none for the files `without`, whose content is not what was read."""
    tree_of = cache(_tree)
    return [
        problem
        if problem.place.file in without
        else _with_row(problem, tree_of(_file(folder, problem.place)))
        for problem in problems
    ]


def _file(folder: Path, place: Place) -> Path | None:
    if place.row or not place.file or not place.key:
        return None
    path = Path(place.file)
    return path if path.is_absolute() or place.file.startswith(str(folder)) else folder / path


def _tree(path: Path | None) -> yaml.Node | None:
    """The nodes of a file with their lines; None where there is nothing to look at."""
    if path is None or not path.is_file():
        return None
    try:
        node: yaml.Node | None = yaml.compose(path.read_text("utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    return node


def _with_row(problem: Problem, tree: yaml.Node | None) -> Problem:
    if tree is None:
        return problem
    return replace(problem, place=replace(problem.place, row=row_of(tree, problem.place.key)))


def row_of(tree: yaml.Node, key: str) -> int:
    """The row of a key, counted from 1; 0 where no step of it is found."""
    steps = key.split(".")
    for start in _starts(tree):
        row = _row_below(start, steps)
        if row:
            return row
    named = [node for node in _all(tree) if _name(node) == key]
    return named[-1].start_mark.line + 1 if named else 0


def _starts(tree: yaml.Node) -> Iterator[yaml.Node]:
    """Where a path may begin: the file; in a file of values the newest value, then the demo value."""
    yield tree
    dated = _child(tree, "values")
    values = reversed(dated.value) if isinstance(dated, yaml.SequenceNode) else ()
    for node in (*(_child(value, "value") for value in values), _child(tree, "demo")):
        if node is not None:
            yield node


def _row_below(node: yaml.Node, steps: list[str]) -> int:
    """The row of the last step that is found; 0 unless the first one is."""
    row = 0
    for step in steps:
        found = _step(node, step)
        if found is None and not row:
            return 0
        if found is not None:
            row, node = found
    return row


def _step(node: yaml.Node, step: str) -> tuple[int, yaml.Node] | None:
    """Row and node one step down."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value) == step:
                return key.start_mark.line + 1, value
        return None
    if not isinstance(node, yaml.SequenceNode):
        return None
    if step.isdigit() and int(step) < len(node.value):
        found = node.value[int(step)]
        return found.start_mark.line + 1, found
    named = next((part for part in _all(node) if _name(part) == step), None)
    return None if named is None else (named.start_mark.line + 1, named)


def _child(node: yaml.Node, key: str) -> yaml.Node | None:
    found = _step(node, key) if isinstance(node, yaml.MappingNode) else None
    return found[1] if found else None


def _name(node: yaml.Node) -> str | None:
    """The id of a part."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((str(value.value) for key, value in node.value if key.value in NAMING), None)


def _all(node: yaml.Node) -> Iterator[yaml.Node]:
    """A node and all below it, in the order of the file."""
    yield node
    if isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _all(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _all(value)
