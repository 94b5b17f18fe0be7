"""The protocol of a two-way choice as rows for papers (docs/method/two-way-choice.md).

In: a matching, or the mediation after it, and a language. Out: tables of texts, the same for the same input.
Layout and names of people are the paper's matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from minping_engine.errors import Language
from minping_engine.matching.blocking import find_blocking_pairs
from minping_engine.matching.market import Side
from minping_engine.matching.mediation import Mediation
from minping_engine.matching.outcome import Matching, ranked_pairs
from minping_engine.matching.words import blocking_in_words, unmatched_in_words, vacancy_in_words, word


@dataclass(frozen=True)
class ProtocolTable:
    """One table: `table_id` names it for programs, the rest is what people read."""

    table_id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def protocol_of(done: Matching | Mediation, language: Language) -> tuple[ProtocolTable, ...]:
    """How it was done, pairs, who is left out and why, choices met; after a mediation what it changed."""
    matching = done.after if isinstance(done, Mediation) else done
    tables = [
        _head(matching, language),
        _pairs(matching, language),
        _unmatched(matching, language),
        _vacancies(matching, language),
        _choices(matching, language),
    ]
    if isinstance(done, Mediation):
        tables += [_changes(done, language), _made(done, language), _ended(done, language)]
    return tuple(tables)


def _table(
    table_id: str, columns: Iterable[str], rows: Iterable[Iterable[object]], language: Language
) -> ProtocolTable:
    return ProtocolTable(
        table_id,
        word(f"table_{table_id}", language),
        tuple(word(f"column_{column}", language) for column in columns),
        tuple(tuple(str(cell) for cell in row) for row in rows),
    )


def _head(matching: Matching, language: Language) -> ProtocolTable:
    market = matching.market
    seats = sum(market.capacities.values())
    ties = "ties_seeded" if matching.ties.is_seeded else "ties_by_rule"
    values = {
        "people": len(market.people),
        "positions": word("value_positions", language, positions=len(market.positions), seats=seats),
        "pairs": len(matching.pairs),
        "proposing": word(f"proposing_{matching.proposing.value}", language),
        "ties": word(ties, language),
        "blocking": len(find_blocking_pairs(market, matching.pairs)),
    }
    rows = ((word(f"row_{key}", language), value) for key, value in values.items())
    return _table("head", ("subject", "content"), rows, language)


def _rank(rank: int, language: Language) -> str:
    return word("choice", language, rank=rank) if rank else word("outside", language)


def _pairs(matching: Matching, language: Language) -> ProtocolTable:
    rows = (
        (pair.position_id, pair.person_id, _rank(own, language), _rank(their, language))
        for pair, own, their in ranked_pairs(matching)
    )
    return _table("pairs", ("position", "person", "own", "their"), rows, language)


def _unmatched(matching: Matching, language: Language) -> ProtocolTable:
    rows = (
        (person.person_id, sentence)
        for person in matching.unmatched
        for sentence in unmatched_in_words(person, language)
    )
    return _table("unmatched", ("person", "reason"), rows, language)


def _vacancies(matching: Matching, language: Language) -> ProtocolTable:
    rows = ((one.position_id, one.seats, vacancy_in_words(one, language)) for one in matching.vacancies)
    return _table("vacancies", ("position", "seats", "reason"), rows, language)


def _choices(matching: Matching, language: Language) -> ProtocolTable:
    people, positions = (matching.choices_met(side) for side in (Side.PEOPLE, Side.POSITIONS))
    ranks = sorted({*people, *positions} - {0}) + [0] * bool({0} & {*people, *positions})
    rows = [(_rank(rank, language), people.get(rank, 0), positions.get(rank, 0)) for rank in ranks]
    left = (word("nobody", language), len(matching.unmatched), sum(one.seats for one in matching.vacancies))
    return _table("choices", ("choice", "people", "positions"), [*rows, left], language)


def _changes(mediation: Mediation, language: Language) -> ProtocolTable:
    nobody = word("nobody", language)
    rows = (
        (
            number,
            change.person_id,
            mediation.before.position_of.get(change.person_id, nobody),
            change.position_id or nobody,
        )
        for number, change in enumerate(mediation.changes, 1)
    )
    return _table("changes", ("number", "person", "from", "to"), rows, language)


def _made(mediation: Mediation, language: Language) -> ProtocolTable:
    rows = (
        (blocking_in_words(new.pair, language), ", ".join(str(number + 1) for number in new.because_of))
        for new in mediation.made
    )
    return _table("made", ("content", "because"), rows, language)


def _ended(mediation: Mediation, language: Language) -> ProtocolTable:
    rows = ((blocking_in_words(pair, language),) for pair in mediation.ended)
    return _table("ended", ("content",), rows, language)
