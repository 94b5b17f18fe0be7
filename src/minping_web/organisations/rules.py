"""Rules of contracts as plain values: what a sub-contract may be, given the contract it hangs on.

A lead contractor may pass parts of its contract on (S45): a sub-contract lies inside its main contract in
time and in money, its principal is the main contract's contractor, and the tree has no circles. Amounts
are whole fen. Nothing here knows the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from minping_engine.errors import Place, Problem

DEEPEST = 3
"""Levels of sub-contracts below a main contract. Deeper chains hide who does the work."""


@dataclass(frozen=True)
class Terms:
    """What counts when contracts are compared."""

    code: str
    principal: int
    contractor: int
    starts_on: date
    ends_on: date
    amount_fen: int


def faults_of_terms(terms: Terms, place: Place) -> list[Problem]:
    """What is wrong with a contract by itself."""
    problems = []
    if terms.ends_on < terms.starts_on:
        problems.append(_fault("contract.ends_before_start", place, "ends_on", code=terms.code))
    if terms.principal == terms.contractor:
        problems.append(_fault("contract.with_itself", place, "contractor", code=terms.code))
    return problems


def faults_below(terms: Terms, main: Terms, siblings: Sequence[Terms], place: Place) -> list[Problem]:
    """What is wrong with a sub-contract under `main`; `siblings` are the other contracts under it."""
    problems = []
    names = {"code": terms.code, "main": main.code}
    if terms.principal != main.contractor:
        problems.append(_fault("contract.principal_differs", place, "principal", **names))
    if terms.starts_on < main.starts_on:
        problems.append(_fault("contract.starts_before_main", place, "starts_on", **names))
    if terms.ends_on > main.ends_on:
        problems.append(_fault("contract.ends_after_main", place, "ends_on", **names, day=main.ends_on))
    passed_on = terms.amount_fen + sum(other.amount_fen for other in siblings)
    if passed_on > main.amount_fen:
        over = yuan(passed_on - main.amount_fen)
        problems.append(_fault("contract.above_main", place, "amount_fen", **names, over=over))
    return problems


def faults_of_chain(
    code: str, main: str | None, mains: Mapping[str, str | None], place: Place
) -> list[Problem]:
    """Circles and chains that are too deep, when `code` hangs under `main`; `mains` holds all other links."""
    depth, above, below = 0, main, height(code, mains)
    while above is not None:
        depth += 1
        if above == code:
            return [_fault("contract.circle", place, "main", code=code, main=main)]
        if depth + below > DEEPEST:
            return [_fault("contract.too_deep", place, "main", code=code, deepest=DEEPEST)]
        above = mains.get(above)
    return []


def height(code: str, mains: Mapping[str, str | None]) -> int:
    """How many levels of contracts hang below this one; counting stops beyond `DEEPEST`."""
    level, found = {code}, 0
    while found <= DEEPEST:
        level = {name for name, main in mains.items() if main in level}
        if not level:
            break
        found += 1
    return found


def yuan(fen: int) -> str:
    """Fen as yuan with two places: 1234567 -> 12,345.67."""
    sign, whole = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{whole // 100:,}.{whole % 100:02d}"


def is_active(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Whether a period, open where None, holds the day."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


KIND_WORDS: dict[str, object] = {
    "区级主管部门": "bureau",
    "部门": "department",
    "街道办事处": "street_office",
    "社区居委会": "community_committee",
    "调查公司": "survey_firm",
    "社会组织": "social_organisation",
    "承包单位": "contractor",
    "物业公司": "property_company",
    "驻区单位": "unit",
}
"""What tables call the kinds; the keys themselves are understood as well."""
KIND_WORDS |= {"调查机构": "survey_firm"} | {str(kind): kind for kind in KIND_WORDS.values()}


def word_of_kind(kind: str, *, english: bool = False) -> str:
    """How an export writes a kind, so that the import reads it back."""
    return kind if english else next(word for word, found in KIND_WORDS.items() if found == kind)


def _fault(code: str, place: Place, key: str, /, **params: object) -> Problem:
    return Problem(code, Place(place.file, place.sheet, place.row, place.column, place.key or key), params)
