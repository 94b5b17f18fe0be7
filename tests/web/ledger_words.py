"""No record of the log holds words that somebody typed: checked wherever a test stages anything.

A text of a record is a code: printable ASCII without blanks, which no sentence and no Chinese name is. What
stands openly on purpose is listed in docs/method/ledger.md, “Words that stand openly”, by kind and key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "method" / "ledger.md"
CODE = re.compile(r"[!-~]{0,400}")
ROW = re.compile(r"^\| `([a-z_.]+)` \| `([a-z_.*]+)` \|", re.MULTILINE)


@cache
def open_words() -> frozenset[tuple[str, str]]:
    """(kind, key) of the table; a key ends with `.*` where all below it stands openly."""
    table = PAGE.read_text("utf-8").partition("## Words that stand openly")[2].partition("\n## ")[0]
    return frozenset(ROW.findall(table))


def words_in(kind: str, record: object) -> list[str]:
    """Keys of a record whose texts are words, and which the table does not name; `test.*` is no real kind."""
    if kind.startswith("test."):
        return []
    found = (key for key, text in _texts(record, "") if not CODE.fullmatch(text))
    return sorted({key for key in found if not _is_open(kind, key)})


def _is_open(kind: str, key: str) -> bool:
    for listed_kind, listed in open_words():
        if listed_kind == kind and (key == listed or key.startswith(listed.removesuffix("*"))):
            return key == listed or listed.endswith(".*")
    return False


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every text with its key, names of keys among them."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            below = f"{key}.{name}" if key else name
            yield below, name
            yield from _texts(inner, below)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner, key)


def commits_to(record: Any, name: str, text: str) -> bool:
    """Whether a record promises just these words, and holds them nowhere."""
    from minping_web.ledger.models import StagedEntry
    from minping_web.ledger.services.committing import salt_of

    promised, steps = record[f"{name}_sha256"], StagedEntry.objects.values_list("step_id", flat=True)
    salts = [salt for step in steps if (salt := salt_of(promised, text, step=step))]
    made = [hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest() for salt in salts]
    return made == [promised] and salts[0] not in str(record) and text not in str(record)
