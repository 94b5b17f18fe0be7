"""Texts that the tool for translations cannot see would stay English on Chinese pages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from minping_web.common import look

PRODUCT = Path(look.__file__).parents[1]
NAMES = {
    "_",
    "gettext",
    "gettext_lazy",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
}

SUSPECT = re.compile(r"\{\s*(?:_|n?p?gettext(?:_lazy)?)\(")
"""Files without it need not be parsed."""


def hidden(source: str) -> list[int]:
    """Lines where a text is marked inside a formatted string: xgettext does not look into those."""
    if not SUSPECT.search(source):
        return []
    marked = [
        call.lineno
        for joined in ast.walk(ast.parse(source))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in NAMES
        if any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in call.args)
    ]
    return sorted(set(marked))


def test_no_text_is_marked_inside_a_formatted_string() -> None:
    found = {
        str(path.relative_to(PRODUCT)): hidden(path.read_text("utf-8")) for path in PRODUCT.rglob("*.py")
    }
    assert {path: lines for path, lines in found.items() if lines} == {}
    assert hidden("f\"{_('Report')} {name}\"") == [1], "the check itself sees one"
