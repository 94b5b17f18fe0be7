"""Drafts of sheets: what a result proposes, and what of it differs from what was signed before.

In: proposals of one use, amounts signed before by assessee. Out: lines. Amounts are whole fen: what was
signed before and the difference add up to what the engine proposes now, to the fen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from minping_web.rewards.rules.words import Change, Family


@dataclass(frozen=True)
class DraftLine:
    """What follows for one assessee."""

    assessee_id: str
    fen: int | None
    basis: Mapping[str, str]
    basis_words: tuple[str, str] = ("", "")
    """In Chinese and English."""
    told_apart: bool | None = None
    before_fen: int | None = None
    change: str = Change.NONE.value


@dataclass(frozen=True)
class DraftSheet:
    """One use: what it is and its rule in Chinese and English, and its lines."""

    use: str
    kind: str
    family: Family
    text: tuple[str, str]
    rule_words: tuple[str, str]
    rule: str
    signatures: int
    has_money: bool
    """Whether its amounts are paid."""
    lines: Sequence[DraftLine] = field(default_factory=tuple)
    granted_fen: int | None = None
    """A budget that the scheme divides in shares."""


@dataclass(frozen=True)
class Held:
    """What was signed for one assessee so far: money, or that a consequence without money holds."""

    fen: int = 0
    holds: bool = False


def differing(sheet: DraftSheet, signed: Mapping[str, Held]) -> DraftSheet:
    """The sheet with those lines alone that change what was signed."""
    wanted = {line.assessee_id: line for line in sheet.lines}
    names = sorted(wanted.keys() | signed.keys())
    has_amounts = sheet.has_money or any(line.fen is not None for line in sheet.lines)
    one = _paid if has_amounts else _without_money
    lines = [one(name, wanted.get(name), signed.get(name, Held())) for name in names]
    return replace(sheet, lines=tuple(line for line in lines if line is not None))


def _paid(name: str, line: DraftLine | None, held: Held) -> DraftLine | None:
    wanted = line.fen or 0 if line else 0
    if wanted == held.fen and (line is not None) == held.holds:
        return None
    change = Change.CHANGED if held.holds and line else Change.ADDED if line else Change.WITHDRAWN
    found = line or DraftLine(name, 0, {})
    return replace(found, fen=wanted - held.fen, before_fen=held.fen, change=change.value)


def _without_money(name: str, line: DraftLine | None, held: Held) -> DraftLine | None:
    if (line is not None) == held.holds:
        return None
    found = line or DraftLine(name, None, {})
    return replace(found, change=(Change.ADDED if line else Change.WITHDRAWN).value)
