"""Two-way choice: people and positions choose each other, stably (docs/method/two-way-choice.md).

In: lists of both sides with ties, capacities, an order for ties. Out: pairs, the reason for everybody left
out, blocking pairs of any matching, what a mediated change would part, a protocol. Holds ids, no names.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.matching.blocking import (
        BlockingPair,
        find_blocking_pairs,
        unlisted_pairs,
    )
    from minping_engine.matching.market import (
        Market,
        Person,
        Position,
        Side,
        Tiers,
        check_market,
        tiers,
    )
    from minping_engine.matching.mediation import (
        MediatedChange,
        Mediation,
        NewBlockingPair,
        apply_mediation,
    )
    from minping_engine.matching.outcome import (
        Matching,
        Pair,
        Refusal,
        RefusedChoice,
        UnmatchedPerson,
        UnmatchedReason,
        Vacancy,
        VacancyReason,
        matching_of,
    )
    from minping_engine.matching.protocol import (
        ProtocolTable,
        protocol_of,
    )
    from minping_engine.matching.stable import (
        match_stably,
    )
    from minping_engine.matching.ties import (
        TieOrder,
    )
    from minping_engine.matching.words import (
        blocking_in_words,
        refusal_in_words,
        unmatched_in_words,
        vacancy_in_words,
    )

__all__ = [
    "BlockingPair",
    "Market",
    "Matching",
    "MediatedChange",
    "Mediation",
    "NewBlockingPair",
    "Pair",
    "Person",
    "Position",
    "ProtocolTable",
    "Refusal",
    "RefusedChoice",
    "Side",
    "TieOrder",
    "Tiers",
    "UnmatchedPerson",
    "UnmatchedReason",
    "Vacancy",
    "VacancyReason",
    "apply_mediation",
    "blocking_in_words",
    "check_market",
    "find_blocking_pairs",
    "match_stably",
    "matching_of",
    "protocol_of",
    "refusal_in_words",
    "tiers",
    "unlisted_pairs",
    "unmatched_in_words",
    "vacancy_in_words",
]

__getattr__ = lazy_front(
    __name__,
    {
        "BlockingPair": "blocking",
        "Market": "market",
        "Matching": "outcome",
        "MediatedChange": "mediation",
        "Mediation": "mediation",
        "NewBlockingPair": "mediation",
        "Pair": "outcome",
        "Person": "market",
        "Position": "market",
        "ProtocolTable": "protocol",
        "Refusal": "outcome",
        "RefusedChoice": "outcome",
        "Side": "market",
        "TieOrder": "ties",
        "Tiers": "market",
        "UnmatchedPerson": "outcome",
        "UnmatchedReason": "outcome",
        "Vacancy": "outcome",
        "VacancyReason": "outcome",
        "apply_mediation": "mediation",
        "blocking_in_words": "words",
        "check_market": "market",
        "find_blocking_pairs": "blocking",
        "match_stably": "stable",
        "matching_of": "outcome",
        "protocol_of": "protocol",
        "refusal_in_words": "words",
        "tiers": "market",
        "unlisted_pairs": "blocking",
        "unmatched_in_words": "words",
        "vacancy_in_words": "words",
    },
)
